"""`kizuki staff add`: the first people, from the terminal."""

import typer
from sqlmodel import select

from survey_api.access import actions
from survey_api.kit.actor import Actor
from survey_api.kit.problems import Problem
from survey_api.runtime import open_runtime
from survey_api.settings import Settings
from survey_api.tables.schools import School
from survey_api.vocabulary import Role

app = typer.Typer(no_args_is_help=True, help="Staff.")


@app.callback()
def staff() -> None:
    """People who work with Kizuki."""


@app.command()
def add(
    login: str,
    name: str,
    role: Role,
    school_code: str = typer.Option("", help="学校コード; empty: the whole city"),
    password: str = typer.Option(..., prompt=True, confirmation_prompt=True, hide_input=True),
) -> None:
    """Add a member of staff with one role."""
    with open_runtime(Settings()) as runtime, runtime.work(Actor.terminal("staff add")) as work:
        school_id = None
        if school_code:
            school_id = work.db.exec(select(School.id).where(School.code == school_code)).first()
            if school_id is None:
                raise Problem(f"学校コード {school_code} の学校がありません。名簿を先に取り込んでください。")
        actions.grant(work, actions.add_staff(work, login, name, password), role, school_id)
    typer.echo(f"{login} を加えました。")

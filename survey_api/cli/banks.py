"""`kizuki banks`: every mistake of every bank in words, the generated handbooks, the line of the lock."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from scoring.seal import UNSIGNED, sealed
from survey_api.journeys.publish_bank import publish_bank
from survey_api.kit.actor import Actor
from survey_api.kit.problems import Problem
from survey_api.runtime import open_runtime
from survey_api.services.banks.check import BankProblems, bank_folders, checked_bank, problems
from survey_api.services.banks.handbook import handbook
from survey_api.services.banks.library import NORMS, load_bank
from survey_api.services.banks.norms import norms_text
from survey_api.services.banks.page_words import page_word_problems
from survey_api.services.banks.rules import lock_line
from survey_api.services.banks.sheets import sheet_of
from survey_api.services.banks.yaml_files import read_yaml
from survey_api.settings import Mode, Settings

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "question_banks"
PAGES = ROOT / "survey_ui" / "student"
app = typer.Typer(no_args_is_help=True, help="Question banks.")


@app.callback()
def banks() -> None:
    """Question banks as text under review."""


@app.command()
def check(folder: Path = FOLDER) -> None:
    """List all mistakes of the banks and of the pupil pages at once; exit code 1 when there are any."""
    found = problems(folder) + [f"survey_ui/student/{line}" for line in page_word_problems(PAGES)]
    for line in found:
        typer.echo(line, err=True)
    if found:
        raise typer.Exit(1)
    typer.echo("question banks: no mistakes")


@app.command("handbook")
def write_handbooks(folder: Path = FOLDER) -> None:
    """Write HOW-SCORED.md of every bank again."""
    for bank in bank_folders(folder):
        page = handbook(load_bank(bank), read_yaml(bank / "examples.yaml"))
        (bank / "HOW-SCORED.md").write_text(page, encoding="utf-8")
        typer.echo(f"{bank.name}/HOW-SCORED.md")


@app.command("norms")
def write_norms(folder: Path = FOLDER) -> None:
    """Write norms.yaml of every bank again, from simulated pupils who read. Takes about a minute."""
    from scoring.lab.norms import norms_from  # numpy and the simulator: only when needed

    for bank in bank_folders(folder):
        loaded = load_bank(bank)
        content = {**loaded.content, "reference": read_yaml(bank / "reference.yaml")}
        norms = norms_from(content, loaded.scoring_key, partial(sheet_of, loaded))
        (bank / NORMS).write_text(norms_text(norms), encoding="utf-8")
        typer.echo(f"{bank.name}/{NORMS}")


@app.command()
def sign(
    bank: str,
    by: Annotated[
        str, typer.Option(help="name, office and date of whoever checked the points; empty: not signed yet")
    ] = "",
    folder: Path = FOLDER,
) -> None:
    """Write a signature and the seal that binds it to the points as they stand; any later change breaks it."""
    place = folder / bank / "scoring.yaml"
    if not place.is_file():
        raise Problem(f"「{bank}」という質問集はありません。")
    text = place.read_text(encoding="utf-8")
    place.write_text(sealed(text, read_yaml(place)["model"], by or UNSIGNED), encoding="utf-8")
    write_handbooks(folder)
    typer.echo(f"{bank}: {by or UNSIGNED}")


@app.command()
def lock(bank: str, folder: Path = FOLDER) -> None:
    """Print the line of PUBLISHED.lock for a bank without mistakes."""
    try:
        loaded = checked_bank(folder / bank)
    except BankProblems as found:
        typer.echo(str(found), err=True)
        raise typer.Exit(1) from None
    typer.echo(lock_line(loaded.bank.id, loaded.bank.version, loaded.sha256))


@app.command()
def publish(bank: str, folder: Path = FOLDER) -> None:
    """Put a bank without mistakes into the house, frozen by its hash; waves are planned with published banks only.

    The same content again changes nothing. Outside practice the points table must be signed (`kizuki banks sign`).
    """
    place = folder / bank
    if not (place / "bank.yaml").is_file():
        raise Problem(f"「{bank}」という質問集はありません。")
    settings = Settings()
    with open_runtime(settings) as runtime, runtime.work(Actor.terminal("banks publish")) as work:
        loaded = publish_bank(work, place, practice=settings.mode is Mode.PRACTICE)
    typer.echo(f"{loaded.bank.id} の版 {loaded.bank.version} を公開しました。")

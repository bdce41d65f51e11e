"""`kizuki docs write|check`: documents that are drawn from the code, so that they cannot go stale."""

from pathlib import Path

import typer

from survey_api.access.permissions import IN_WORDS, ROLES, Permission
from survey_api.services.review.rules import MOVES, STATE_WORDS
from survey_api.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
app = typer.Typer(no_args_is_help=True, help="Generated documents.")


@app.callback()
def docs() -> None:
    """Parts of README that come from the code."""


def case_moves() -> str:
    """The state machine of a case as a diagram."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    {source} --> {target}" for source, targets in MOVES.items() for target in sorted(targets)]
    lines += [f"    {state}: {STATE_WORDS[state]}" for state in MOVES]
    return "\n".join([*lines, "```"])


def roles() -> str:
    """The table of roles and permissions."""
    head = "| permission | " + " | ".join(str(role) for role in ROLES) + " |"
    rule = "|---" * (len(ROLES) + 1) + "|"
    rows = [
        f"| {permission} | " + " | ".join("●" if permission in held else "" for held in ROLES.values()) + " |"
        for permission in Permission
    ]
    words = [f"- **{role}**: {text}" for role, text in IN_WORDS.items()]
    return "\n".join([head, rule, *rows, "", *words])


def settings() -> str:
    """Every setting with its default."""
    rows = [
        f"| `KIZUKI_{name.upper()}` | `{field.get_default()}` |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| setting | default |", "|---|---|", *rows])


PARTS = {"case-moves": case_moves, "roles": roles, "settings": settings}


def current(text: str) -> str:
    """README with every generated part as the code has it now."""
    for name, draw in PARTS.items():
        begin, end = f"<!-- generated: {name} -->", f"<!-- end: {name} -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        if rest:
            text = f"{before}{begin}\n{draw()}\n{end}{after}"
    return text


@app.command()
def write() -> None:
    """Write the generated parts again."""
    README.write_text(current(README.read_text()))


@app.command()
def check() -> None:
    """Exit code 1 when a generated part is stale."""
    text = README.read_text()
    if current(text) != text:
        typer.echo("README.md: a generated part is stale; run `make docs`", err=True)
        raise typer.Exit(1)
    typer.echo("generated documents are current")

"""`kizuki lexicon measure`: how well the free-text check reads the invented, labelled texts."""

from pathlib import Path

import typer

from scoring.parse_lexicon import lexicon_mistakes, lexicon_of
from scoring.text_measure import PARTS, Line, Share, TextsMistake, by_kind, measure, texts_of
from survey_api.cli.banks import FOLDER
from survey_api.kit.problems import Problem
from survey_api.services.banks.library import FREETEXT
from survey_api.services.banks.yaml_files import YamlMistake, read_yaml

TEXTS = FOLDER / "_shared" / "freetext_texts.tsv"
WORDS = FOLDER / FREETEXT
app = typer.Typer(no_args_is_help=True, help="The word list of the free-text check.")


@app.callback()
def lexicon() -> None:
    """What is looked for in children's own words, and how well it is found."""


@app.command("measure")
def measure_texts(
    texts: Path = TEXTS,
    words: Path = WORDS,
    part: str = typer.Option("held_out", help="held_out (written after the list), tuned, or all"),
    show: bool = typer.Option(False, help="list the texts that were read wrongly"),
) -> None:
    """Recall and precision per language and class, with 95 % intervals."""
    if part not in (*PARTS, "all"):
        raise Problem(f"--part は {'・'.join(PARTS)}・all のどれかにしてください。")
    try:
        found = lexicon_of(read_yaml(words))
        rows = [text for text in texts_of(texts.read_text(encoding="utf-8")) if part in ("all", text.part)]
    except (YamlMistake, TextsMistake, OSError, UnicodeDecodeError, KeyError, ValueError) as mistake:
        listed = "\n".join(_mistakes(words)) or f"{texts.name}・{words.name}: {mistake}"
        raise Problem(f"言葉のリストか例文を読めません。\n{listed}") from mistake
    if not rows:
        raise Problem(f"「{part}」の例文がありません。")
    result = measure(rows, found)
    typer.echo(
        f"{len(rows)} invented texts, part {part}; recall: found as this very class; precision: of what"
    )
    typer.echo("was found as this class, what a person should read today; 95 % Wilson intervals\n")
    typer.echo(f"{'language':<9}{'class':<11}{'recall':>27}{'precision':>30}")
    for line in result.lines:
        typer.echo(_row(line))
    typer.echo("\nread rightly, by kind of writing")
    for kind, share in by_kind(rows, found).items():
        typer.echo(f"  {kind:<12}{_share(share):>26}")
    if not result.complete:
        typer.echo("\nThe dictionary of normal forms could not be loaded: surface forms alone were used.")
    if show:
        for text in result.missed:
            typer.echo(f"missed   {text.language:<4} {text.label:<10} {text.text}")
        for text in result.wrongly_found:
            typer.echo(f"wrongly  {text.language:<4} {text.kind:<10} {text.text}")


def _mistakes(words: Path) -> list[str]:
    try:
        return lexicon_mistakes(read_yaml(words))
    except (YamlMistake, OSError, AttributeError, TypeError):
        return []


def _row(line: Line) -> str:
    named = "—" if line.named.value is None else f"{line.named.value:.3f}"
    return (
        f"{line.language:<9}{line.label:<11}{_share(line.recall):>27}{named:>11}{_share(line.precision):>30}"
    )


def _share(share: Share) -> str:
    if share.value is None:
        return "—"
    low, high = share.interval
    return f"{share.value:.3f} [{low:.2f}, {high:.2f}] {share.right:>3}/{share.total:<3}"

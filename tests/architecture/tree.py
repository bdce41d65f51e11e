"""The product's source as the architecture tests read it: files, their syntax trees, and the calls in them."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("survey_ui", "survey_api", "scoring")


@cache
def files(*folders: str, name: str = "*.py") -> tuple[Path, ...]:
    """Every file of that name under the folders, as paths relative to the project."""
    found = (path for folder in folders for path in (PROJECT / folder).rglob(name))
    return tuple(sorted(path.relative_to(PROJECT) for path in found if "__pycache__" not in path.parts))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse((PROJECT / path).read_text(encoding="utf-8"), filename=str(path))


@cache
def tracked() -> tuple[Path, ...]:
    """Every file under version control."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return tuple(Path(name) for name in listing.stdout.split("\0") if name and (PROJECT / name).is_file())


def text_of(path: Path) -> str:
    return (PROJECT / path).read_text(encoding="utf-8", errors="replace")


def calls(node: ast.AST) -> Iterator[ast.Call]:
    return (inner for inner in ast.walk(node) if isinstance(inner, ast.Call))


def last_name(node: ast.expr) -> str:
    """`commit` of `work.db.commit`, `Case` of `Case` and of `tables.cases.Case`; empty for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def called(node: ast.AST) -> set[str]:
    """The last names of everything that is called inside."""
    return {last_name(call.func) for call in calls(node)}


def public_functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in parsed(path).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def argument_names(function: ast.FunctionDef) -> list[str]:
    given = function.args
    return [argument.arg for argument in [*given.posonlyargs, *given.args, *given.kwonlyargs]]


def table_rows(text: str) -> list[tuple[str, ...]]:
    """The cells of every row of every Markdown table in the text, without heads and the lines below them."""
    lines = text.splitlines()
    rules = {number for number, line in enumerate(lines) if re.fullmatch(r"\|[-| :]+\|", line)}
    return [
        tuple(cell.strip() for cell in line.strip().strip("|").split(" | "))
        for number, line in enumerate(lines)
        if line.startswith("|") and number not in rules and number + 1 not in rules
    ]


def missing_test(named: str) -> str | None:
    """What is wrong with `file::test`, or with `file` alone; None if that test, or any test there, exists."""
    file, _, name = named.partition("::")
    path = Path(file)
    if not (PROJECT / path).is_file():
        return f"no such file: {file}"
    functions = (
        node for node in parsed(path).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    tests = {function.name for function in functions if function.name.startswith("test_")}
    return None if (name in tests if name else tests) else f"no such test: {named}"

"""Every threat has a control and a test, every requirement and fault a test or a reason, and the test is there."""

import ast
import re

import pytest

from tests.architecture.tree import PROJECT, text_of

DOCS = PROJECT / "docs"
LEAST = {"threats": 45, "security-requirements": 42, "faults": 30}
"""Table → how many rows it has at least."""
NAMED = re.compile(r"`(tests/[^`]+\.py(?:::\w+)?)`")
REASON = re.compile(r"No test|Not met")


def rows(table: str) -> list[list[str]]:
    lines = [line for line in text_of(DOCS / f"{table}.md").splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


@pytest.mark.parametrize("table", LEAST)
def test_the_table_did_not_shrink(table: str) -> None:
    found = rows(table)
    assert len(found) >= LEAST[table]
    width = 3 if table == "threats" else 4
    assert {len(row) for row in found} == {width}
    assert all(all(row) for row in found), "no empty cell"
    said = {row[0] if width == 3 else row[2 if table == "security-requirements" else 1] for row in found}
    assert len(said) == len(found)


@pytest.mark.parametrize("table", ["security-requirements", "faults"])
def test_every_number_is_there_once(table: str) -> None:
    assert [int(row[0]) for row in rows(table)] == list(range(1, LEAST[table] + 1))


@pytest.mark.parametrize("table", LEAST)
def test_a_row_has_a_test_or_says_why_not(table: str) -> None:
    bare = [row for row in rows(table) if not NAMED.search(row[-1]) and not REASON.search(" ".join(row))]
    assert bare == []
    assert table != "threats" or all(NAMED.fullmatch(row[-1]) for row in rows(table))


@pytest.mark.parametrize(
    "test", sorted({one for table in LEAST for row in rows(table) for one in NAMED.findall(row[-1])})
)
def test_a_named_test_exists(test: str) -> None:
    file, _, name = test.partition("::")
    tree = ast.parse((PROJECT / file).read_text(encoding="utf-8"))
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    tests = {one for one in names if one.startswith("test_")}
    assert name in tests if name else tests

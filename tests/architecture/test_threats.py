"""Every threat has a control and a test, and the test is there."""

import ast
import re

import pytest

from tests.architecture.tree import PROJECT, text_of

TABLE = PROJECT / "docs" / "threats.md"
ROW = re.compile(r"^\| (.+?) \| (.+?) \| `([^`]+)` \|$")
LEAST = 35


def rows() -> list[tuple[str, str, str]]:
    lines = [line for line in text_of(TABLE).splitlines() if line.startswith("|")][2:]
    found = [ROW.match(line) for line in lines]
    assert all(found), [line for line, match in zip(lines, found, strict=True) if not match]
    return [match.groups() for match in found if match]  # type: ignore[misc]


def test_the_table_did_not_shrink() -> None:
    assert len(rows()) >= LEAST
    assert len({threat for threat, _, _ in rows()}) == len(rows())


@pytest.mark.parametrize("test", sorted({test for _, _, test in rows()}))
def test_a_named_test_exists(test: str) -> None:
    file, _, name = test.partition("::")
    tree = ast.parse((PROJECT / file).read_text(encoding="utf-8"))
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    tests = {one for one in names if one.startswith("test_")}
    assert name in tests if name else tests

"""Every threat has a control and a test, and the test is there."""

import pytest

from tests.architecture.tree import PROJECT, missing_test, table_rows, text_of

TABLE = PROJECT / "docs" / "threats.md"
LEAST = 35

ROWS = table_rows(text_of(TABLE))


def test_the_table_did_not_shrink() -> None:
    assert len(ROWS) >= LEAST
    assert len({threat for threat, *_ in ROWS}) == len(ROWS)
    assert {len(cells) for cells in ROWS} == {3}


@pytest.mark.parametrize("test", sorted({test for _, _, test in ROWS}))
def test_a_named_test_exists(test: str) -> None:
    assert test == f"`{test.strip('`')}`"
    assert missing_test(test.strip("`")) is None

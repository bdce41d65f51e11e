"""Every acceptance criterion names the test that fails without it, or says why no machine can test it."""

import re
from pathlib import Path

import pytest

from tests.architecture.tree import PROJECT, missing_test, table_rows, text_of

TABLES = sorted(path.relative_to(PROJECT) for path in (PROJECT / "docs" / "acceptance").glob("*.md"))
NAMED_TEST = re.compile(r"`(tests/[^`\s]+\.py::test_\w+)`")
BETWEEN = re.compile(r"<br>|, ")
BY_PEOPLE = "Not by machine:"
LEAST_REASON = 40

ROWS = [(table.name, *cells) for table in TABLES for cells in table_rows(text_of(table))]


def fault_of(proof: str) -> str | None:
    """What is wrong with the last cell of a row; None if it names tests that exist or gives a reason."""
    if not proof.startswith("`tests/"):
        if proof.startswith(BY_PEOPLE) and len(proof) >= LEAST_REASON:
            return None
        return f"neither a test nor a reason that begins with “{BY_PEOPLE}” and says why"
    for part in BETWEEN.split(proof):
        named = NAMED_TEST.fullmatch(part.strip())
        if named is None:
            return f"not `tests/path.py::test_name`: {part}"
        if fault := missing_test(named[1]):
            return fault
    return None


def test_there_are_tables() -> None:
    assert ROWS


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.stem)
def test_every_criterion_has_its_test_or_a_reason(table: Path) -> None:
    faults = []
    for cells in table_rows(text_of(PROJECT / table)):
        if len(cells) != 3 or not all(cells):
            faults.append(f"{' | '.join(cells)}: not three filled cells")
        elif fault := fault_of(cells[2]):
            faults.append(f"{cells[0]}, {cells[1]}: {fault}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    "proof",
    [
        "",
        "see above",
        "Not by machine: hard.",
        "`tests/architecture/test_acceptance.py`",
        "`tests/architecture/test_acceptance.py::test_that_nobody_wrote`",
        "`tests/architecture/test_nowhere.py::test_there_are_tables`",
        "`tests/architecture/test_acceptance.py::test_there_are_tables` and others",
        "`tests/architecture/test_acceptance.py::test_there_are_tables`, later more",
    ],
)
def test_a_wrong_proof_is_found(proof: str) -> None:
    assert fault_of(proof)


def test_a_right_proof_passes() -> None:
    named = "`tests/architecture/test_acceptance.py::test_there_are_tables`"
    for proof in (
        named,
        f"{named}, {named}",
        f"{named}<br>{named}",
        f"{BY_PEOPLE} only a child can tell us so.",
    ):
        assert fault_of(proof) is None

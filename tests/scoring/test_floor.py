"""The floor that batch scoring is measured against does the same work: same points, rules, signs and urgency."""

import runpy
import sys

import pytest

from scoring.batch import assess_frame
from tests.house import BANKS

TOOLS = BANKS.parent / "tools"


def test_the_hand_written_floor_comes_to_what_the_batch_comes_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "path", [str(TOOLS), *sys.path])
    bench = runpy.run_path(str(TOOLS / "bench_batch.py"), run_name="bench")
    key, answers, _ = bench["frames"](250, 1500)
    results = assess_frame(key, answers)
    found = bench["floor"](**bench["bare"](key, answers))
    assert {name for name in results if name.startswith("rule.")} <= set(found)
    for name, values in found.items():
        if name == "urgency":
            expected = results["urgency"].cat.codes
        elif name.startswith("sign."):
            expected = results["signs"].astype(str).str.split("|").map(lambda s, n=name: n[5:] in s)
        else:
            expected = results[name]
        assert (values == expected.to_numpy()).all(), name

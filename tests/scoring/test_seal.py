"""A points table nobody signed, or changed after the signature, is refused; a signature binds the points as they stand."""

import shutil
from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from scoring.calibration import Calibration
from scoring.parse import ScoringMistakes, parse
from scoring.seal import is_signed, seal_of, sealed
from survey_api.journeys import publish_bank
from survey_api.kit.problems import BadInput
from survey_api.services.banks.check import bank_problems
from tests.house import BANKS
from tests.scoring.small_bank import content


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a real bank."""
    shutil.copytree(BANKS / "sho-low", tmp_path / "sho-low")
    shutil.copytree(BANKS / "_shared", tmp_path / "_shared")
    return tmp_path / "sho-low"


def test_one_changed_point_breaks_the_seal(folder: Path) -> None:
    place = folder / "scoring.yaml"
    text = place.read_text(encoding="utf-8")
    assert seal_of(yaml.safe_load(text)["model"]) in text
    changed = text.replace("fill: 0.25", "fill: 0.2")
    assert changed != text
    place.write_text(changed, encoding="utf-8")
    (found,) = bank_problems(folder)
    assert "署名のあとに変わっています" in found
    place.write_text("\n".join(line for line in text.split("\n") if "  seal:" not in line), encoding="utf-8")
    assert any("seal" in line for line in bank_problems(folder))


def test_signing_binds_a_name_and_changes_nothing_else(folder: Path) -> None:
    text = (folder / "scoring.yaml").read_text(encoding="utf-8")
    signed = sealed(text, yaml.safe_load(text)["model"], "湯沢 花子・養護教諭・2026-11-25")
    before, after = yaml.safe_load(text), yaml.safe_load(signed)
    assert is_signed(after["model"]["signed_by"])
    assert not is_signed(before["model"]["signed_by"])
    for each in (before, after):
        del each["model"]["signed_by"], each["model"]["seal"]
    assert before == after


def test_a_real_wave_is_not_opened_with_an_unsigned_table() -> None:
    with pytest.raises(BadInput, match="署名前"):
        publish_bank.publish_bank(None, BANKS / "sho-low")  # type: ignore[arg-type]  # refused before any work


def with_calibration(calibration: dict[str, object], **cut: object) -> dict[str, object]:
    data = deepcopy(content())
    table = data["model"]["concerns"]["neglect"]
    table["calibration"] = calibration
    if cut:
        del table["bands"][0]["below"]
        table["bands"][0] |= cut
    return data


PLATT = {"kind": "platt", "cases": 200, "base": -4.0, "slope": 0.5}
KNOTS = {"kind": "isotonic", "cases": 2000, "knots": [[0, 0.01], [4, 0.03], [6, 0.2], [12, 0.6]]}


@pytest.mark.parametrize(
    ("calibration", "words"),
    [
        (PLATT | {"cases": 1500}, "isotonic にしてください"),
        (KNOTS | {"cases": 900}, "platt にしてください"),
        (PLATT | {"slope": -1.0}, "slope"),
        (PLATT | {"base": float("nan")}, "有限の数"),
        (KNOTS | {"knots": [[0, 0.2], [4, 0.1]]}, "下がらない"),
        (KNOTS | {"knots": [[4, 0.1], [0, 0.2]]}, "だんだん大きく"),
        (KNOTS | {"knots": [[0, 0.1], [4, float("inf")]]}, "有限の数"),
        (KNOTS | {"knots": [[0, 0.1], [4, 1.5]]}, "0から1"),
    ],
)
def test_a_wrong_calibration_is_one_sentence(calibration: dict[str, object], words: str) -> None:
    with pytest.raises(ScoringMistakes, match=words) as refused:
        parse(with_calibration(calibration))
    assert all("model.concerns.neglect.calibration" in line for line in refused.value.mistakes)


@pytest.mark.parametrize("calibration", [PLATT, KNOTS])
def test_a_cut_may_be_declared_as_a_share_and_becomes_the_points_that_reach_it(
    calibration: dict[str, object],
) -> None:
    key = parse(with_calibration(calibration, below_share=0.1))
    (table,) = key.model.tables
    assert table.calibration is not None
    below = table.bands[0].below
    assert below is not None
    assert table.calibration.share(below) >= 0.1 > table.calibration.share(below - 1)
    data = with_calibration(calibration, below_share=0.1)
    del data["model"]["concerns"]["neglect"]["calibration"]  # type: ignore[index]
    with pytest.raises(ScoringMistakes, match="below_share"):
        parse(data)


def test_calibrated_is_said_only_with_a_calibration() -> None:
    data = content()
    data["model"]["calibrated"] = True
    with pytest.raises(ScoringMistakes, match="calibration がありません"):
        parse(data)


def test_a_share_never_falls_and_stays_between_its_ends() -> None:
    steps = Calibration("isotonic", 2000, knots=((0.0, 0.01), (4.0, 0.03), (6.0, 0.2)))
    shares = [steps.share(points) for points in range(-100, 900, 25)]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.01, 0.2)
    assert steps.share(500) == pytest.approx(0.115)

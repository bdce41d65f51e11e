"""A fitted table as the `model` part of a scoring.yaml that a person may sign. Nothing here applies it.

Points have two decimals, the largest is LARGEST; the bands keep their names and what they call for, and their cuts
move to where as many people fall as now, without moving a worked child into another band: where the data would,
the experts' points are mixed in until they do not.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from scoring.calibration import Calibration
from scoring.key import ConcernTable, ScoringKey
from scoring.lab.cohort import LabMistake, Levels
from scoring.lab.fit import PointsTable
from scoring.model import concern_scores
from scoring.seal import SEAL, seal_of
from scoring.sheet import AnswerSheet

LARGEST = 12
UNSIGNED = "提案(署名前): 計算による案。人が確かめて署名するまで使わない"
MARGIN = 0.02
BLENDS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Shares of the experts' points that are tried until every worked child stays in its band."""
SOURCE = "計算による案(専門家の点の割合 {percent}%)。いまの表と同じ割合の回答が入る位置"

CalibrationOf = Callable[[str, PointsTable], Mapping[str, Any]]
"""(concern, the table as it will stand) → its calibration as it will stand."""
MeanOf = Callable[[str, Mapping[str, float]], float]
"""(item, points per code) → what it adds on average in the declared reference shares."""


def rounded(table: PointsTable) -> PointsTable:
    """The table in points with two decimals, base 0; items that add nothing are dropped."""
    if not table.largest:
        raise LabMistake("fit: 役に立つ質問がないので、案にする表がありません")
    card = table.scaled(LARGEST / table.largest, digits=2)
    return replace(card, base=0.0)


def model_part(
    key: ScoringKey,
    tables: Mapping[str, PointsTable],
    people: Levels,
    worked: Sequence[AnswerSheet],
    worked_levels: Levels,
    mean_of: MeanOf,
    calibration_of: CalibrationOf,
    version: str,
) -> dict[str, Any]:
    """The `model` of scoring.yaml as data; concerns without a fitted table stay as they are declared."""
    concerns = {}
    for declared in key.model.tables:
        fitted = tables.get(declared.concern)
        if fitted is None:
            concerns[declared.concern] = _as_declared(declared)
            continue
        for blend in BLENDS:
            card = rounded(_blended(fitted, _declared_table(key, declared, fitted), blend))
            points = {item: _by_code(key, item, card) for item in declared.points}
            points = {item: by_code for item, by_code in points.items() if max(by_code.values()) > 0}
            mean = {item: round(mean_of(item, by_code), 2) for item, by_code in points.items()}
            card = replace(card, mean={item: mean.get(item, 0.0) for item in card.worst})
            bands = _bands(key, declared, card, people, worked, worked_levels)
            if bands is not None:
                source = SOURCE.format(percent=round(100 * blend))
                bands[-1]["source"] = source
                concerns[declared.concern] = {
                    "base": 0,
                    "points": points,
                    "mean": mean,
                    "calibration": calibration_of(declared.concern, card),
                    "bands": bands,
                }
                break
        else:
            raise LabMistake(f"fit: {declared.concern} では、例の子どもが全員決めた段に入る表がありません")
    return {
        "version": version,
        "calibrated": False,
        "signed_by": UNSIGNED,
        "fill": key.model.fill,
        "concerns": concerns,
    }


def declared_calibration(calibration: Calibration) -> dict[str, Any]:
    """As it stands in scoring.yaml."""
    if calibration.kind == "platt":
        line = {"base": calibration.base, "slope": calibration.slope}
    else:
        line = {"knots": [list(knot) for knot in calibration.knots]}  # type: ignore[dict-item]
    return {"kind": calibration.kind, "cases": calibration.cases, **line}


def as_text(model: Mapping[str, Any]) -> str:
    """The part as it stands in the file: one line per item."""
    lines = [
        "model:",
        f"  version: {model['version']}",
        f"  calibrated: {str(model['calibrated']).lower()}",
        f'  signed_by: "{model["signed_by"]}"',
        f"  {SEAL}: {seal_of(model)}",
        f"  fill: {model['fill']}",
        "  concerns:",
    ]
    for concern, table in model["concerns"].items():
        lines += [f"    {concern}:", f"      base: {_short(table['base'])}", "      points:"]
        lines += [f"        {item}: {_flow(by_code)}" for item, by_code in table["points"].items()]
        lines.append(f"      mean: {_flow(table['mean'])}")
        if "calibration" in table:
            lines.append(f"      calibration: {_flow(table['calibration'])}")
        lines.append("      bands:")
        lines += [f"        - {_flow(cut)}" for cut in table["bands"]]
    return "\n".join(lines) + "\n"


def with_model(scoring_yaml: str, model: str) -> str:
    """The file with its `model` part replaced; everything before stays, comments too."""
    start = re.search(r"^model:", scoring_yaml, re.MULTILINE)
    if start is None or re.search(r"^\w", scoring_yaml[start.end() :], re.MULTILINE):
        raise LabMistake("scoring.yaml: model はファイルの最後に置いてください")
    return scoring_yaml[: start.start()] + model


def _by_code(key: ScoringKey, item: str, card: PointsTable) -> dict[str, float]:
    known, points = key.items[item], card.points[item]
    if known.is_multi:
        return {str(level): round(float(value), 2) for level, value in enumerate(points)}
    return {code: round(float(points[level]), 2) for code, level in known.levels.items()}


def _bands(
    key: ScoringKey,
    declared: ConcernTable,
    card: PointsTable,
    people: Levels,
    worked: Sequence[AnswerSheet],
    worked_levels: Levels,
) -> list[dict[str, Any]] | None:
    """Each cut where the same share of these people lies below it as lies below the declared one.

    None when no cut keeps every worked child in its band.
    """
    now, then = card.scores(people), _declared_table(key, declared, card).scores(people)
    children = card.scores(worked_levels)
    places = [_place(key, declared, sheet) for sheet in worked]
    cuts: list[dict[str, Any]] = []
    lowest = 0.0
    for place, cut in enumerate(declared.bands):
        entry: dict[str, Any] = {"band": cut.band}
        if cut.urgency is not None:
            entry["urgency"] = str(cut.urgency)
        if cut.below is None:
            entry = {"otherwise": cut.band, **({"urgency": str(cut.urgency)} if cut.urgency else {})}
        else:
            below = float(np.quantile(now, float((then < cut.below / 100).mean())))
            inside = [float(s) for s, p in zip(children, places, strict=True) if p <= place]
            beyond = [float(s) for s, p in zip(children, places, strict=True) if p > place]
            floor = max([lowest, *inside]) + MARGIN
            ceiling = min([*beyond, float("inf")]) - MARGIN
            if floor > ceiling:
                return None
            below = min(max(below, floor), ceiling)
            lowest = round(below, 2)
            entry = {"below": lowest, **entry}
        cuts.append(entry)
    return cuts


def _place(key: ScoringKey, declared: ConcernTable, sheet: AnswerSheet) -> int:
    score = next(each for each in concern_scores(key, sheet) if each.concern == declared.concern)
    return declared.bands.index(score.band) if score.band is not None else 0


def _blended(fitted: PointsTable, declared: PointsTable, share: float) -> PointsTable:
    """The fitted table with a share of the experts' points, both brought to the same largest answer."""
    here, there = fitted.scaled(1 / fitted.largest), declared.scaled(1 / declared.largest)
    points = {item: (1 - share) * here.points[item] + share * there.points[item] for item in here.worst}
    return replace(here, points=points)


def _declared_table(key: ScoringKey, declared: ConcernTable, card: PointsTable) -> PointsTable:
    """The declared points over the same items."""
    points = {item: np.zeros(worst + 1) for item, worst in card.worst.items()}
    mean = dict.fromkeys(card.worst, 0.0)
    for item, by_code in declared.points.items():
        known = key.items[item]
        for code, value in by_code.items():
            points[item][int(code) if known.is_multi else known.levels[code]] = value / 100
        mean[item] = declared.mean[item] / 100
    return PointsTable(card.worst, declared.base / 100, points, mean, key.model.fill)


def _as_declared(table: ConcernTable) -> dict[str, Any]:
    bands = []
    for cut in table.bands:
        entry: dict[str, Any] = (
            {"otherwise": cut.band} if cut.below is None else {"below": cut.below / 100, "band": cut.band}
        )
        if cut.urgency is not None:
            entry["urgency"] = str(cut.urgency)
        if cut.source:
            entry["source"] = cut.source
        bands.append(entry)
    calibration = table.calibration
    return {
        "base": table.base / 100,
        **({"calibration": declared_calibration(calibration)} if calibration else {}),
        "points": {
            item: {code: value / 100 for code, value in by_code.items()}
            for item, by_code in table.points.items()
        },
        "mean": {item: value / 100 for item, value in table.mean.items()},
        "bands": bands,
    }


def _flow(values: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{_key(name)}: {_short(value)}" for name, value in values.items()) + "}"


def _key(name: str) -> str:
    return f'"{name}"' if name.isdigit() else name


def _short(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_short(each) for each in value) + "]"
    if isinstance(value, str):
        return value if re.fullmatch(r"[a-z_-]+", value) else f'"{value}"'
    return f"{value:g}" if abs(value) < 1e5 else str(value)

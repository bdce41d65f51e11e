"""The floor of batch scoring: bank chu written out by hand as bare numpy look-ups and masks, and nothing else.

No words are made, no earlier wave is looked at: whole columns of small numbers, one look-up per answer and table,
one line per rule. `tools/bench_batch.py` divides the time of assess_frame() by this,
and a test holds both to the same results.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from scoring.batch_columns import STATES
from scoring.key import ScoringKey
from scoring.model import filled
from scoring.quality import FULL

Array = np.ndarray[Any, Any]
Pair = tuple[Array, Array]
"""(true, could be true)"""
GIVEN_UP = ("own_time", "study", "sleep", "school", "friends", "future")
SHORT = ("bath", "clothes", "school_things", "fees", "utilities")
ASKED_TO_REFUSE = (
    "hungry short_of doctor night_alone care_tasks bullied home_shout home_hit home_fear disappear"
)


def tables_of(key: ScoringKey, frame: pd.DataFrame) -> dict[str, Any]:
    """All look-up tables, made before the clock starts: per item over the categories of its column."""
    found: dict[str, Any] = {"level": {}, "worth": {}, "place": {}, "away": {}, "given": {}}
    for name, item in key.items.items():
        values = [str(value) for value in frame[name].cat.categories]
        levels = [
            -1 - STATES.index(value)
            if value in STATES
            else sum(len(set(value.split("|")) & item.count_of) >= cut for cut in item.cuts)
            if item.is_multi
            else item.levels[value]
            for value in values
        ]
        found["level"][name] = np.array(levels, np.int8)
        for code in (*GIVEN_UP, *SHORT, "none", "nobody"):
            found["given"][name, code] = np.array([code in value.split("|") for value in values])
        found["given"][name] = np.array([value not in STATES and value != "none" for value in values])
        for table in key.model.tables:
            if name in table.points:
                worth = [
                    table.points[name][str(level) if item.is_multi else value]
                    if level >= 0
                    else filled(key, table, name)
                    if level <= -4
                    else table.mean[name]
                    for value, level in zip(values, levels, strict=True)
                ]
                found["worth"][table.concern, name] = np.array(worth, np.int32)
        if key.norms and name in key.norms.items:
            mean = key.norms.mean[key.norms.items.index(name)]
            found["away"][name] = np.array([100.0 * level - mean if level >= 0 else 0.0 for level in levels])
    for name, options in key.asked.items():
        values = [str(value) for value in frame[name].cat.categories]
        found["place"][name] = np.array([options.index(v) if v in options else -1 for v in values], np.int8)
    return found


def floor(
    key: ScoringKey, tables: Mapping[str, Any], codes: Mapping[str, Array], hit: Array, written: Array
) -> dict[str, Array]:
    """Points, bands, urgency, every rule and every sign of bank chu. `codes`: item → int8 or int16 column."""
    size = len(codes["hungry"])
    level = {name: table.take(codes[name]) for name, table in tables["level"].items()}
    found: dict[str, Array] = {}
    ranks = []
    for table in key.model.tables:
        points = np.full(size, table.base, np.int32)
        for name in table.points:
            points += tables["worth"][table.concern, name].take(codes[name])
        found[f"points.{table.concern}"] = points
        band = np.searchsorted([cut.below for cut in table.bands[:-1]], points, side="right")
        ranks.append(
            np.array([cut.urgency.rank if cut.urgency else 4 for cut in table.bands], np.int8).take(band)
        )
    bands = {}
    for subscale in key.subscales:
        total, answered, applies = (np.zeros(size, np.int16) for _ in range(3))
        for name in subscale.items:
            total += np.maximum(level[name], 0)
            answered += level[name] >= 0
            applies += level[name] != -1
        enough = (answered > 0) & (answered >= subscale.min_answered * applies)
        some = np.maximum(answered, 1)
        value = np.where(enough, (200 * total.astype(np.int32) + some) // (2 * some), -1)
        found[f"value.{subscale.id}"] = value
        bands[subscale.id] = np.where(
            enough, np.searchsorted([c.below for c in subscale.bands[:-1]], value, side="right"), -1
        )
    signs = _signs(key, tables, codes, level)
    found |= {f"sign.{name}": mask for name, mask in signs.items()}
    rules = _rules(tables, codes, level, bands, signs, hit, written)
    urgent = np.full(size, 4, np.int8)
    for rule in key.rules:
        true, could = rules[rule.id]
        found[f"rule.{rule.id}"] = 2 * true.view(np.int8) - could.view(np.int8)
        if rule.active:
            np.minimum(urgent, rule.urgency.rank, out=urgent, where=true)
    for rank in ranks:
        np.minimum(urgent, rank, out=urgent)
    found["urgency"] = urgent
    return found


def _signs(
    key: ScoringKey, tables: Mapping[str, Any], codes: Mapping[str, Array], level: Mapping[str, Array]
) -> dict[str, Array]:
    norms = key.norms
    assert norms is not None
    size = len(codes["hungry"])
    count, run, longest = (np.zeros(size, np.int8) for _ in range(3))
    total, squares = np.zeros(size, np.int32), np.zeros(size, np.int64)
    last = np.full(size, -1, np.int8)
    for name, options in key.asked.items():
        place = tables["place"][name].take(codes[name])
        here = place >= 0
        scaled = np.maximum(place, 0).astype(np.int32) * (FULL // (len(options) - 1))
        count += here
        total += scaled
        squares += scaled * scaled
        longer = run * (place == last) + np.int8(1)
        run += (longer - run) * here
        last += (place - last) * here
        np.maximum(longest, run, out=longest)
    many = count >= 8
    wide = count.astype(np.int64)
    spread = (wide * squares - total.astype(np.int64) ** 2) // np.maximum(wide * wide, 1)
    gaps, known = np.zeros(size, np.int32), np.zeros(size, np.int32)
    for subscale in key.subscales:
        means = []
        for items in (subscale.items[::2], subscale.items[1::2]):
            summed, answered = np.zeros(size, np.int32), np.zeros(size, np.int32)
            for name in items:
                summed += np.maximum(level[name], 0) * np.int32(FULL // key.items[name].worst)
                answered += level[name] >= 0
            means.append((summed // np.maximum(answered, 1), answered > 0))
        both = means[0][1] & means[1][1]
        gaps += np.abs(means[0][0] - means[1][0]) * both
        known += both
    away = np.array([tables["away"][name].take(codes[name]) for name in norms.items])
    distance = np.einsum("ir,ir->r", np.array(norms.precision, np.float64) @ away, away)
    usual, refused, left = (np.zeros(size, np.int8) for _ in range(3))
    for name in norms.items:
        usual += level[name] >= 0
    for name in key.items:
        refused += level[name] <= -4
        left += level[name] == -2
    laugh, heavy = level["laugh"], level["heavy"]
    return {
        "straightline": many & (longest >= 0.8 * count),
        "flat": many & (spread < norms.spread[0]),
        "fast": np.zeros(size, bool),
        "contradicting": ((laugh == 0) & (heavy == 4)) | ((laugh == 4) & (heavy == 0)),
        "halves": (known >= 2) & (gaps // np.maximum(known, 1) > norms.halves),
        "erratic": many & (spread > norms.spread[1]),
        "unusual": (usual >= 8) & (distance > norms.distance),
        "many_blank": refused >= 0.4 * len(key.items),
        "broke_off": left >= 0.4 * len(key.items),
    }


def _rules(
    tables: Mapping[str, Any],
    codes: Mapping[str, Array],
    level: Mapping[str, Array],
    bands: Mapping[str, Array],
    signs: Mapping[str, Array],
    hit: Array,
    written: Array,
) -> dict[str, Pair]:
    """Every rule of the bank, one line each. Nobody was asked before, so looking back is false."""
    unknown = {name: values < -1 for name, values in level.items()}
    nothing = np.zeros(len(hit), bool)

    def least(item: str, worst: int) -> Pair:
        true = level[item] >= worst
        return true, true | unknown[item]

    def chose(item: str, code: str) -> Pair:
        true = tables["given"][item, code].take(codes[item])
        return true, true | unknown[item]

    def both(*parts: Pair) -> Pair:
        return np.logical_and.reduce([p[0] for p in parts]), np.logical_and.reduce([p[1] for p in parts])

    def either(*parts: Pair) -> Pair:
        return np.logical_or.reduce([p[0] for p in parts]), np.logical_or.reduce([p[1] for p in parts])

    def count(need: int, *parts: Pair) -> Pair:
        return tuple(np.add.reduce([p[side].view(np.int8) for p in parts]) >= need for side in (0, 1))  # type: ignore[return-value]

    def sure(mask: Array) -> Pair:
        return mask, mask

    def in_band(name: str, lowest: int) -> Pair:
        true = bands[name] >= lowest
        return true, true | (bands[name] < 0)

    some = tables["given"]["care_tasks"].take(codes["care_tasks"])
    carer = (some, some | unknown["care_tasks"])
    daily, hours3, nobody = least("care_days", 3), least("care_hours", 2), chose("confide", "nobody")
    gives_up = tables["given"]["care_giveup"].take(codes["care_giveup"])
    gave_up = (gives_up, gives_up | unknown["care_giveup"])
    given_up = [chose("care_giveup", code) for code in GIVEN_UP]
    short = [chose("short_of", code) for code in SHORT]
    hungry, untreated = least("hungry", 1), least("doctor", 2)
    gone2, fear1, hit1 = least("disappear", 2), least("home_fear", 1), least("home_hit", 1)
    families = [
        signs["straightline"] | signs["flat"],
        signs["fast"],
        signs["contradicting"] | signs["halves"] | signs["erratic"],
        signs["unusual"],
    ]
    again = np.add.reduce([family.view(np.int8) for family in families]) >= 2
    slips = level["answers_ok"] >= 2
    return {
        "hurt-at-home": least("home_hit", 3),
        "fear-to-go-home": least("home_fear", 3),
        "hurt-and-fear": both(least("home_hit", 2), least("home_fear", 2)),
        "often-hungry": least("hungry", 3),
        "often-alone-at-night": least("night_alone", 3),
        "wish-today": least("wish_talk", 3),
        "text-hit": sure(hit),
        "care-heavy": both(carer, daily, hours3, gave_up),
        "wish-to-disappear": least("disappear", 3),
        "disappear-nobody": both(gone2, nobody),
        "hurt-sometimes": least("home_hit", 2),
        "hurt-once": hit1,
        "fear-sometimes": least("home_fear", 2),
        "shouted-and-fear": both(least("home_shout", 3), fear1),
        "hungry-and-needs": both(hungry, either(short[0], short[1], untreated)),
        "hungry-and-alone": both(hungry, least("night_alone", 2)),
        "needs-many": count(3, *short),
        "untreated-and-needs": both(untreated, count(2, *short)),
        "utilities-cut": short[4],
        "care-near-daily-3h": both(carer, daily, hours3),
        "care-daily-and-tired": both(carer, daily, least("rested", 4)),
        "care-gives-up": both(carer, gave_up, count(3, *given_up)),
        "care-long": both(carer, daily, least("care_since", 3), least("care_hours", 1)),
        "bullied-nobody": both(least("bullied", 2), nobody),
        "bullied-often": least("bullied", 3),
        "disappear-some": gone2,
        "disappear-few": least("disappear", 1),
        "heavy-nobody": both(in_band("mood", 2), nobody),
        "wish-soon": least("wish_talk", 2),
        "text-written": sure(written),
        "hungry-again": both(hungry, sure(nothing)),
        "care-again": both(carer, daily, sure(nothing)),
        "worse-needs": both(sure(nothing), in_band("basic_needs", 1)),
        "worse-home": both(sure(nothing), in_band("home_safety", 1)),
        "worse-mood": both(sure(nothing), in_band("mood", 1)),
        "many-refused": count(3, *[sure(level[name] == -4) for name in ASKED_TO_REFUSE.split()]),
        "ask-again": sure(again),
        "says-slips": both(
            (slips, slips | unknown["answers_ok"]),
            either(hit1, fear1, hungry, least("disappear", 1)),
        ),
        "broke-off": sure(signs["broke_off"]),
    }

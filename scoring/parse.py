"""scoring.yaml as data → ScoringKey. Every mistake is listed at once, in words a psychologist can act on."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from scoring.calibration import Calibration, calibration_mistakes, calibration_of
from scoring.crosscheck import contradictions
from scoring.key import (
    ConcernTable,
    Cut,
    ItemKey,
    Model,
    Rule,
    ScoringKey,
    Subscale,
)
from scoring.parse_condition import condition_of, conditions_in
from scoring.parse_lexicon import lexicon_mistakes, lexicon_of
from scoring.parse_norms import norms_mistakes, norms_of
from scoring.seal import SEAL, seal_of
from scoring.vocabulary import Level, Missing, Urgency


class ScoringMistakes(ValueError):  # noqa: N818 - named after what it lists
    """All mistakes of one scoring.yaml, one sentence each."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


def parse(
    data: Mapping[str, Any],
    lexicon: Mapping[str, Any] | None = None,
    text_items: frozenset[str] = frozenset(),
    follow_ups: Mapping[str, str] | None = None,
    asked: Mapping[str, Iterable[str]] | None = None,
    norms: Mapping[str, Any] | None = None,
) -> ScoringKey:
    """Data that already fits scoring.schema.json → key. ScoringMistakes lists whatever contradicts.

    The rest comes from bank.yaml, see ScoringKey. The order of keys in `data` never matters: a frozen bank
    keeps them sorted, a folder does not, and both must give the same bytes.
    """
    pages = {item: tuple(options) for item, options in (asked or {}).items()}
    reader = _Reader(data, list(pages))
    reader.mistakes += lexicon_mistakes(lexicon) if lexicon else []
    key = ScoringKey(
        bank=str(data["bank"]),
        version=int(data["version"]),
        items=reader.items(),
        subscales=reader.subscales(),
        rules=reader.rules(),
        model=reader.model(),
        reverse_pairs=reader.reverse_pairs(),
        lexicon=lexicon_of(lexicon) if lexicon and not reader.mistakes else None,
        text_items=text_items,
        asked=pages or {name: tuple(item.levels) for name, item in reader.keys.items() if item.levels},
        follow_ups=dict(follow_ups or {}),
    )
    if norms:
        reader.mistakes += norms_mistakes(norms, key.items)
        key = key if reader.mistakes else replace(key, norms=norms_of(norms))
    mistakes = reader.mistakes + contradictions(key)
    if mistakes:
        raise ScoringMistakes(dict.fromkeys(mistakes))
    return key


def hundredths(value: float) -> int:
    """1.25 → 125, exactly as written."""
    return round(float(value) * 100)


class _Reader:
    """Reads the parts in order and collects mistakes instead of stopping at the first."""

    def __init__(self, data: Mapping[str, Any], pages: list[str]) -> None:
        self.data = data
        self.mistakes: list[str] = []
        self.keys: dict[str, ItemKey] = {}
        self._pages = {name: place for place, name in enumerate(pages)}

    def _in_order(self, names: Iterable[str]) -> list[str]:
        """As on the pages; what stands on none behind, by name."""
        return sorted(names, key=lambda name: (self._pages.get(name, len(self._pages)), name))

    def say(self, sentence: str) -> None:
        self.mistakes.append(sentence)

    def items(self) -> dict[str, ItemKey]:
        for item_id in self._in_order(self.data["items"]):
            raw = self.data["items"][item_id]
            count = raw.get("count")
            item = ItemKey(
                id=item_id,
                levels=dict(sorted(raw.get("levels", {}).items(), key=lambda pair: (pair[1], pair[0]))),
                count_of=frozenset(count["of"]) if count else frozenset(),
                cuts=tuple(count["cuts"]) if count else (),
                reverse_keyed=bool(raw.get("reverse_keyed", False)),
            )
            if not item.is_multi:
                self._check_levels(item)
            elif not item.cuts or list(item.cuts) != sorted(set(item.cuts)) or item.cuts[0] < 1:
                self.say(f"items.{item_id}: count.cuts は1以上から始めて、だんだん大きくしてください")
            self.keys[item_id] = item
        return self.keys

    def _check_levels(self, item: ItemKey) -> None:
        used = set(item.levels.values())
        if used != set(range(len(used))) or len(used) < 2:
            self.say(f"items.{item.id}: levels は 0・1・2… と、間をあけずに2つ以上にしてください")
        for code in item.levels:
            if code in tuple(Missing):
                self.say(f"items.{item.id}: 「{code}」は決まった意味の語で、水準を持てません")

    def subscales(self) -> tuple[Subscale, ...]:
        found = []
        for subscale_id, raw in sorted(self.data.get("subscales", {}).items()):
            self._known(f"subscales.{subscale_id}", raw["items"])
            bands = self.data.get("bands", {}).get(subscale_id, ())
            found.append(
                Subscale(
                    id=subscale_id,
                    concern=raw["concern"],
                    items=tuple(raw["items"]),
                    combine=raw.get("combine", "mean"),
                    min_answered=self._share(
                        f"subscales.{subscale_id}.min_answered", raw.get("min_answered", 0.7)
                    ),
                    bands=self._cuts(f"bands.{subscale_id}", bands) if bands else (),
                    sd=self._optional(f"subscales.{subscale_id}.sd", raw.get("sd"), 100.0),
                    omega=self._optional(f"subscales.{subscale_id}.omega", raw.get("omega"), 0.999),
                )
            )
        for subscale_id in set(self.data.get("bands", {})) - {subscale.id for subscale in found}:
            self.say(f"bands.{subscale_id}: そのような下位尺度はありません")
        self._subscales = {subscale.id: subscale for subscale in found}
        return tuple(found)

    def _cuts(self, where: str, raw: Iterable[Mapping[str, Any]]) -> tuple[Cut, ...]:
        cuts = []
        for entry in raw:
            last = "otherwise" in entry
            urgency = Urgency(entry["urgency"]) if entry.get("urgency") else None
            if "below_share" in entry:
                self.say(f"{where}: below_share は点数表の区切りにだけ書けます")
            below = None if last else self._number(where, entry.get("below", 0))
            band = entry["otherwise"] if last else entry["band"]
            cuts.append(Cut(str(band), below, urgency, str(entry.get("source", ""))))
        limits = [cut.below for cut in cuts[:-1]]
        if not cuts or cuts[-1].below is not None or None in limits:
            self.say(f"{where}: 最後の行だけを otherwise にしてください")
        elif limits != sorted(set(limits)):  # type: ignore[type-var]
            self.say(f"{where}: 区切りはだんだん大きくしてください")
        return tuple(cuts)

    def _number(self, where: str, value: Any) -> int:
        if not math.isfinite(float(value)):
            self.say(f"{where}: 有限の数ではありません(NaN や無限大は書けません)")
            return 0
        if abs(float(value) * 100 - hundredths(value)) > 1e-6:
            self.say(f"{where}: {value} は小数が3けた以上あり、合計が正確になりません(2けたまで)")
        return hundredths(value)

    def _share(self, where: str, value: Any, top: float = 1.0) -> float:
        if not 0 <= float(value) <= top:
            self.say(f"{where}: 0から{top:g}までの数にしてください")
            return 0.0
        return float(value)

    def _optional(self, where: str, value: Any, top: float) -> float | None:
        return None if value is None else self._share(where, value, top)

    def _known(self, where: str, items: Iterable[str]) -> None:
        for item in items:
            if item not in self.keys:
                self.say(f"{where}: 質問「{item}」の水準がこのファイルにありません")

    def rules(self) -> tuple[Rule, ...]:
        rules: list[Rule] = []
        for raw in self.data.get("rules", ()):
            where = f"rules.{raw['id']}"
            if raw["id"] in {rule.id for rule in rules}:
                self.say(f"{where}: 同じ id が2回あります")
            low, high = raw["expected_rate"]
            if not 0 <= low <= high <= 1:
                self.say(f"{where}: expected_rate は0から1の割合を2つ、小さいほうから書いてください")
            rule = Rule(
                id=raw["id"],
                level=Level(raw["level"]),
                concern=raw["concern"],
                urgency=Urgency(raw["urgency"]),
                when=condition_of(raw["when"]),
                because=raw["because"],
                owner=raw["owner"],
                source=raw["source"],
                expected_rate=(low, high),
                active=raw.get("mode", "active") == "active",
            )
            self._check_rule(where, rule)
            rules.append(rule)
        self._check_references(rules)
        return tuple(rules)

    def _check_rule(self, where: str, rule: Rule) -> None:
        for condition in conditions_in(rule.when):
            if rule.level is Level.A and rule.concern == "safety" and condition.form == "not":
                self.say(f"{where}: 安全についてのAの規則に not は使えません")
            if condition.form not in ("answered", "other_than", "is"):
                continue
            self._known(where, [condition.item])
            item = self.keys.get(condition.item)
            if item is None:
                continue
            if rule.level is Level.A and item.reverse_keyed:
                self.say(f"{where}: Aの規則は、向きが逆の質問「{item.id}」を根拠にできません")
            if condition.form == "answered":
                self._check_codes(where, item, condition.codes)
        if rule.level is Level.A and rule.urgency is not Urgency.TODAY:
            self.say(f"{where}: Aの規則は urgency を today にしてください")

    def _check_codes(self, where: str, item: ItemKey, codes: frozenset[str]) -> None:
        known = item.count_of if item.is_multi else set(item.levels)
        for code in sorted(codes - set(known)):
            self.say(f"{where}: 質問「{item.id}」に答え「{code}」はありません")
        if not item.is_multi and codes <= set(item.levels):
            reached = sorted(item.levels[code] for code in codes)
            lowest = reached[0] if reached else 0
            complete = {code for code, level in item.levels.items() if level >= lowest}
            if complete != codes:
                self.say(f"{where}: 「{item.id}」の答えは、いちばん重いものまで続けて並べてください")

    def _check_references(self, rules: list[Rule]) -> None:
        ids = {rule.id for rule in rules}
        for rule in rules:
            for condition in conditions_in(rule.when):
                if condition.form == "previous" and condition.item not in ids:
                    self.say(f"rules.{rule.id}: 規則「{condition.item}」はありません")
                if condition.form in ("band", "worse") and condition.item not in self._subscales:
                    self.say(f"rules.{rule.id}: 下位尺度「{condition.item}」はありません")
                if condition.form == "band" and condition.item in self._subscales:
                    bands = {cut.band for cut in self._subscales[condition.item].bands}
                    for band in sorted(condition.codes - bands):
                        self.say(f"rules.{rule.id}: 下位尺度「{condition.item}」に区分「{band}」はありません")

    def model(self) -> Model:
        raw = self.data["model"]
        fill = self._share("model.fill", raw["fill"])
        if not str(raw.get("signed_by", "")).strip():
            self.say("model.signed_by: 点数表には、確かめた人の署名が要ります")
        if raw.get(SEAL, seal_of(raw)) != seal_of(raw):
            self.say(
                "model.seal: 点数表が、署名のあとに変わっています。確かめてから kizuki banks sign で署名し直してください"
            )
        tables = tuple(self._table(concern, table) for concern, table in sorted(raw["concerns"].items()))
        for table in tables:
            if raw["calibrated"] and table.calibration is None:
                self.say(f"model.concerns.{table.concern}: calibrated なのに calibration がありません")
        return Model(str(raw["version"]), bool(raw["calibrated"]), str(raw["signed_by"]), fill, tables)

    def _table(self, concern: str, raw: Mapping[str, Any]) -> ConcernTable:
        where = f"model.concerns.{concern}"
        self._known(where, raw["points"])
        points = {
            item: {str(code): self._number(f"{where}.{item}", value) for code, value in table.items()}
            for item, table in ((name, raw["points"][name]) for name in self._in_order(raw["points"]))
        }
        mean: dict[str, int] = {}
        for item, table in points.items():
            self._check_points(where, item, table)
            if item not in raw["mean"]:
                self.say(f"{where}: 「{item}」の平均(mean)がありません")
            mean[item] = self._number(f"{where}.mean.{item}", raw["mean"].get(item, 0))
            if not min(table.values()) <= mean[item] <= max(table.values()):
                self.say(f"{where}: 「{item}」の平均が点の範囲の外にあります")
        base = self._number(where, raw.get("base", 0))
        calibration = self._calibration(where + ".calibration", raw.get("calibration"))
        spread = (base, base + sum(max(table.values(), default=0) for table in points.values()))
        bands = self._cuts(where + ".bands", self._in_points(where, raw["bands"], calibration, spread))
        if bands and bands[0].urgency is not None:
            self.say(f"{where}.bands: いちばん低い区分に urgency は書けません")
        return ConcernTable(concern, base, points, mean, bands, calibration)

    def _calibration(self, where: str, raw: Mapping[str, Any] | None) -> Calibration | None:
        if raw is None:
            return None
        mistakes = list(calibration_mistakes(raw))
        for mistake in mistakes:
            self.say(f"{where}: {mistake}")
        return None if mistakes else calibration_of(raw)

    def _in_points(
        self,
        where: str,
        raw: Iterable[Mapping[str, Any]],
        calibration: Calibration | None,
        spread: tuple[int, int],
    ) -> list[Mapping[str, Any]]:
        """Cuts declared as a share of children in need become the points from which that share is reached."""
        cuts: list[Mapping[str, Any]] = []
        for entry in raw:
            if "below_share" not in entry:
                cuts.append(entry)
                continue
            share = self._share(f"{where}.bands", entry["below_share"])
            if calibration is None:
                self.say(f"{where}.bands: below_share は、calibration のある表でだけ使えます")
                continue
            below = calibration.first_at(share, *spread) / 100
            cuts.append({"below": below, **{k: v for k, v in entry.items() if k != "below_share"}})
        return cuts

    def _check_points(self, where: str, item_id: str, table: Mapping[str, int]) -> None:
        item = self.keys.get(item_id)
        if item is None:
            return
        by_level = {str(level): level for level in range(item.worst + 1)} if item.is_multi else item.levels
        if set(table) != set(by_level):
            self.say(f"{where}: 「{item_id}」には {'・'.join(by_level)} の点をちょうど書いてください")
            return
        ordered = sorted((by_level[code], value) for code, value in table.items())
        for (level, value), (higher, more) in pairwise(ordered):
            if (higher > level and more < value) or (higher == level and more != value):
                self.say(f"{where}: 「{item_id}」の重い答えの点が、軽い答えより少なくなっています")
        if min(table.values()) < 0:
            self.say(f"{where}: 「{item_id}」に負の点があります")

    def reverse_pairs(self) -> tuple[tuple[str, str], ...]:
        pairs = []
        for first, second in self.data.get("reverse_pairs", ()):
            self._known("reverse_pairs", [first, second])
            pairs.append((first, second))
        return tuple(pairs)

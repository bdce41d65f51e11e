"""Worked children: answer sheets with what the scoring must come to. They are test, specification and handbook."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scoring.assessment import Assessment, Previous, assess
from scoring.sheet import AnswerMistake
from survey_api.services.banks.library import LoadedBank
from survey_api.services.banks.sheets import sheet_of

FEWEST = 25


def assess_example(loaded: LoadedBank, example: Mapping[str, Any]) -> Assessment:
    """One worked child through the live scoring. AnswerMistake when the sheet cannot exist in this bank."""
    answers = example["answers"]
    earlier = example.get("previous")
    previous = Previous.from_dict(earlier) if earlier else None
    each = example.get("seconds_each")
    seconds = {item: float(each) for item in answers} if each else None
    return assess(loaded.scoring_key, sheet_of(loaded, answers), previous, seconds=seconds)


def example_problems(loaded: LoadedBank, examples: Sequence[Mapping[str, Any]]) -> list[str]:
    """Every example that does not come out as written, and every rule not shown both ways."""
    found = [] if len(examples) >= FEWEST else [f"例が{len(examples)}人です({FEWEST}人以上にしてください)"]
    names = [str(example["name"]) for example in examples]
    found += [
        f"「{name}」が2回出ています" for name in sorted({name for name in names if names.count(name) > 1})
    ]
    fired: set[str] = set()
    quiet: set[str] = set()
    every_rule = {rule.id for rule in loaded.scoring_key.rules}
    for example in examples:
        refused = _impossible(loaded, example["answers"])
        if refused:
            found.append(f"「{example['name']}」: {refused}")
            continue
        try:
            assessment = assess_example(loaded, example)
        except AnswerMistake as mistake:
            found.append(f"「{example['name']}」: {mistake}")
            continue
        found += [
            f"「{example['name']}」: {problem}" for problem in _differences(assessment, example["expect"])
        ]
        fired |= set(assessment.fired)
        quiet |= every_rule - set(assessment.fired) - set(assessment.content["unevaluable"])
    found += [f"規則 {rule} にあたる子どもの例がありません" for rule in sorted(every_rule - fired)]
    found += [f"規則 {rule} にあたらない子どもの例がありません" for rule in sorted(every_rule - quiet)]
    return found


def _impossible(loaded: LoadedBank, answers: Mapping[str, Any]) -> str | None:
    notices = set(loaded.bank.skippable())
    for item_id, value in answers.items():
        if item_id in notices:
            continue
        item = loaded.bank.items.get(item_id)
        if item is None:
            return f"「{item_id}」という質問はありません"
        reason = item.refuses(value)
        if reason is not None:
            return f"「{item_id}」の答えが正しくありません({reason})"
    return None


def _differences(assessment: Assessment, expect: Mapping[str, Any]) -> Iterator[str]:
    content = assessment.content
    yield from _differs("urgency", expect["urgency"], content["urgency"] or "none")
    yield from _differs("flags", sorted(expect["flags"]), sorted(assessment.fired))
    if "unevaluable" in expect:
        yield from _differs("unevaluable", sorted(expect["unevaluable"]), sorted(content["unevaluable"]))
    bands = {part["id"]: part["band"] for part in content["subscales"]}
    for name, band in expect.get("bands", {}).items():
        yield from _differs(f"bands.{name}", band, bands.get(name))
    patterns = {part["concern"]: part["band"] for part in content["concerns"]}
    for name, band in expect.get("patterns", {}).items():
        yield from _differs(f"patterns.{name}", band, patterns.get(name))
    if "signs" in expect:
        yield from _differs("signs", sorted(expect["signs"]), sorted(content["quality"]["signs"]))
    if "reasons" in expect:
        yield from _differs("reasons", expect["reasons"], [reason["code"] for reason in assessment.reasons])


def _differs(what: str, expected: object, came: object) -> Iterator[str]:
    if expected != came:
        yield f"{what} は {expected} のはずですが、{came} になりました"

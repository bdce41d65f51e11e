"""Which questions stand behind something that is counted: an item, a subscale or a rule."""

from scoring.key import Condition
from survey_api.services.banks.library import LoadedBank


def questions_behind(loaded: LoadedBank, source: str) -> tuple[str, ...]:
    """`source`: item:…, subscale:… or rule:…. Empty for what this bank does not have."""
    kind, _, name = source.partition(":")
    if kind == "item":
        found = {name}
    elif kind == "subscale":
        found = {item for part in loaded.scoring_key.subscales if part.id == name for item in part.items}
    else:
        found = {
            item
            for rule in loaded.scoring_key.rules
            if rule.id == name
            for item in _mentioned(loaded, rule.when)
        }
    return tuple(item for item in loaded.bank.items if item in found)


def _mentioned(loaded: LoadedBank, condition: Condition) -> set[str]:
    found = {item for part in condition.parts for item in _mentioned(loaded, part)}
    if condition.item in loaded.bank.items:
        found.add(condition.item)
    for part in loaded.scoring_key.subscales:
        if part.id == condition.item:
            found.update(part.items)
    return found

"""Simulated pupils answer a wave: for practice, for tests, for trying thresholds. Never evidence about children.

`simulate_wave` is the one public function. The same banks, pupils, seed and wave number give the same answers.
Everything it puts out carries `LABEL`; whoever shows a number from it shows that word with it.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scoring.lab import behaviour, marginals, sentences
from scoring.lab.item_plans import ItemPlan
from scoring.lab.responses import BankModel, answer_of, model_of, places_of, respond
from scoring.lab.traits import (
    Matrix,
    SimulatedPupil,
    State,
    Truth,
    draw_concealers,
    draw_noise,
    draw_traits,
    truths,
)

__all__ = ["LABEL", "SimulatedPupil", "SimulatedSubmission", "SimulatedWave", "Truth", "simulate_wave"]

LABEL = "simulated"

Answers = dict[str, str | list[str]]


@dataclass(frozen=True)
class SimulatedSubmission:
    """One pupil's go, without any pseudonym: `key` is the caller's own, `answers` as the service stores them.

    An item that is missing was left (the pupil stopped); a follow-up that was not shown is missing too. A page
    that was skipped stands under its notice as "skip". `seconds` has an entry per answered item.
    """

    key: str
    bank: str
    answers: Answers
    seconds: dict[str, float]
    truth: Truth
    label: str = LABEL


@dataclass(frozen=True)
class SimulatedWave:
    """All submissions of a wave in the order of the pupils asked, and what the next wave starts from."""

    submissions: tuple[SimulatedSubmission, ...]
    state: State
    label: str = LABEL


def simulate_wave(
    banks: Mapping[str, Mapping[str, Any]],
    pupils: Sequence[SimulatedPupil],
    seed: int,
    wave_no: int = 1,
    previous: State | None = None,
    hardship: float = 0.0,
) -> SimulatedWave:
    """Let every pupil answer the bank of their grade.

    `hardship` moves every scored answer by so many standard deviations: 0 gives the reference shares, below 0 a
    better-off city. `banks`: name → {"bank": …, "scoring": …, "reference": … or absent}, the YAML files as plain dicts.
    ValueError when no bank asks a pupil's grade, or when two pupils share a key.
    """
    if len({pupil.key for pupil in pupils}) != len(pupils):
        raise ValueError("two simulated pupils have the same key")
    models = [model_of(content) for content in banks.values()]
    model_of_grade = {grade: model for model in models for grade in model.grades}
    unasked = sorted({pupil.grade for pupil in pupils} - set(model_of_grade))
    if unasked:
        raise ValueError(f"no bank asks grades {unasked}")
    rng = np.random.default_rng([seed, wave_no])
    traits = draw_traits(pupils, previous, rng)
    conceals = draw_concealers(pupils, previous, rng)
    truth = truths(pupils, traits, conceals, behaviour.draw_careless(len(pupils), rng))
    found: dict[str, SimulatedSubmission] = {}
    habits: dict[str, dict[str, float]] = {}
    for model in models:
        rows = [row for row, pupil in enumerate(pupils) if model_of_grade[pupil.grade] is model]
        stream = np.random.default_rng([seed, wave_no, zlib.crc32(model.bank.encode())])
        group = [pupils[row] for row in rows]
        drawn = _draw(model, group, previous, stream)
        for item, noise in drawn.items():
            habits.setdefault(item, {}).update(
                zip((pupil.key for pupil in group), noise.tolist(), strict=True)
            )
        facts = _Group(group, traits[rows], [truth[row] for row in rows], drawn)
        for submission in _answer(model, facts, hardship, stream):
            found[submission.key] = submission
    carried = {pupil.key: tuple(map(float, traits[row])) for row, pupil in enumerate(pupils)}
    kept = {pupil.key: bool(conceals[row]) for row, pupil in enumerate(pupils)}
    state = State(wave_no, carried, kept, habits)
    return SimulatedWave(tuple(found[pupil.key] for pupil in pupils), state)


@dataclass(frozen=True)
class _Columns:
    """Drawn per item for all pupils of a bank: the place of the answer, and a refusal or ""."""

    places: Mapping[str, Sequence[int]]
    refusals: Mapping[str, Sequence[str]]
    writes_text: float


@dataclass(frozen=True)
class _Group:
    """The pupils one bank asks, with what is so of each, row by row."""

    pupils: Sequence[SimulatedPupil]
    traits: Matrix
    truth: Sequence[Truth]
    noise: Mapping[str, Matrix]


def _draw(
    model: BankModel, pupils: Sequence[SimulatedPupil], previous: State | None, rng: np.random.Generator
) -> dict[str, Matrix]:
    return {item: draw_noise(item, pupils, previous, rng) for item in model.plans}


def _answer(
    model: BankModel, group: _Group, hardship: float, rng: np.random.Generator
) -> list[SimulatedSubmission]:
    columns = _draw_columns(model, group, hardship, rng)
    return [
        _walk(model, columns, row, pupil, group.truth[row], float(group.traits[row].max()), rng)
        for row, pupil in enumerate(group.pupils)
    ]


def _draw_columns(model: BankModel, group: _Group, hardship: float, rng: np.random.Generator) -> _Columns:
    conceals = np.array([each.conceals for each in group.truth], dtype=bool)
    newcomers = np.array([pupil.home_language != "ja" for pupil in group.pupils], dtype=bool)
    places: dict[str, Sequence[int]] = {}
    refusals: dict[str, Sequence[str]] = {}
    for position, plan in enumerate(model.plans.values()):
        honest = respond(plan, group.traits, group.noise[plan.id]) + hardship * (plan.pull > 0)
        responses = behaviour.bend(honest, plan, position, conceals, newcomers)
        refusals[plan.id] = behaviour.draw_refusals(responses, plan, conceals, rng)
        if plan.id in model.cuts:
            places[plan.id] = places_of(model.cuts[plan.id], responses).tolist()
    return _Columns(places, refusals, model.writes_text * float(np.exp(2 * hardship)))


def _walk(
    model: BankModel,
    columns: _Columns,
    row: int,
    pupil: SimulatedPupil,
    truth: Truth,
    worst: float,
    rng: np.random.Generator,
) -> SimulatedSubmission:
    """One pupil goes through the screens, as the tablet would show them."""
    answers: Answers = {}
    seconds: dict[str, float] = {}
    column = float(rng.choice([0.0, 0.5, 1.0])) if truth.careless == "straight" else None
    reads_until = 0 if truth.careless in ("straight", "random") else len(model.screens)
    if truth.careless == "late":
        reads_until = int(rng.integers(len(model.screens) // 2, len(model.screens)))
    stays_until = len(model.screens)
    if rng.random() < marginals.BREAK_OFF:
        stays_until = int(rng.integers(1, len(model.screens)))
    for place, screen in enumerate(model.screens[:stays_until]):
        shown = _shown(screen, answers)
        if shown is None:
            if screen.get("may_skip") and rng.random() < marginals.SKIPS_HARD_BLOCK:
                answers[str(screen["notice"])] = behaviour.SKIP
            continue
        plan = model.plans[shown]
        careless = place >= reads_until
        if plan.kind == "text":
            words = "" if careless else _words(columns.writes_text, pupil, truth, worst, rng)
            if not words:
                continue
            answers[shown] = words
        elif careless:
            answers[shown] = behaviour.careless_answer(plan, column, rng)
        else:
            answers[shown] = columns.refusals[shown][row] or _chosen(plan, columns, row, rng)
        seconds[shown] = behaviour.seconds_of(plan, pupil.grade, careless, rng)
    return SimulatedSubmission(pupil.key, model.bank, answers, seconds, truth)


def _chosen(plan: ItemPlan, columns: _Columns, row: int, rng: np.random.Generator) -> str | list[str]:
    place = columns.places[plan.id][row] if plan.id in columns.places else None
    return answer_of(plan, place, rng)


def _shown(screen: Mapping[str, Any], answers: Answers) -> str | None:
    """The item this screen shows for the answers so far; None for a notice."""
    when = screen.get("when")
    if when is None or _holds(when, answers):
        return str(screen["item"]) if "item" in screen else None
    otherwise = screen["otherwise"]
    return otherwise if isinstance(otherwise, str) else None


def _holds(when: Mapping[str, Any], answers: Answers) -> bool:
    """Like the service: a refusal or no answer never opens a follow-up."""
    if "notice" in when:
        return answers.get(str(when["notice"])) != behaviour.SKIP
    given = answers.get(str(when["item"]), [])
    chosen = ({given} if isinstance(given, str) else set(given)) - {behaviour.DONT_KNOW, behaviour.DECLINED}
    if "answered" in when:
        return bool(chosen & set(map(str, when["answered"])))
    return bool(chosen - set(map(str, when["answered_other_than"])))


def _words(share: float, pupil: SimulatedPupil, truth: Truth, worst: float, rng: np.random.Generator) -> str:
    """Free words: plain ones by some pupils in need, worried ones by some badly off, otherwise ordinary ones."""
    if truth.in_need and not truth.conceals and rng.random() < marginals.TEXT_HIT_AMONG_CASES:
        return str(rng.choice(sentences.PLAIN))
    if rng.random() >= share:
        return ""
    if pupil.home_language in sentences.OTHER_LANGUAGES and rng.random() < 0.5:
        return str(rng.choice(sentences.OTHER_LANGUAGES[pupil.home_language]))
    return str(rng.choice(sentences.WORRIED if worst > 1.6 else sentences.ORDINARY))

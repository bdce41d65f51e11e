"""A house whose pupils have answered over the real journey: some carry everything, the others are fine."""

import json

from survey_api.jobs.prepare_release import prepare_release
from survey_api.journeys import release_wave
from survey_api.journeys.close_wave import close_wave
from survey_api.journeys.finish_submission import finish_submission
from survey_api.kit.actor import Actor, ActorKind
from tests.house import House, bank, best_answers, worst_answers


def answer(house: House, *, worried: int, silent: int = 0) -> None:
    """Per bank the last `silent` pupils do not answer, the first `worried` give the worst answers."""
    by_grade: dict[int, int] = {}
    sizes: dict[int, int] = {}
    for pupil in house.pupils:
        sizes[pupil.grade] = sizes.get(pupil.grade, 0) + 1
    for pupil in house.pupils:
        place = by_grade[pupil.grade] = by_grade.get(pupil.grade, 0) + 1
        if place > sizes[pupil.grade] - silent:
            continue
        loaded = bank(next(name for name in BANK_OF if pupil.grade in bank(name).bank.grades))
        answers = worst_answers(loaded) if place <= worried else best_answers(loaded)
        sheet = {
            "client_id": f"tablet-{pupil.ticket_id}",
            "answers": answers,
            "seconds": {},
            "supported": place % 2 == 0,
        }
        with house.runtime.work(Actor.student(pupil.ticket_id)) as work:
            finish_submission(work, pupil.ticket_id, json.dumps(sheet).encode())


def close(house: House) -> None:
    with house.runtime.work(Actor.job("test")) as work:
        close_wave(work, house.wave_id)


BANK_OF = ("sho-low", "sho-high", "chu", "kou")


def release(house: House, wave_id: str = "") -> None:
    """Two people release a closed wave, with the job between them."""
    wave = wave_id or house.wave_id
    first, second = (
        Actor(ActorKind.STAFF, house.staff[login], frozenset({("welfare", None)}))
        for login in ("ito", "kato")
    )
    with house.runtime.work(first) as work:
        release_wave.ask(work, wave)
    prepare_release(house.runtime, wave)
    with house.runtime.work(second) as work:
        release_wave.approve(work, wave)

"""Two at once on PostgreSQL, where many may write: one of them has the case, the other a sentence.

Two signals for one child at once: one opens the case, the other finds it.
"""

import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from survey_api.kit.work import Work
from survey_api.services.review import actions as review_actions
from survey_api.tables.cases import Case
from survey_api.vocabulary import Urgency
from tests.house import SETUP, House, bank, open_house, worst_answers
from tests.survey_ui.counselor.room import send
from tests.survey_ui.counselor.test_colleagues import both_claim, one_has_it


def test_two_who_take_one_case_at_once_on_postgres(
    tmp_path_factory: pytest.TempPathFactory, postgres_urls: tuple[str, str]
) -> None:
    folder: Path = tmp_path_factory.mktemp("race")
    with open_house(folder, pupils=4, urls=postgres_urls) as house:
        for pupil in house.pupils:
            send(house, pupil, worst_answers(bank("chu")))
        with house.runtime.reading() as db:
            cases = list(db.exec(select(Case.id)).all())
        for case_id in cases:
            one_has_it(house, case_id, both_claim(house, case_id, ("aoki", "sato")))
        two_signals_make_one_case(house, cases[0])


def two_signals_make_one_case(house: House, case_id: str) -> None:
    """The second has looked and seen nothing when the first commits: the index decides, nobody is refused."""
    with house.runtime.work(SETUP) as work:
        case = work.db.get_one(Case, case_id)
        known = (case.result_id, case.school_id, case.wave_id, case.pseudonym)
        review_actions.erase(work, case)
    found: list[str] = []

    def signal(work: Work, urgency: Urgency) -> None:
        result_id, school_id, wave_id, pseudonym = known
        called = review_actions.open_case(
            work,
            result_id=result_id,
            school_id=school_id,
            wave_id=wave_id,
            pseudonym=pseudonym,
            urgency=urgency,
        )
        found.append(called.case_id)

    def second() -> None:
        with house.runtime.work(SETUP) as work:
            signal(work, Urgency.TODAY)

    thread = threading.Thread(target=second)
    with house.runtime.work(SETUP) as work:
        signal(work, Urgency.CHECK)
        thread.start()
        with house.runtime.reading() as db:
            while not db.exec(text("SELECT 1 FROM pg_locks WHERE NOT granted")).first():  # type: ignore[call-overload]
                db.rollback()
    thread.join()
    with house.runtime.reading() as db:
        (case,) = db.exec(select(Case).where(Case.pseudonym == known[3])).all()
    assert found == [case.id, case.id]
    assert case.urgency == Urgency.TODAY

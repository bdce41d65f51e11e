"""Two at once on PostgreSQL, where many may write: one of them has the case, the other a sentence."""

from pathlib import Path

import pytest
from sqlmodel import select

from survey_api.tables.cases import Case
from tests.house import bank, open_house, worst_answers
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

"""A closed wave is released once, protected and signed; everything else is refused and leaves nothing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import col, select, update

from survey_api.audit import queries as audit_queries
from survey_api.journeys.release_wave import release_wave
from survey_api.kit.actor import Actor
from survey_api.kit.crypto import Keyring
from survey_api.services.insights import released
from survey_api.services.insights.planning import RESPONSE
from survey_api.services.insights.refusal import ReleaseRefused
from survey_api.services.insights.safe import PlaceKind
from survey_api.tables.releases import Release
from survey_api.tables.schools import Student
from tests.answered import answer, close
from tests.house import House, open_house

JOB = Actor.job("release")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, banks=("sho-high", "chu"), pupils=14) as opened:
        yield opened


def release(house: House) -> str:
    with house.runtime.work(JOB) as work:
        return release_wave(work, house.wave_id)


def stored(house: House) -> list[Release]:
    with house.runtime.reading() as db:
        return list(db.exec(select(Release)).all())


def test_a_closed_wave_is_counted_protected_and_kept(house: House) -> None:
    answer(house, worried=4, silent=1)
    close(house)
    release(house)
    with house.runtime.reading() as db:
        (wave,) = released.released_waves(db, house.runtime.keys)
    table = wave.release.table
    (_, hungry) = next(table.of("hungry", PlaceKind.CITY))
    assert hungry.low <= 8 <= hungry.high
    assert (hungry.n_low, hungry.n_high) == (20, 29)
    (_, sent) = next(table.of(RESPONSE.id, PlaceKind.CITY))
    assert sent.low <= 26 <= sent.high
    assert dict(table.withheld)["hit-at-home"] == "too-few-schools"


def test_the_bundle_stays_the_same_and_the_trail_knows(house: House) -> None:
    answer(house, worried=4)
    close(house)
    release(house)
    before = stored(house)[0].bundle
    with pytest.raises(ReleaseRefused, match="もう公表"):
        release(house)
    assert [row.bundle for row in stored(house)] == [before]
    with house.runtime.reading() as db:
        kinds = [entry.kind for entry in audit_queries.entries_about(db, house.wave_id)]
    assert kinds.count("release.made") == 1


def test_an_open_wave_is_refused(house: House) -> None:
    answer(house, worried=4)
    with pytest.raises(ReleaseRefused, match="まだ終わっていません"):
        release(house)
    assert stored(house) == []


def test_a_wave_with_no_answers_releases_only_how_many_answered(house: House) -> None:
    close(house)
    release(house)
    with house.runtime.reading() as db:
        (wave,) = released.released_waves(db, house.runtime.keys)
    assert {cell.indicator for cell in wave.release.table.cells} == {RESPONSE.id}


def test_without_its_key_nothing_is_released(house: House) -> None:
    answer(house, worried=4)
    close(house)
    keys = Keyring({name: key for name, key in house.runtime.keys.keys.items() if name != "rounding"})
    with house.runtime.work(JOB) as work:
        keyless = replace(work, keys=keys)
        with pytest.raises(ReleaseRefused, match="鍵がありません"):
            release_wave(keyless, house.wave_id)
    assert stored(house) == []


def test_pupils_who_have_moved_up_a_year_are_counted_where_they_were_asked(house: House) -> None:
    answer(house, worried=4)
    close(house)
    with house.runtime.work(JOB) as work:
        work.db.connection().execute(update(Student).values(grade=col(Student.grade) + 1))
    release(house)
    with house.runtime.reading() as db:
        (wave,) = released.released_waves(db, house.runtime.keys)
    grades = [place.grades for place, _ in wave.release.table.of("hungry", PlaceKind.BLOCK)]
    assert grades == [(4,), (7,)]


def test_only_the_whole_city_can_be_counted(house: House) -> None:
    close(house)
    someone = Actor.student("nobody")
    with pytest.raises(ValueError, match="whole city"), house.runtime.work(someone) as work:
        release_wave(work, house.wave_id)

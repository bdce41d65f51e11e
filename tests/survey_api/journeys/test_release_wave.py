"""A closed wave is released once, protected and signed; everything else is refused and leaves nothing."""

import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, delete, select, update

from survey_api.audit import queries as audit_queries
from survey_api.cli.keys import renew_now
from survey_api.jobs.prepare_release import prepare_release
from survey_api.journeys import release_wave
from survey_api.kit.actor import Actor, ActorKind
from survey_api.kit.crypto import Keyring
from survey_api.kit.problems import NotAllowed
from survey_api.services.insights import disclosure, released, report
from survey_api.services.insights.actions import GIVEN_UP_AFTER
from survey_api.services.insights.bundle import bundle_bytes
from survey_api.services.insights.keys import release_keys
from survey_api.services.insights.outcomes import Tally
from survey_api.services.insights.planning import RESPONSE
from survey_api.services.insights.refusal import ReleaseRefused
from survey_api.services.insights.released import Preparation
from survey_api.services.insights.report import coin_of, key_of
from survey_api.services.insights.safe import PlaceKind, SafeTable
from survey_api.tables.cases import Case
from survey_api.tables.desk import CheckDraw, CheckItem
from survey_api.tables.releases import PreparedRelease, Release
from survey_api.tables.results import Result
from survey_api.tables.schools import Student
from survey_api.tables.submissions import Submission
from survey_api.vocabulary import Urgency
from tests.answered import answer, close, release
from tests.house import House, open_house

JOB = Actor.job("release")
WELFARE = frozenset({("welfare", None)})


BANKS = ("sho-high", "chu")


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[House]:
    """Nobody has answered yet."""
    with open_house(tmp_path, banks=BANKS, pupils=14) as opened:
        yield opened


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Everybody has answered, and the wave is closed."""
    with open_house(tmp_path, banks=BANKS, pupils=14, after=all_answer) as opened:
        yield opened


def all_answer(house: House) -> None:
    answer(house, worried=4)
    close(house)


def staff(house: House, login: str) -> Actor:
    return Actor(ActorKind.STAFF, house.staff[login], WELFARE)


def ask(house: House, login: str = "ito") -> None:
    with house.runtime.work(staff(house, login)) as work:
        release_wave.ask(work, house.wave_id)


def approve(house: House, login: str = "kato", keys: Keyring | None = None) -> str:
    with house.runtime.work(staff(house, login)) as work:
        return release_wave.approve(replace(work, keys=keys) if keys else work, house.wave_id)


def standing(house: House) -> Preparation | None:
    with house.runtime.reading() as db:
        return released.standings(db)[0].prepared


def stored(house: House) -> list[Release]:
    with house.runtime.reading() as db:
        return list(db.exec(select(Release)).all())


def test_a_closed_wave_is_counted_protected_and_kept(fresh: House) -> None:
    answer(fresh, worried=4, silent=1)
    close(fresh)
    release(fresh)
    with fresh.runtime.reading() as db:
        (wave,) = released.released_waves(db, fresh.runtime.keys)
    table = wave.release.table
    (_, hungry) = next(table.of("hungry", PlaceKind.CITY))
    assert hungry.low <= 8 <= hungry.high
    assert (hungry.n_low, hungry.n_high) == (20, 29)
    (_, sent) = next(table.of(RESPONSE.id, PlaceKind.CITY))
    assert sent.low <= 26 <= sent.high
    assert dict(table.withheld)["hit-at-home"] == "too-few-schools"


def test_the_bundle_stays_the_same_and_the_trail_knows(house: House) -> None:
    release(house)
    before = stored(house)[0].bundle
    with pytest.raises(ReleaseRefused, match="もう公表"):
        ask(house)
    assert [row.bundle for row in stored(house)] == [before]
    with house.runtime.reading() as db:
        kinds = [entry.kind for entry in audit_queries.entries_about(db, house.wave_id)]
    assert [kind for kind in reversed(kinds) if kind.startswith("release.")] == [
        "release.asked",
        "release.prepared",
        "release.made",
    ]


def test_an_open_wave_is_refused(fresh: House) -> None:
    answer(fresh, worried=4)
    with pytest.raises(ReleaseRefused, match="まだ終わっていません"):
        ask(fresh)
    assert stored(fresh) == []


def test_a_wave_with_no_answers_releases_only_how_many_answered(fresh: House) -> None:
    close(fresh)
    release(fresh)
    with fresh.runtime.reading() as db:
        (wave,) = released.released_waves(db, fresh.runtime.keys)
    assert {cell.indicator for cell in wave.release.table.cells} == {RESPONSE.id}


def test_the_person_who_asked_cannot_let_it_go(house: House) -> None:
    ask(house)
    with pytest.raises(ReleaseRefused, match="まだ用意できていません"):
        approve(house)
    prepare_release(house.runtime, house.wave_id)
    waiting = standing(house)
    assert waiting is not None
    assert (waiting.state, waiting.done, waiting.asked_by) == ("ready", 100, house.staff["ito"])
    with pytest.raises(ReleaseRefused, match="二人で行います"):
        approve(house, "ito")
    assert stored(house) == []
    approve(house, "kato")
    assert [row.made_by for row in stored(house)] == [house.staff["kato"]]
    assert standing(house) is None


def test_the_office_may_be_the_second_person_and_a_counselor_or_a_school_may_not(house: House) -> None:
    ask(house)
    prepare_release(house.runtime, house.wave_id)
    for grants in ({("counselor", None)}, {("operator", None)}, {("office", house.schools["north"])}):
        someone = Actor(ActorKind.STAFF, house.staff["ono"], frozenset(grants))
        with pytest.raises(NotAllowed), house.runtime.work(someone) as work:
            release_wave.approve(work, house.wave_id)
    office = Actor(ActorKind.STAFF, house.staff["ono"], frozenset({("office", None)}))
    with house.runtime.work(office) as work:
        release_wave.approve(work, house.wave_id)
    assert len(stored(house)) == 1


def test_two_officers_at_once_make_one_preparation_and_one_release(house: House) -> None:
    with ThreadPoolExecutor(2) as both:
        asked = [both.submit(ask, house, login) for login in ("ito", "kato")]
        assert sorted(type(one.exception()).__name__ for one in asked) == ["NoneType", "ReleaseRefused"]
        first = standing(house)
        assert first is not None
        prepare_release(house.runtime, house.wave_id)
        prepare_release(house.runtime, house.wave_id)  # a job that runs twice changes nothing
        seconds = [login for login in ("ito", "kato") if house.staff[login] != first.asked_by] * 2
        let_go = [both.submit(approve, house, login) for login in seconds]
        assert sorted(type(one.exception()).__name__ for one in let_go) == ["NoneType", "ReleaseRefused"]
    assert len(stored(house)) == 1


def test_what_was_prepared_is_frozen_and_a_withdrawal_touches_the_next_release_only(house: House) -> None:
    ask(house)
    prepare_release(house.runtime, house.wave_id)
    with house.runtime.reading() as db:
        frozen = released.prepared(db, house.wave_id).bundle
    with house.runtime.work(JOB) as work:
        watched = select(Case.result_id)
        gone = work.db.exec(select(Result.submission_id).where(col(Result.id).not_in(watched))).all()[0]
        work.db.connection().execute(delete(Result).where(col(Result.submission_id) == gone))
        work.db.connection().execute(delete(Submission).where(col(Submission.id) == gone))
    approve(house)
    assert [row.bundle for row in stored(house)] == [frozen]


def test_prepared_bytes_that_were_altered_or_made_under_another_key_do_not_leave(house: House) -> None:
    ask(house)
    prepare_release(house.runtime, house.wave_id)
    changed = dict(house.runtime.keys.keys) | {"release": secrets.token_bytes(32)}
    with pytest.raises(ReleaseRefused, match="ちがう鍵"):
        approve(house, keys=Keyring(changed))
    missing = {name: key for name, key in house.runtime.keys.keys.items() if name != "release"}
    with pytest.raises(ReleaseRefused, match="鍵がありません"):
        approve(house, keys=Keyring(missing))
    with house.runtime.work(JOB) as work:
        row = released.prepared(work.db, house.wave_id)
        first, rest = (row.bundle or b"").split(b'":[[', 1)
        forged = first + b'":[[1' + rest
        work.db.connection().execute(update(PreparedRelease).values(bundle=forged))
    with pytest.raises(ReleaseRefused, match="書きかえられています"):
        approve(house)
    assert stored(house) == []


def test_sent_back_it_can_be_made_again_with_the_same_bytes(house: House) -> None:
    made = []
    for _ in range(2):
        ask(house)
        prepare_release(house.runtime, house.wave_id)
        with house.runtime.work(staff(house, "kato")) as work:
            made.append(released.prepared(work.db, house.wave_id).bundle)
            release_wave.send_back(work, house.wave_id)
    assert made[0] == made[1]
    assert stored(house) == []


def test_a_new_key_leaves_what_was_made_readable_and_the_next_wave_is_made_under_it(house: House) -> None:
    ask(house)
    prepare_release(house.runtime, house.wave_id)
    old = house.runtime.keys
    side = {pupil.pseudonym: coin_of(old)(pupil.pseudonym) for pupil in house.pupils}
    renew_now(house.runtime.settings, "tables")  # between the two people, under a running service
    approve(house)
    with house.runtime.reading() as db:
        (wave,) = released.released_waves(db, house.runtime.keys)
    today, before = release_keys(house.runtime.keys)
    assert before.noise == old["rounding"]
    assert today.verifier != before.verifier
    assert key_of(house.runtime.keys).noise == today.noise != before.noise
    assert bundle_bytes(wave.release.plan, wave.release.table, key=before) == stored(house)[0].bundle
    assert {pupil: coin_of(house.runtime.keys)(pupil) for pupil in side} == side, "no child changes sides"


def test_a_job_that_was_killed_can_be_asked_for_again_after_a_while(house: House) -> None:
    ask(house)
    with pytest.raises(ReleaseRefused, match="もう用意を始めています"):
        ask(house, "kato")
    house.clock.move(GIVEN_UP_AFTER + timedelta(minutes=1))
    ask(house, "kato")
    prepare_release(house.runtime, house.wave_id)
    approve(house, "ito")
    assert len(stored(house)) == 1


def test_without_its_key_nothing_is_asked_for_and_the_job_says_why(house: House) -> None:
    keys = Keyring({name: key for name, key in house.runtime.keys.keys.items() if name != "rounding"})
    with (
        house.runtime.work(staff(house, "ito")) as work,
        pytest.raises(ReleaseRefused, match="鍵がありません"),
    ):
        release_wave.ask(replace(work, keys=keys), house.wave_id)
    ask(house)
    prepare_release(replace(house.runtime, keys=keys), house.wave_id)
    stopped = standing(house)
    assert stopped is not None
    assert stopped.state == "refused"
    assert "鍵がありません" in stopped.sentence


def test_pupils_who_have_moved_up_a_year_are_counted_where_they_were_asked(house: House) -> None:
    with house.runtime.work(JOB) as work:
        work.db.connection().execute(update(Student).values(grade=col(Student.grade) + 1))
    release(house)
    with house.runtime.reading() as db:
        (wave,) = released.released_waves(db, house.runtime.keys)
    grades = [place.grades for place, _ in wave.release.table.of("hungry", PlaceKind.BLOCK)]
    assert grades == [(4,), (7,)]


def test_only_the_job_can_count_the_whole_city(fresh: House) -> None:
    close(fresh)
    with fresh.runtime.reading() as db, pytest.raises(ValueError, match="whole city"):
        release_wave.build(db, fresh.runtime.keys, Actor.student("nobody"), fresh.wave_id, lambda _: None)


def test_skips_and_answering_are_counted_from_the_sheets(
    fresh: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: dict[str, dict[str, int]] = {}

    def protect(*given: Any, tallies: Sequence[Tally], **more: Any) -> SafeTable:
        counted.update({one.note.id: {part.id: n for part, n in one.counts} for one in tallies})
        return disclosure.protect(*given, tallies=tallies, **more)

    monkeypatch.setattr(report, "protect", protect)
    answer(fresh, worried=4, silent=1)
    close(fresh)
    with fresh.runtime.work(JOB) as work:
        case = work.db.exec(select(Case).where(Case.urgency == Urgency.TODAY)).first()
        assert case is not None
        # a Friday; the Monday between is a public holiday, and on Tuesday the desk looked
        case.opened_on, case.first_contact_on = date(2026, 11, 20), date(2026, 11, 24)
        work.db.add(case)
        unread = work.db.exec(select(Result).where(col(Result.id).not_in(select(Case.result_id)))).all()
        for number, result in enumerate(unread[:16]):
            draw = CheckDraw(
                id=f"draw {number}", wave_id=fresh.wave_id, school_id=result.school_id, seed="s", population=20,
                size=1, drawn_by="x", drawn_at=work.now,
            )  # fmt: skip
            item = CheckItem(
                id=f"item {number}", draw_id=draw.id, result_id=result.id, school_id=result.school_id, position=0,
                propensity=0.5, label="neglect" if number < 3 else "none", labelled_by="x", labelled_at=work.now,
            )  # fmt: skip
            work.db.add(draw)
            work.db.flush()
            work.db.add(item)
    release(fresh)
    with fresh.runtime.reading() as db:
        (wave,) = released.released_waves(db, fresh.runtime.keys)
    table = wave.release.table

    def about(measure: str) -> dict[str, int]:
        found = table.measure(measure)
        assert found is not None, measure
        return {part.id: part.about for part in found.parts}

    skipped = about("skip-chu-hungry")
    assert abs(skipped["answered"] - 13) <= 8
    assert skipped["skipped"] <= 8
    silent = about("silent")
    assert abs(silent["sent"] - 26) <= 8
    assert silent["none"] <= 10
    met = counted["contact-today"]
    assert (met["d1"], sum(met.values()) - met["not-yet"]) == (1, 1), (
        "school days, as the desk's clocks count"
    )
    assert sum(counts["late"] for name, counts in counted.items() if name.startswith("waiting-")) == 1
    assert counted["language"] == {"japanese": 14, "supported": 12}
    checks = about("checks")
    assert abs(checks["missed"] - 3) <= 8
    assert abs(checks["rightly"] - min(13, len(unread) - 3)) <= 8
    waits = [one for one in table.measures if one.id.startswith("waiting-")]
    assert waits
    assert all(note.wording for note in table.indicators if note.id == "hungry")

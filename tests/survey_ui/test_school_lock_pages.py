"""The school's key on the pages: every place that would show a name asks for it kindly and goes on where it was."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from httpx2 import Response
from sqlmodel import select
from starlette.testclient import TestClient

from survey_api.access import school_locks
from survey_api.services.students.oneroster import read_roster
from survey_api.settings import Mode
from survey_api.tables.audit import AuditEntry
from survey_api.tables.cases import Case
from survey_api.tables.reports import Report
from survey_api.vault.cipher import PersonName
from survey_api.vault.door import Enrolment, enrol
from tests.answered import answer, close
from tests.house import SETUP, House, bank, open_house, worst_answers
from tests.locked import PHRASES, lock, make_quick, session
from tests.survey_api.services.students.zips import small_zip
from tests.survey_ui.office.office_door import OfficeDesk

ASKED = "この学校の鍵をひらいてください"
WORD = next(
    str(value) for item, value in worst_answers(bank("chu")).items() if bank("chu").shape[item].kind == "text"
)


@dataclass
class Desk:
    """Somebody at a browser, in front of a locked school."""

    house: House
    client: TestClient
    code: str = ""

    @property
    def north(self) -> str:
        return self.house.schools["north"]

    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.client.get("/staff/none").text)
        found = found or re.search(
            r'name="csrf" value="([0-9a-f]+)"', self.client.get(f"/lock/{self.north}").text
        )
        assert found
        return found[1]

    def post(self, path: str, **fields: object) -> Response:
        return self.client.post(path, data={"csrf": self.csrf(), **fields})

    def open(self, login: str, back: str = "") -> Response:
        return self.post(
            f"/lock/{self.north}/open", lock_school=self.north, lock_phrase=PHRASES[login], back=back
        )

    @property
    def case(self) -> str:
        with self.house.runtime.reading() as db:
            pseudonym = self.house.pupils[0].pseudonym
            return f"/counselor/cases/{db.exec(select(Case.id).where(Case.pseudonym == pseudonym)).one()}"


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str]]:
    with (
        pytest.MonkeyPatch.context() as patch,
        open_house(tmp_path_factory.mktemp("locked"), pupils=4) as house,
    ):
        make_quick(patch)
        answer(house, worried=2, silent=2)
        yield house, lock(house)[1]


@pytest.fixture
def desk(locked: tuple[House, str]) -> Iterator[Desk]:
    house, code = locked
    with house.client() as client:
        house.sign_in(client, "aoki")
        yield Desk(house, client, code)


@pytest.fixture
def office(locked: tuple[House, str]) -> Iterator[Desk]:
    house, code = locked
    with house.client() as client:
        house.sign_in(client, "ono")
        yield Desk(house, client, code)


def again(desk: Desk, asked: Response, login: str) -> Response:
    """Fill in the passphrase on the page that asked for it and send the form as it stands there."""
    assert asked.status_code == 423
    assert ASKED in asked.text
    assert desk.house.pupils[0].name.given not in asked.text
    action = re.search(r'<form method="post" action="([^"]+)" class="stack"', asked.text)
    assert action
    hidden = re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)"', asked.text.split(action[0])[1]
    )
    fields: dict[str, list[str]] = {}
    for name, value in hidden:
        fields.setdefault(name, []).append(value)
    return desk.client.post(action[1], data={**fields, "lock_phrase": PHRASES[login]})


def test_a_name_is_asked_for_again_with_its_reason_and_comes(desk: Desk) -> None:
    asked = desk.post(f"{desk.case}/name", reason="safety")
    assert "189" in asked.text
    assert desk.house.pupils[0].name.given in again(desk, asked, "aoki").text
    assert desk.house.pupils[0].name.given in desk.post(f"{desk.case}/name", reason="safety").text


def test_a_refused_look_leaves_no_line_of_a_revealed_name(desk: Desk) -> None:
    def revealed() -> int:
        with desk.house.runtime.reading() as db:
            return len(db.exec(select(AuditEntry).where(AuditEntry.kind == "vault.name_revealed")).all())

    before = revealed()
    desk.post(f"{desk.case}/name", reason="safety")
    assert revealed() == before


def test_a_wrong_passphrase_is_asked_again_and_loses_nothing(desk: Desk) -> None:
    wrong = desk.post(
        f"{desk.case}/name", reason="safety", lock_school=desk.north, lock_phrase="ちがう合言葉を入れました"
    )
    assert "合言葉がちがいます" in wrong.text
    assert "ちがう合言葉を入れました" not in wrong.text
    assert desk.house.pupils[0].name.given in again(desk, wrong, "aoki").text


def test_the_child_s_own_words_come_back_to_the_case(desk: Desk) -> None:
    closed = desk.client.get(desk.case).text
    assert WORD not in closed
    assert "本人が書いたことばが" in closed
    assert "自由記述はありません" not in closed
    opened = desk.open("aoki", back=desk.case)
    assert opened.headers["location"] == desk.case
    assert WORD in desk.client.get(desk.case).text


def test_going_back_leads_nowhere_else(desk: Desk) -> None:
    assert desk.open("aoki", back="https://evil.example/").headers["location"] == f"/lock/{desk.north}"


def test_a_sheet_with_a_name_waits_for_the_key_and_keeps_what_was_typed(desk: Desk) -> None:
    fields = {
        "consent": "given",
        "blocks": ["name", "facts"],
        "facts": "見たことを書いた文",
        "contact_by": "other",
    }
    made = again(desk, desk.post(f"{desk.case}/sheet", **fields), "aoki")
    sheet = desk.client.get(made.headers["location"]).text
    assert desk.house.pupils[0].name.given in sheet
    assert "見たことを書いた文" in sheet
    desk.post(f"/lock/{desk.north}/close")
    asked = desk.client.get(made.headers["location"])
    assert "見たことを書いた文" not in asked.text
    assert again(desk, asked, "aoki").headers["location"] == made.headers["location"]


def test_a_report_needs_no_key_and_gets_the_name_when_there_is_one(desk: Desk) -> None:
    """Nobody who must call at once waits for a passphrase; what the box holds is not overwritten unseen."""
    with desk.house.runtime.work(session(desk.house, "aoki").actor) as work:
        for row in work.db.exec(select(Report)).all():
            work.db.delete(row)
    begun = desk.post(f"{desk.case}/report")
    assert begun.status_code == 303
    here = begun.headers["location"]
    closed = desk.client.get(here)
    assert closed.status_code == 200
    assert "鍵をひらくと入ります" in closed.text
    desk.open("aoki")
    assert desk.house.pupils[0].name.given in desk.client.get(here).text
    desk.post(f"/lock/{desk.north}/close")
    told = desk.post(here, recipient=child_guidance(desk), facts="電話で話したこと", receiver="夜間の係")
    assert told.status_code == 303
    after = desk.client.get(here).text
    assert "電話で話したこと" in after
    assert desk.house.pupils[0].name.given not in after


def child_guidance(desk: Desk) -> str:
    found = re.search(
        r'<select id="recipient".*?<option value="([0-9a-f]+)"',
        desk.client.get(f"{desk.case}/sheet").text,
        re.S,
    )
    assert found
    return found[1]


def test_a_random_check_says_that_words_wait(desk: Desk, locked: tuple[House, str]) -> None:
    house = locked[0]
    close(house)
    drawn = desk.post("/counselor/checks", wave=house.wave_id, school=desk.north)
    if drawn.status_code == 303:
        for link in re.findall(
            r'href="(/counselor/checks/[0-9a-f]+)"', desk.client.get("/counselor/checks").text
        ):
            assert WORD not in desk.client.get(link).text


def test_tickets_with_names_wait_for_the_key(office: Desk, tmp_path: Path) -> None:
    with (
        open_house(tmp_path, pupils=3) as house,
        house.client() as client,
        pytest.MonkeyPatch.context() as patch,
    ):
        make_quick(patch)
        lock(house)
        house.sign_in(client, "ono")
        desk = Desk(house, client)
        path, asked_for = (
            f"/office/waves/{house.wave_id}/tickets",
            {"school_id": desk.north, "grade": "7", "class_name": "1", "sure": "yes"},
        )
        asked = desk.post(path, **asked_for)
        with house.runtime.reading() as db:
            printed = [row.kind for row in db.exec(select(AuditEntry)).all()]
        assert "tickets.printed" not in printed, "what was not shown voids no card"
        strips = again(desk, asked, "ono").text
        assert all(pupil.name.given in strips for pupil in house.pupils)


def test_the_access_report_of_a_locked_school_needs_no_key_and_tells_no_name(
    desk: Desk, locked: tuple[House, str]
) -> None:
    house, _ = locked
    assert again(desk, desk.post(f"{desk.case}/name", reason="safety"), "aoki").status_code == 200
    desk.client.cookies.clear()
    house.sign_in(desk.client, "sato")
    report = desk.client.get(f"{desk.case}/access")
    assert report.status_code == 200
    assert "aokiさん" in report.text
    assert "名前" in report.text
    assert ASKED not in report.text
    assert not [one for one in house.pupils if one.name.given in report.text]
    assert WORD not in report.text


def test_a_roster_says_how_many_names_it_cannot_compare_behind_a_closed_lock(
    office: Desk, locked: tuple[House, str]
) -> None:
    house, _ = locked
    pupil = read_roster(small_zip()).roster.pupils[0]
    with house.runtime.reading() as db:
        public = school_locks.public_of(db, office.north)
    assert public
    with house.runtime.vault_work(SETUP) as work:
        known = Enrolment(pupil.person_key, office.north, PersonName("別の", "名前"))
        enrol(work, [known], {office.north: public})
    at_the_desk = OfficeDesk(house, office.client)
    said = "鍵をかけた学校の1人は、名前が変わったかどうかを比べられません"
    assert said in at_the_desk.upload(small_zip()).text
    assert office.open("ono").status_code == 303
    assert said not in at_the_desk.upload(small_zip()).text


def test_only_the_school_s_people_come_near_the_lock(desk: Desk, locked: tuple[House, str]) -> None:
    house = locked[0]
    for login, status in (("berg", 404), ("ito", 403), ("oda", 403), ("mori", 403)):
        with house.client() as client:
            house.sign_in(client, login)
            assert client.get(f"/lock/{desk.north}").status_code == status


def test_the_whole_way_from_no_lock_to_a_locked_school(tmp_path: Path) -> None:
    """Three people at three browsers and one sheet of paper, over the pages alone."""
    with open_house(tmp_path, pupils=3) as house, pytest.MonkeyPatch.context() as patch:
        make_quick(patch)
        answer(house, worried=1)
        desks = {}
        for login in PHRASES:
            client = house.client()
            client.__enter__()
            house.sign_in(client, login)
            desks[login] = Desk(house, client)
        first, here = desks["aoki"], f"/lock/{house.schools['north']}"
        assert "まだありません" in first.client.get(here).text
        assert (
            first.post(
                f"{here}/begin", phrase=PHRASES["aoki"], again="ちがうほうの長い合言葉です"
            ).status_code
            == 422
        )
        first.post(f"{here}/begin", phrase=PHRASES["aoki"], again=PHRASES["aoki"])
        first.open("aoki")
        for login in ("sato", "ono"):
            desks[login].post(f"{here}/ask", phrase=PHRASES[login], again=PHRASES[login])
            own = re.search(r"確認番号は <b>(\d{4}-\d{4})</b>", desks[login].client.get(here).text)
            shown = re.search(
                r"確認番号 <b>(\d{4}-\d{4})</b>.*?name=\"unlocker\" value=\"([0-9a-f]+)\"",
                first.client.get(here).text,
                re.S,
            )
            assert own
            assert shown
            assert own[1] == shown[1], "two people compare the same number"
            first.post(f"{here}/let-in", unlocker=shown[2])
        assert "この学校に鍵をかける" not in first.client.get(here).text
        code = re.search(r"KZ(?:-[0-9A-Z]{5}){5}", first.post(f"{here}/paper").text)
        assert code
        assert code[0] not in first.client.get(here).text
        desks["sato"].open("sato")
        assert "この学校に鍵をかける" in first.client.get(here).text
        assert first.post(f"{here}/seal").status_code == 422, "nobody locks without having read what it means"
        assert first.post(f"{here}/seal", sure="yes").status_code == 303
        assert "かかっています" in first.client.get(here).text
        with house.runtime.reading() as db:
            assert school_locks.lock_of(db, house.schools["north"]).complete
        assert desks["ono"].post(f"{here}/change").status_code == 423
        assert first.post(f"{here}/change").status_code == 303
        assert house.pupils[0].name.given in first.post(f"{first.case}/name", reason="safety").text


# --- a wave asks no child whose name nobody could find -------------------------------------------------------------


def test_production_opens_a_wave_only_over_locks_that_people_have_opened(tmp_path: Path) -> None:
    with (
        open_house(tmp_path, pupils=3) as house,
        pytest.MonkeyPatch.context() as patch,
        house.client() as client,
    ):
        make_quick(patch)
        close(house)
        house.sign_in(client, "ono")
        desk = Desk(house, client)
        practice, real = (
            house.runtime.settings,
            house.runtime.settings.model_copy(update={"mode": Mode.PRODUCTION}),
        )
        day = date(2026, 11, 24)

        def opening(day: date) -> Response:
            token = desk.csrf()
            object.__setattr__(house.runtime, "settings", real)
            plan = {
                "name": "冬",
                "opens_on": day.isoformat(),
                "closes_on": (day + timedelta(days=9)).isoformat(),
                "grade": "7",
                "helplines": "checked",
            }
            answered = client.post("/office/waves", data={"csrf": token, **plan})
            object.__setattr__(house.runtime, "settings", practice)
            return answered

        refused = opening(day)
        assert refused.status_code == 422
        assert "北の中学校: 学校の鍵がまだかかっていません" in refused.text
        lock(house)
        house.clock.move(timedelta(days=31))
        house.sign_in(client, "ono")
        stale = opening(day + timedelta(days=31))
        assert "鍵をひらいてみた人が0人です" in stale.text
        for login in ("aoki", "sato"):
            session(house, login).unlock(desk.north, PHRASES[login])
        last = opening(day + timedelta(days=31))
        assert "試しの知らせがありません" in last.text, (
            "its locks are as they should be: another test's matter is next"
        )
        assert "鍵" not in "".join(re.findall(r"<li>北の中学校: [^<]*", last.text))

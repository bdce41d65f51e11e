"""Several people at one desk: owner and reviewer, a list for the wall, a case that only few know of, two at once."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey_api.access import actions as access_actions
from survey_api.access import queries as access_queries
from survey_api.kit.actor import Actor, ActorKind
from survey_api.kit.problems import HeldByOther, Problem, StaleForm
from survey_api.services.review import actions as review_actions
from survey_api.tables.cases import Case
from survey_api.vocabulary import AuditKind, CaseState, Role
from tests.house import PASSWORD, SETUP, House
from tests.survey_ui.counselor.room import Room, open_room


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        with opened.house.runtime.work(SETUP) as work:
            staff_id = access_actions.add_staff(work, "endo", "endoさん", PASSWORD)
            access_actions.grant(work, staff_id, Role.COUNSELOR, opened.house.schools["north"])
        opened.house.staff["endo"] = staff_id
        yield opened


def pick(room: Room, **more: str) -> dict[str, object]:
    return {"csrf": room.csrf(), "case": f"{room.case_id}:{room.case().version}", **more}


def test_a_reviewer_is_somebody_else_than_the_owner(room: Room) -> None:
    endo = room.house.staff["endo"]
    given = room.client.post("/counselor/assign", data=pick(room, owner=endo, **{"as": "reviewer"}))
    assert given.headers["location"] == f"/counselor/#c-{room.case_id[:8]}"
    assert (room.case().reviewer_id, room.case().owner_id) == (endo, None)
    room.post("claim")
    refused = room.client.post("/counselor/assign", data=pick(room, owner="", **{"as": "reviewer"}))
    assert refused.status_code == 422
    assert "担当とは別の人" in refused.text
    assert "確認する人 endoさん" in room.client.get(room.here).text
    with room.as_("endo") as other:
        assert "自分が確認する人 1" in other.client.get("/counselor/").text


def test_the_list_for_the_wall_has_no_answer_and_its_copy_a_number(room: Room) -> None:
    page = room.client.get("/counselor/coverage").text
    main = page[page.index("<main") :]
    assert "青-100" in main
    assert "◆すぐに" in main
    for secret in (
        "いえに かえりたくない",
        "希望: ",
        "消えてしまいたい",
        room.pupil.name.given,
        room.pupil.pseudonym,
    ):
        assert secret not in main
    line = next(entry for entry in room.trail() if entry.kind == AuditKind.COVERAGE_LISTED)
    copy = line.facts.split('"copy":"')[1].split('"')[0]
    assert f"aokiさん　11月24日(火) 09:30　写し番号 {copy}" in main


def test_a_case_that_few_know_of_does_not_exist_for_the_others(room: Room) -> None:
    with room.as_("sato") as head:
        early = head.post("restrict", only_few="yes", words="職員の名前が出ている")
        assert early.status_code == 409
        assert "先に担当を決めてください" in early.text
    assert room.post("restrict", only_few="yes", words="職員の名前").status_code == 403
    room.post("claim")
    with room.as_("sato") as head:
        assert head.post("restrict", only_few="yes", words="").status_code == 422
        assert head.post("restrict", only_few="yes", words="職員の名前が出ている").status_code == 303
        assert "限定中" in head.client.get(room.here).text
    with room.as_("endo") as other:
        csrf = other.csrf() if "csrf" in other.client.get("/counselor/").text else ""
        for listed in ("/counselor/", "/counselor/coverage", "/counselor/memos", "/counselor/late"):
            assert "青-100" not in other.client.get(listed).text, listed
        assert other.client.get("/counselor/waiting.json").json() == {"waiting": []}
        for place in ("", "/glance", "/sheet", "/plan", "/conferences"):
            assert other.client.get(room.here + place).status_code == 404, place
        assert (
            other.client.post(f"{room.here}/name", data={"csrf": csrf, "reason": "safety"}).status_code == 404
        )
        found = other.client.post("/counselor/search", data={"csrf": csrf, "sign": "青-100"})
        assert "担当校に、当てはまる件はありません" in found.text
    assert "青-100" in room.client.get("/counselor/").text
    assert room.client.get(room.here).status_code == 200
    refused = [entry for entry in room.trail() if entry.kind == AuditKind.REFUSED]
    assert {entry.actor_id for entry in refused} >= {room.house.staff["endo"]}
    with room.as_("sato") as head:
        assert head.post("restrict", only_few="no", words="もう要らない").status_code == 303
    with room.as_("endo") as other:
        assert "青-100" in other.client.get("/counselor/").text


def both_claim(house: House, case_id: str, logins: tuple[str, str]) -> list[object]:
    """Two people press 引き受ける at the same moment, each from the page as it was."""
    start, results = threading.Barrier(2), []

    def claim(login: str) -> None:
        with house.runtime.reading() as db:
            actor = Actor(
                ActorKind.STAFF, house.staff[login], access_queries.grants_of(db, house.staff[login])
            )
        start.wait()
        try:
            with house.runtime.work(actor) as work:
                review_actions.claim(work, work.db.get_one(Case, case_id), 1)
            results.append(login)
        except Problem as refused:
            results.append(refused)

    threads = [threading.Thread(target=claim, args=(login,)) for login in logins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def one_has_it(house: House, case_id: str, results: list[object]) -> None:
    winners = [one for one in results if isinstance(one, str)]
    assert len(winners) == 1, results
    assert all(isinstance(one, str | HeldByOther | StaleForm) for one in results)
    with house.runtime.reading() as db:
        case = db.get_one(Case, case_id)
    assert (case.owner_id, case.state, case.version) == (house.staff[winners[0]], CaseState.ACKNOWLEDGED, 2)


def test_two_who_take_one_case_at_once_do_not_both_have_it(room: Room) -> None:
    one_has_it(room.house, room.case_id, both_claim(room.house, room.case_id, ("aoki", "sato")))

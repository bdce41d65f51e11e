"""Whatever happens around a child's ticket, in any order: roster, cards, keys, the end of the wave, somebody's wish.
No page breaks, and no finished sheet is refused: it is kept, or waits for a person.

KIZUKI_ORDERS says how many orders, KIZUKI_FIRST_ORDER with which seed to begin.
"""

import json
import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from httpx2 import Response
from sqlmodel import col, select
from starlette.testclient import TestClient

from survey_api.access.tickets import new_ticket
from survey_api.journeys.enrol_students import tickets_follow
from survey_api.journeys.rotate_keys import renew_wave_keys
from survey_api.journeys.withdraw_answers import opt_out, take_back, withdraw_answers
from survey_api.kit.actor import Actor
from survey_api.kit.problems import Problem
from survey_api.kit.work import Work
from survey_api.services.submissions import actions as submissions_actions
from survey_api.services.waves import actions as waves_actions
from survey_api.tables.cases import Case
from survey_api.tables.schools import Student
from survey_api.tables.submissions import LateSheet, Submission
from survey_api.tables.waves import Ticket, Wave, WaveClass
from survey_api.vocabulary import SubmissionState, TicketState, WaveState, WithdrawnBy
from survey_ui.shell.forms import csrf_token
from tests.house import SETUP, House, bank, open_house, worst_answers
from tests.survey_api.journeys.test_sealed_batches import hand_in, seal

ORDERS = int(os.environ.get("KIZUKI_ORDERS", "8"))
FIRST = int(os.environ.get("KIZUKI_FIRST_ORDER", "0"))
STEPS = 30
CHU = bank("chu")
WORST = {item: value for item, value in worst_answers(CHU).items() if value}
PAGES = ("/", "/s/review", "/s/reading", "/s/welcome", "/s/screens", "/s/away")
DESKS = {"north": "aoki", "south": "berg"}


class Order:
    """One child of the north school, whose year is asked in the south too; a tablet, and a desk at each school."""

    def __init__(self, house: House, open_client: Callable[[], TestClient], seed: int) -> None:
        self.house, self.child = house, house.pupils[0]
        self.chance = random.Random(seed)
        self.story: list[str] = [f"seed {seed}"]
        self.secret = self.child.ticket.secret
        self.tablet, self.desks = open_client(), {school: open_client() for school in DESKS}
        self.on_tablet: list[tuple[bytes, bool]] = []
        """What waits there for the network, and whether it is finished."""
        self.finished = self.taken_back = False

    def told(self) -> None:
        """What happened, with whatever went wrong."""
        try:
            for _ in range(STEPS):
                self.go(self.chance.choices(list(CHOICES), list(CHOICES.values()))[0])
            for step in ("find_the_network", "look", "kept"):
                self.go(step)
        except Exception as failed:
            raise AssertionError(f"{self.story}: {failed}") from failed

    def go(self, step: str) -> None:
        self.story.append(step)
        getattr(self, step)()

    @staticmethod
    def kindly(answer: Response) -> Response:
        assert answer.status_code < 500, (answer.request.url.path, answer.text)
        return answer

    # the child

    def show_the_card(self) -> None:
        self.kindly(self.tablet.post("/t", data={"secret": self.secret}))

    def answer(self) -> None:
        place = self.chance.randint(1, len(CHU.bank.screens))
        given = str(WORST.get(CHU.bank.screens[place - 1].item, "dont_know"))
        self.kindly(self.tablet.post(f"/s/q/{place}", data={"a": given}))
        self.kindly(self.tablet.get(f"/s/q/{place}"))

    def answer_without_network(self) -> None:
        draft = self.kindly(self.tablet.get("/s/draft"))
        if draft.status_code != 200:
            self.show_the_card()
            draft = self.kindly(self.tablet.get("/s/draft"))
        if draft.status_code != 200:
            return
        share, finished = self.chance.randint(1, len(WORST)), self.chance.random() < 0.5
        taps = [{"item": item, "value": WORST[item], "at": self.now()} for item in list(WORST)[:share]]
        body = {"go": draft.json()["go"], "device": "tablet-a", "taps": taps, "finished": finished}
        self.on_tablet.append((seal(draft.json()["key"], json.dumps(body).encode()), finished))

    def find_the_network(self) -> None:
        for blob, finished in self.on_tablet:
            answer = self.kindly(hand_in(self.tablet, blob, now=self.now()))
            assert answer.status_code == 200 or not finished, answer.text
            self.finished |= finished
        self.on_tablet.clear()

    def now(self) -> float:
        return self.house.clock.now().timestamp() * 1000

    def open_a_page(self) -> None:
        self.kindly(self.tablet.get(self.chance.choice(PAGES)))

    def later(self) -> None:
        self.kindly(self.tablet.post("/s/later"))

    def send(self) -> None:
        self.kindly(self.tablet.post("/s/send"))

    def forget_or_decline(self) -> None:
        self.taken_back = True
        self.kindly(self.tablet.post(self.chance.choice(["/s/forget", "/s/decline"])))

    def take_back(self) -> None:
        self.taken_back = True
        with self.house.runtime.reading() as db:
            tickets = db.exec(select(Ticket.id)).all()
        for ticket in tickets:
            self.wish(lambda work, ticket=ticket: take_back(work, ticket), Actor.job("own-wish"))

    # school and office

    def roster(self) -> None:
        """The child is here, has moved there, or has left."""
        school = self.chance.choice(["north", "south", "gone"])
        with self.house.runtime.work(SETUP) as work:
            student = self.student(work)
            student.active = school != "gone"
            student.school_id = self.house.schools.get(school, student.school_id)
            work.db.flush()
            tickets_follow(work)
        self.new_card()

    def student(self, work: Work) -> Student:
        student = work.db.get(Student, self.child.pseudonym)
        assert student is not None
        return student

    def new_card(self) -> None:
        with self.house.runtime.work(SETUP) as work:
            usable = col(Ticket.state).in_([TicketState.UNUSED, TicketState.OPENED])
            if ticket := work.db.exec(select(Ticket.id).where(usable)).first():
                fresh = new_ticket(work.keys, self.house.wave_id)
                waves_actions.issue(work, ticket, fresh)
                self.secret = fresh.secret

    def time_passes(self) -> None:
        self.house.clock.move(timedelta(minutes=self.chance.choice([5, 40, 60 * 24 * 3])))

    def new_wave_key(self) -> None:
        with self.house.runtime.work(SETUP) as work:
            renew_wave_keys(work)

    def end_the_wave(self) -> None:
        with self.house.runtime.work(SETUP) as work:
            wave = work.db.get_one(Wave, self.house.wave_id)
            if wave.state == WaveState.OPEN:
                waves_actions.close_wave(work, wave)

    def opt_out_or_in(self) -> None:
        out = self.chance.random() < 0.7
        self.taken_back |= out

        def said(work: Work) -> None:
            student = self.student(work)
            opt_out(work, student.school_id, student.sign, out=out)

        self.wish(said)

    def guardian_takes_back(self) -> None:
        self.taken_back = True

        def said(work: Work) -> None:
            student = self.student(work)
            by, wave = WithdrawnBy.GUARDIAN, self.house.wave_id
            withdraw_answers(work, student.school_id, student.sign, wave, by)

        self.wish(said)

    def wish(self, said: Callable[[Work], object], actor: Actor = SETUP) -> None:
        try:
            with self.house.runtime.work(actor) as work:
                said(work)
        except Problem as refused:
            if refused.status >= 500:
                raise

    # the desks

    def decide(self) -> None:
        with self.house.runtime.reading() as db:
            sheets = [(row.id, row.school_id) for row in db.exec(select(LateSheet)).all()]
        decision = self.chance.choice(["read", "leave"])
        for sheet_id, school_id in sheets:
            desk = self.desk(next(name for name in DESKS if self.house.schools[name] == school_id))
            csrf = csrf_token(self.house.runtime.keys, desk.cookies["kizuki_staff"])
            self.kindly(desk.post(f"/counselor/late/{sheet_id}/{decision}", data={"csrf": csrf}))

    def look(self) -> None:
        with self.house.runtime.reading() as db:
            cases = [(case.id, case.school_id) for case in db.exec(select(Case)).all()]
        for school in DESKS:
            desk = self.desk(school)
            assert desk.get("/counselor/late").status_code == 200
            for case_id, school_id in cases:
                mine = school_id == self.house.schools[school]
                answer = self.kindly(desk.get(f"/counselor/cases/{case_id}"))
                assert answer.status_code == (200 if mine else 404)

    def desk(self, school: str) -> TestClient:
        desk = self.desks[school]
        if self.kindly(desk.get("/counselor/")).status_code != 200:
            self.house.sign_in(desk, DESKS[school])
            assert desk.get("/counselor/").status_code == 200
        return desk

    def kept(self) -> None:
        """Nothing of what was finished is lost, unless somebody had a right to take it back."""
        with self.house.runtime.reading() as db:
            sent = db.exec(select(Submission).where(Submission.state == SubmissionState.CLOSED)).all()
            late = db.exec(select(LateSheet)).all()
        assert sent or late or not self.finished or self.taken_back


CHOICES = {
    "show_the_card": 4, "answer": 6, "answer_without_network": 6, "find_the_network": 4, "open_a_page": 3, "later": 1,
    "roster": 4, "new_card": 1, "new_wave_key": 1, "time_passes": 2, "decide": 2, "look": 2,
    "send": 0.5, "forget_or_decline": 0.3, "take_back": 0.3, "end_the_wave": 0.3, "opt_out_or_in": 0.3,
    "guardian_takes_back": 0.3,
}  # fmt: skip
"""What ends a go comes seldom, or little would happen before it."""


@contextmanager
def one_child(folder: Path) -> Iterator[tuple[House, Callable[[], TestClient]]]:
    with ExitStack() as stack:
        house = stack.enter_context(open_house(folder, pupils=1))
        with house.runtime.work(SETUP) as work:
            submissions_actions.add_wave_key(work, house.wave_id)
            south, year = house.schools["south"], house.pupils[0].grade
            there = {"wave_id": house.wave_id, "school_id": south, "grade": year, "bank_sha256": CHU.sha256}
            work.db.add(WaveClass(**there, invited=1))
        yield house, lambda: stack.enter_context(house.client())


@pytest.mark.parametrize("seed", range(FIRST, FIRST + ORDERS))
def test_in_any_order_no_page_breaks_and_no_finished_sheet_is_refused(tmp_path: Path, seed: int) -> None:
    with one_child(tmp_path) as (house, open_client):
        Order(house, open_client, seed).told()

"""A house with one case in it, and a counselor at the door."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from httpx2 import Response
from sqlmodel import select
from starlette.testclient import TestClient

from survey_api.audit import queries as audit_queries
from survey_api.journeys.finish_submission import finish_submission
from survey_api.kit.actor import Actor
from survey_api.tables.agencies import Agency
from survey_api.tables.audit import AuditEntry
from survey_api.tables.cases import Case
from tests.house import House, Pupil, bank, open_house, worst_answers


@dataclass
class Room:
    house: House
    client: TestClient
    pupil: Pupil
    case_id: str

    @property
    def here(self) -> str:
        return f"/counselor/cases/{self.case_id}"

    def case(self) -> Case:
        with self.house.runtime.reading() as db:
            return db.exec(select(Case).where(Case.id == self.case_id)).one()

    def post(self, deed: str, *, version: int | None = None, **fields: object) -> Response:
        """Post one form of the case page, made from the case as it is now."""
        data = {"csrf": self.csrf(), "version": str(version or self.case().version), **fields}
        return self.client.post(f"{self.here}/{deed}" if deed else self.here, data=data)

    def agency(self, name: str) -> str:
        """The id of an entry of the directory."""
        with self.house.runtime.reading() as db:
            return db.exec(select(Agency.id).where(Agency.name == name)).one()

    @contextmanager
    def as_(self, login: str) -> Iterator["Room"]:
        """The same case, with somebody else at another browser."""
        with self.house.client() as client:
            self.house.sign_in(client, login)
            yield replace(self, client=client)

    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.client.get("/counselor/").text)
        assert found is not None
        return found[1]

    def trail(self) -> list[AuditEntry]:
        with self.house.runtime.reading() as db:
            return list(audit_queries.all_entries(db))


def send(house: House, pupil: Pupil, answers: dict[str, object]) -> None:
    """One pupil finishes, through the real journey."""
    raw = json.dumps({"client_id": f"test-{pupil.ticket_id}", "answers": answers}).encode()
    with house.runtime.work(Actor.student(pupil.ticket_id)) as work:
        finish_submission(work, pupil.ticket_id, raw)


def one_answers(house: House) -> None:
    send(house, house.pupils[0], worst_answers(bank("chu")))


@contextmanager
def open_room(folder: Path, login: str = "aoki") -> Iterator[Room]:
    """One pupil who carries everything has answered; `login` is signed in."""
    with open_house(folder, pupils=3, after=one_answers) as house:
        pupil = house.pupils[0]
        with house.runtime.reading() as db:
            case_id = db.exec(select(Case.id)).one()
        with house.client() as client:
            house.sign_in(client, login)
            yield Room(house, client, pupil, case_id)

"""What the tests of the office door do by hand: upload, apply, open a wave, print, look at the files."""

import hashlib
import html
import re
from dataclasses import dataclass
from pathlib import Path

from httpx2 import Response
from starlette.testclient import TestClient

from tests.house import House


@dataclass
class OfficeDesk:
    """A signed-in member of the office at a browser."""

    house: House
    client: TestClient

    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="(\w+)"', self.client.get("/office/roster").text)
        assert found
        return found[1]

    def upload(self, data: bytes) -> Response:
        files = {"file": ("meibo.zip", data, "application/zip")}
        return self.client.post("/office/roster", data={"csrf": self.csrf()}, files=files)

    def apply(self, shown: Response) -> Response:
        sealed = re.search(r'name="sealed" value="([^"]+)"', shown.text)
        assert sealed, "the page offers nothing to apply"
        return self.client.post("/office/roster/apply", data={"csrf": self.csrf(), "sealed": sealed[1]})

    def enrol(self, data: bytes) -> Response:
        done = self.apply(self.upload(data))
        assert done.status_code == 200, words(done)
        return done

    def open_wave(self, grades: list[int], **other: str) -> Response:
        form = {
            "name": "冬の調査",
            "opens_on": "2026-11-24",
            "closes_on": "2026-12-18",
            "helplines": "checked",
            **other,
        }
        form.pop(form.pop("unchecked", ""), None)
        return self.client.post("/office/waves", data={"csrf": self.csrf(), "grade": grades, **form})

    def print_class(
        self, wave_id: str, school_id: str, grade: int, class_name: str, **other: str
    ) -> Response:
        chosen = {"school_id": school_id, "grade": grade, "class_name": class_name, **other}
        return self.client.post(f"/office/waves/{wave_id}/tickets", data={"csrf": self.csrf(), **chosen})


def words(answer: Response) -> str:
    """What a person reads on the page, without tags."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


def fingerprint(folder: Path) -> dict[str, str]:
    """A digest of every file of both databases: the same means that not a byte was written."""
    written = [file for kind in ("*.db", "*.db-wal") for file in folder.glob(kind) if file.stat().st_size]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in written}


def rows(house: House, table: str) -> set[str]:
    """All rows of a survey table as text, whatever their order."""
    with house.runtime.reading() as db:
        return {repr(row) for row in db.connection().exec_driver_sql(f"SELECT * FROM {table}").all()}

"""Answers of single children leave for the lab only: without names, by two people, once, with purpose and recipient."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlmodel import select
from starlette.testclient import TestClient
from typer.testing import CliRunner

from survey_api.cli.lab import app as lab
from survey_api.journeys import export_for_lab
from survey_api.kit import age
from survey_api.kit.problems import Problem
from survey_api.services.insights.individual.queries import Sheet
from survey_api.services.insights.individual.writing import BankColumns, lab_zip
from survey_api.tables.audit import AuditEntry
from survey_api.tables.releases import LabFile
from tests.answered import answer, close
from tests.house import House, bank, open_house

PRIVATE, PUBLIC = age.new_identity()
PURPOSE = "点数表の見直しのための分析"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("lab"), banks=("sho-high", "chu"), pupils=5) as opened:
        answer(opened, worried=2)
        close(opened)
        yield opened


@pytest.fixture
def office(house: House) -> Iterator[TestClient]:
    with house.client() as client:
        house.sign_in(client, "ono")
        yield client


def post(client: TestClient, door: str, **fields: str):  # type: ignore[no-untyped-def]
    page = client.get("/office/lab-files").text
    found = re.search(r'name="csrf" value="(\w+)"', page)
    csrf = found[1] if found else ""
    return client.post(f"/office/lab-files{door}", data={"csrf": csrf, **fields})


def wish(house: House, office: TestClient, purpose: str = PURPOSE) -> str:
    asked = post(office, "", wave=house.wave_id, purpose=purpose, recipient="研究室", key=PUBLIC)
    assert asked.status_code == 303, asked.text
    with house.runtime.reading() as db:
        return sorted(db.exec(select(LabFile)).all(), key=lambda row: row.asked_at)[-1].id


def opened(sealed: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(age.unseal(PRIVATE, sealed)))


def approve(house: House, wish_id: str, do: str = "approve") -> int:
    with house.client() as client:
        house.sign_in(client, "oda")
        status: int = post(client, f"/{wish_id}/decide", do=do).status_code
        return status


def test_two_people_one_file_and_no_name_in_it(house: House, office: TestClient) -> None:
    wish_id = wish(house, office)
    assert post(office, f"/{wish_id}/take").status_code == 409
    assert post(office, f"/{wish_id}/decide", do="approve").status_code == 409, "nobody approves the own wish"
    assert approve(house, wish_id) == 303
    taken = post(office, f"/{wish_id}/take")
    assert not zipfile.is_zipfile(io.BytesIO(taken.content))
    assert b"hungry" not in taken.content
    with opened(taken.content) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    assert set(files) == {"chu.csv", "sho-high.csv", "codebook.csv", "README.txt"}
    rows = list(csv.DictReader(io.StringIO(files["chu.csv"], newline="")))
    assert len(rows) == 5
    everything = "".join(files.values())
    with house.runtime.reading() as db:
        row = db.get_one(LabFile, wish_id)
        line = db.exec(select(AuditEntry).where(AuditEntry.kind == "lab_file.taken")).one()
    known = (
        [pupil.pseudonym for pupil in house.pupils]
        + list(house.schools.values())
        + ["花子", "かえりたくない"]
    )
    assert not [word for word in known if word in everything]
    assert (row.purpose, row.recipient, row.asked_by, row.decided_by) == (
        PURPOSE, "研究室", house.staff["ono"], house.staff["oda"],
    )  # fmt: skip
    assert row.sha256 == sha256(taken.content).hexdigest()
    assert row.sha256 in line.facts
    with house.runtime.reading() as db:
        told = [
            db.exec(select(AuditEntry).where(AuditEntry.kind == f"lab_file.{deed}")).first()
            for deed in ("asked", "approved")
        ]
    assert all(one is not None and PUBLIC in one.facts for one in told), (
        "to which key stands in the trail twice"
    )
    assert PURPOSE not in line.facts
    assert post(office, f"/{wish_id}/take").status_code == 409, "once"
    assert PURPOSE in office.get("/office/lab-files").text


def test_the_answers_are_the_childrens_and_columns_are_the_banks(house: House, office: TestClient) -> None:
    wish_id = wish(house, office)
    approve(house, wish_id)
    with opened(post(office, f"/{wish_id}/take").content) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("chu.csv").decode(), newline="")))
    asked = [item.id for item in bank("chu").bank.items.values() if item.kind != "text"]
    assert list(rows[0]) == ["pseudonym", "school", "version", "label", *asked]
    assert sum(row["hungry"] == "d12_14" for row in rows) == 2
    assert len({row["school"] for row in rows}) == 1


def test_only_the_lab_opens_it(house: House, office: TestClient, tmp_path: Path) -> None:
    wish_id = wish(house, office)
    assert PUBLIC in office.get("/office/lab-files").text, "the second person compares the key"
    approve(house, wish_id)
    sealed = tmp_path / "kizuki-lab.zip.age"
    sealed.write_bytes(post(office, f"/{wish_id}/take").content)
    run = CliRunner()
    made = run.invoke(lab, ["key", str(tmp_path / "other")])
    assert made.exit_code == 0
    assert age.is_public(made.stdout.split()[-1])
    assert (tmp_path / "other").stat().st_mode & 0o077 == 0
    command = ["open", str(sealed), "--out", str(tmp_path / "out"), "--identity"]
    refused = run.invoke(lab, [*command, str(tmp_path / "other")])
    assert isinstance(refused.exception, Problem)
    assert not (tmp_path / "out").exists()
    (tmp_path / "mine").write_text(PRIVATE + "\n")
    assert run.invoke(lab, [*command, str(tmp_path / "mine")]).exit_code == 0
    assert {one.name for one in (tmp_path / "out").iterdir()} == {
        "chu.csv", "sho-high.csv", "codebook.csv", "README.txt",
    }  # fmt: skip


def test_two_files_cannot_be_laid_side_by_side() -> None:
    columns = [BankColumns("chu", {"x": 1}, {"hungry": "q"})]
    sheets = [Sheet("north", "x", {"hungry": "d0"}, "")] * 3
    first, second = (
        zipfile.ZipFile(io.BytesIO(lab_zip(columns, sheets)[0])).read("chu.csv") for _ in range(2)
    )
    ids = [{line.split(b",")[0] for line in one.splitlines()[1:]} for one in (first, second)]
    assert len(ids[0]) == 3
    assert not ids[0] & ids[1]


def test_a_no_is_a_no_and_a_yes_lasts_a_week(house: House, office: TestClient) -> None:
    refused = wish(house, office)
    assert approve(house, refused, "refuse") == 303
    assert post(office, f"/{refused}/take").status_code == 409
    assert approve(house, refused) == 409, "decided once"
    late = wish(house, office)
    approve(house, late)
    start = house.clock.now()
    house.clock.move(export_for_lab.GOOD_FOR + timedelta(minutes=1))
    with house.client() as client:
        house.sign_in(client, "ono")
        answered = post(client, f"/{late}/take")
    assert answered.status_code == 409
    assert "7日" in answered.text
    house.clock.move(start - house.clock.now())


@pytest.mark.parametrize("field", ["purpose", "recipient", "key"])
def test_a_purpose_and_a_recipient_are_needed(house: House, office: TestClient, field: str) -> None:
    fields = {"wave": house.wave_id, "purpose": PURPOSE, "recipient": "研究室", "key": PUBLIC} | {field: "x"}
    assert post(office, "", **fields).status_code == 422


@pytest.mark.parametrize("login", ["ito", "aoki", "sato"])
def test_nobody_else_comes_near(house: House, login: str) -> None:
    with house.client() as client:
        house.sign_in(client, login)
        assert client.get("/office/lab-files").status_code == 403


def test_an_open_wave_gives_no_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("open")
    with open_house(folder, banks=("chu",), pupils=2) as open_now, open_now.client() as client:
        open_now.sign_in(client, "ono")
        answered = post(client, "", wave=open_now.wave_id, purpose=PURPOSE, recipient="研究室", key=PUBLIC)
    assert answered.status_code == 409

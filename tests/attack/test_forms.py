"""Whatever is typed, sent or uploaded by staff: nothing breaks, nothing runs, nothing is set that has no field."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlmodel import select
from starlette.testclient import TestClient

from survey_api.kit import log as log_module
from survey_api.kit.actor import Actor
from survey_api.tables.cases import Case
from survey_api.tables.staff import Grant, Staff
from survey_api.vault.cipher import PersonName
from survey_api.vault.door import Enrolment, enrol
from survey_ui.shell.forms import csrf_token
from tests.answered import answer
from tests.architecture.tree import PROJECT
from tests.house import House, open_house
from tests.survey_ui.test_doors import fill, lines

LOGINS = {"/counselor": "sato", "/office": "ono", "/welfare": "ito", "/operator": "oda"}
ENDS = re.compile(r"^/operator/staff/(\{staff_id\}/)?(switch|review|out)|^/signout")
"""Doors after which the person who knocks would be outside."""
DOORS = sorted(
    path
    for method, path, _ in lines()
    if method == "POST" and path.startswith(tuple(LOGINS)) and not ENDS.search(path)
)
FIELDS = sorted(
    {
        name
        for page in (PROJECT / "survey_ui").rglob("*.html")
        for name in re.findall(r'name="(\w+)"', page.read_text(encoding="utf-8"))
    }
    - {"csrf"}
)
NASTY = (
    "", " ", "0", "-1", "1e309", "９９", "null", "2026-02-30", "9999-12-31", "0000-00-00", "true", "on", "yes",
    "' OR 1=1 --", "\"; DROP TABLE cases; --", "<kz onclick=1>", "{{7*191}}", "${7*191}", "%00", "\x00", "\u202e",
    "../../etc/passwd", "a" * 5000, "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "\r\nx: y",
)  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("forms")) as opened:
        answer(opened, worried=1)
        yield opened


@pytest.fixture(scope="module")
def client(house: House) -> Iterator[TestClient]:
    with house.client() as opened:
        yield opened


@pytest.fixture(scope="module")
def tokens(house: House, client: TestClient) -> dict[str, str]:
    found = {}
    for login in {*LOGINS.values(), "aoki"}:
        client.cookies.clear()
        house.sign_in(client, login)
        found[login] = client.cookies["kizuki_staff"]
    return found


def as_(client: TestClient, house: House, token: str) -> dict[str, str]:
    client.cookies.clear()
    client.cookies.set("kizuki_staff", token)
    return {"csrf": csrf_token(house.runtime.keys, token)}


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_staff_forms_take_anything_and_never_break(
    house: House, client: TestClient, tokens: dict[str, str], data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(DOORS))
    login = next(who for door, who in LOGINS.items() if path.startswith(door))
    value = st.sampled_from(NASTY) | st.text(max_size=60)
    form: dict[str, Any] = data.draw(
        st.dictionaries(st.sampled_from(FIELDS) | st.text(min_size=1, max_size=12), value, max_size=12)
    )
    known = {"case_id": "", "school_id": house.schools["north"], "wave_id": house.wave_id, "version": "1"}
    form |= {name: known[name] for name in data.draw(st.sets(st.sampled_from(sorted(known))))}
    signed = {**form, **as_(client, house, tokens[login])}
    files = None
    if path == "/office/roster":
        files = {"file": (data.draw(value) or "x", data.draw(st.binary(max_size=400)))}
    answered = client.post(fill(house, path), data=signed, files=files)
    assert answered.status_code in (200, 303, 403, 404, 409, 413, 422, 429), (path, form)
    assert "Traceback" not in answered.text
    assert "<kz" not in answered.text
    assert not worked_out(answered.text)


def test_a_form_that_cannot_be_taken_apart_is_refused_in_words(
    house: House, client: TestClient, tokens: dict[str, str]
) -> None:
    signed = as_(client, house, tokens["ono"])
    answered = client.post("/office/roster", data=signed, files={"file": ("a" * 5000, b"x")})
    assert answered.status_code == 422
    assert "ファイル名を短く" in answered.text


def worked_out(text: str) -> bool:
    """Whether a template worked out 7*191: the number by itself, not four digits inside a random id."""
    return re.search(r"(?<![0-9A-Za-z_-])1337(?![0-9A-Za-z_-])", text) is not None


TAG = "<kz onclick=1>\"'{{7*191}}"
SHOWN = "&lt;kz onclick=1&gt;"


def test_what_is_typed_comes_back_as_text(house: House, client: TestClient, tokens: dict[str, str]) -> None:
    """A tag in every name of the roster and in every field of the desk, the office and the operator."""
    with house.runtime.vault_work(Actor.job("test")) as work:
        person = PersonName(TAG, TAG, TAG, TAG, TAG[:10])
        enrol(work, [Enrolment(str(n), house.schools["north"], person) for n in range(len(house.pupils))])
    with house.runtime.reading() as db:
        case = db.exec(select(Case)).one()
    here = f"/counselor/cases/{case.id}"
    typed: list[tuple[str, str, dict[str, str]]] = [
        ("aoki", f"{here}/note", {"words": TAG}),
        ("aoki", f"{here}/contact", {"result": "met", "words": TAG}),
        ("aoki", f"{here}/name", {"reason": "other", "words": TAG}),
        ("aoki", f"{here}/sheet", {"blocks": "name", "worry": TAG, "words": TAG, "recipient": TAG}),
        ("aoki", "/counselor/filters", {"name": TAG[:20], "state": "new"}),
        ("ono", "/office/places", {"name": TAG, "kind": "city", "area": TAG, "address": TAG, "hours": TAG}),
        ("ono", f"/office/waves/{house.wave_id}/tickets",
         {"school_id": house.schools["north"], "grade": str(house.pupils[0].grade), "class_name": "1", "sure": "yes"}),
        ("ono", "/office/waves/new", {"name": TAG, "opens_on": "2026-12-01", "closes_on": "2026-12-09"}),
        ("ono", "/office/cards", {"label": TAG}),
        ("oda", "/operator/staff", {"login": TAG, "name": TAG, "email": TAG, "role": "counselor"}),
        ("ito", "/welfare/files", {"format": TAG, "purpose": TAG, "recipient": TAG}),
    ]  # fmt: skip
    shown = []
    for login, path, fields in typed:
        form = as_(client, house, tokens[login])
        version = {"version": str(_version(house, case.id))}
        shown.append(client.post(path, data={**fields, **version, **form}).text)
    for method, path, _ in lines():
        if method == "GET" and path.startswith(tuple(LOGINS)):
            for login in {next(who for door, who in LOGINS.items() if path.startswith(door)), "aoki"}:
                as_(client, house, tokens[login])
                shown.append(client.get(fill(house, path)).text)
    shown.append(client.post("/signin", data={"login": TAG, "password": TAG, "next": TAG}).text)
    assert [text[text.index("<kz") - 90 :][:180] for text in shown if "<kz" in text] == []
    assert [text for text in shown if worked_out(text)] == []
    assert sum(SHOWN in text or "\\u003ckz" in text for text in shown) >= 5, "teeth: it was shown, as text"


def _version(house: House, case_id: str) -> int:
    with house.runtime.reading() as db:
        return db.get_one(Case, case_id).version


def test_fields_that_a_form_does_not_have_change_nothing(
    house: House, client: TestClient, tokens: dict[str, str]
) -> None:
    """A note that also says who owns the case, an account that also says which role: only the note is kept."""
    with house.runtime.reading() as db:
        before = db.exec(select(Case)).one()
        grants = sorted(row.id for row in db.exec(select(Grant)).all())
        hashes = {row.login: row.password_hash for row in db.exec(select(Staff)).all()}
    more = {
        "urgency": "watch", "state": "closed", "school_id": house.schools["south"], "pseudonym": "x",
        "owner_id": house.staff["berg"], "level": "duty", "outcome": "no_need", "label": "none", "due_on": "2030-01-01",
        "opened_on": "2020-01-01", "id": "x", "closing_by": "x", "role": "operator", "roles": "operator",
        "grants": "operator", "active": "no", "password_hash": "x", "staff_id": house.staff["oda"], "is_admin": "1",
    }  # fmt: skip
    form = {**more, **as_(client, house, tokens["aoki"])}
    here = f"/counselor/cases/{before.id}"
    assert (
        client.post(
            f"{here}/note", data={**form, "words": "話をした", "version": str(before.version)}
        ).status_code
        == 303
    )
    for path in ("/account/codes", "/counselor/alerts"):
        client.post(path, data=form)
    with house.runtime.reading() as db:
        after = db.exec(select(Case)).one()
        assert {k: v for k, v in after.model_dump().items() if k != "version"} == {
            k: v for k, v in before.model_dump().items() if k != "version"
        }
        assert sorted(row.id for row in db.exec(select(Grant)).all()) == grants
        assert {row.login: row.password_hash for row in db.exec(select(Staff)).all()} == hashes


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "＝", "＋", "－", "＠", "\r="])
def test_no_cell_of_a_sheet_becomes_a_formula(start: str) -> None:
    """What a family said goes into a workbook as it was said, and stays text."""
    from survey_ui.counselor import sheet_file

    said = f'{start}HYPERLINK("http://evil.example")'
    made = io.BytesIO()
    book = sheet_file.xlsxwriter.Workbook(made, sheet_file.OPTIONS)
    book.add_worksheet().write(0, 0, said)
    book.close()
    cell = load_workbook(made).active["A1"]
    assert cell.data_type == "s"
    assert cell.hyperlink is None


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'


def test_a_workbook_with_entities_is_refused_unread(
    house: House, client: TestClient, tokens: dict[str, str]
) -> None:
    """An XLSX full of entities is a zip without the files of a roster: no XML reader is ever asked."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("xl/sharedStrings.xml", LAUGHS)
        file.writestr("[Content_Types].xml", LAUGHS)
    form = as_(client, house, tokens["ono"])
    refused = client.post(
        "/office/roster",
        data={**form, "school_id": house.schools["north"]},
        files={"file": ("roster.xlsx", packed.getvalue())},
    )
    assert "users.csv" in refused.text, "what is missing is named"
    assert "/office/roster/apply" not in refused.text, "and nothing can be applied"
    assert "haha" not in refused.text
    readers = {"xml", "lxml", "defusedxml", "openpyxl"}
    used = {
        word
        for path in [*(PROJECT / "survey_api").rglob("*.py"), *(PROJECT / "survey_ui").rglob("*.py")]
        for word in re.findall(r"^(?:import|from) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert not used & readers, "nothing in the service parses XML"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x85"])
def test_a_line_end_cannot_forge_a_log_line(end: str) -> None:
    forged = f'signin{end}{{"event": "forged", "level": "info"}}'
    told = log_module.only_allowed(None, "info", {"event": "request", "route": forged, "password": "x"})
    assert "password" not in told
    line = structlog.processors.JSONRenderer(ensure_ascii=False)(None, "info", told)
    assert isinstance(line, str)
    assert len(line.splitlines()) == 1
    assert json.loads(line)["event"] == "request"

"""The office keeps the directory; a wrong form names the field and keeps what was typed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.house import House, open_house

GOOD: dict[str, Any] = {
    "name": "地域食堂 みなみ", "kind": "meal", "age_from": "0", "age_to": "120", "reply_days": "5",
    "alone": "yes", "verified_on": "2026-11-20", "active": "yes", "phone": "0999-00-9999",
}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as opened:
        yield opened


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    with house.client() as opened:
        house.sign_in(opened, "ono")
        yield opened


def send(client: TestClient, path: str, **fields: Any) -> Any:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get("/office/places/new").text)
    assert found is not None
    return client.post(path, data={"csrf": found[1], **{k: v for k, v in fields.items() if v is not None}})


def address_of(client: TestClient, name: str) -> str:
    found = re.search(rf'href="(/office/places/[0-9a-f]+)">{name}', client.get("/office/places").text)
    assert found is not None
    return found[1]


def test_an_entry_is_added_changed_and_taken_out(house: House, client: TestClient) -> None:
    assert send(client, "/office/places/new", **GOOD).status_code == 303
    address = address_of(client, GOOD["name"])
    assert 'value="地域食堂 みなみ"' in client.get(address).text
    assert send(client, address, **{**GOOD, "hours": "土曜"}).status_code == 303
    with house.client() as counselor:
        house.sign_in(counselor, "aoki")
        assert "地域食堂 みなみ" in counselor.get("/counselor/places?kind=meal&alone=yes&age=10").text
        assert "地域食堂 みなみ" not in counselor.get("/counselor/places?kind=study").text
        assert send(client, address, **{**GOOD, "active": None}).status_code == 303
        assert "地域食堂 みなみ" not in counselor.get("/counselor/places").text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": ""}, "名前を入れてください"),
        ({"name": "長" * 41}, "名前: 40文字まで"),
        ({"name": "雪野市こども家庭センター"}, "同じ名前"),
        ({"kind": "pub"}, "種類を選んで"),
        ({"alone": "maybe"}, "子どもだけで行けるか"),
        ({"age_from": "十"}, "年齢(から): 数字"),
        ({"age_from": "19", "age_to": "6"}, "始まりを終わりより"),
        ({"reply_days": "0"}, "返事までの日数"),
        ({"verified_on": "2027-01-01"}, "確かめた日"),
        ({"verified_on": "きのう"}, "確かめた日"),
        ({"takes_sheets": "yes"}, "電話(支援者)"),
        ({"for_children": "東の 公民館です。"}, "子どもの最後の画面に出すことば: ふりがなのない漢字"),
        ({"for_children": "ひみつに します。"}, "約束はしない"),
    ],
)
def test_a_wrong_entry_is_refused_by_name_and_kept_on_the_form(
    client: TestClient, wrong: dict[str, str], says: str
) -> None:
    before = client.get("/office/places").text
    answer = send(client, "/office/places/new", **{**GOOD, "hours": "第3土曜", **wrong})
    assert answer.status_code == 422
    assert says in answer.text
    assert 'value="第3土曜"' in answer.text
    assert client.get("/office/places").text == before

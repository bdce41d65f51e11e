"""The directory: filtered by plain addresses, stale entries marked and never on paper, seven languages of labels."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from survey_api.vocabulary import AgencyKind, Alone
from survey_ui.counselor.leaflet import labels
from tests.survey_ui.counselor.room import Room, open_room

LANGUAGES = {"ja-easy", "en", "pt-BR", "zh-Hans", "fil", "vi", "es"}
STALE = "移動カフェ ほっと"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with open_room(tmp_path_factory.mktemp("places")) as opened:
        yield opened


def names(room: Room, address: str) -> str:
    answer = room.client.get(address)
    assert answer.status_code == 200
    return str(answer.text.split("<main")[1])


def test_every_field_of_an_entry_is_shown_with_the_number_as_text_and_link(room: Room) -> None:
    page = names(room, "/counselor/places?kind=study&area=中央")
    for word in (
        "放課後まなび室",
        "火・木 15:30〜18:30",
        "9〜18歳",
        "無料",
        "冬は18:40に駅まで送迎",
        "子どもだけで行ける",
        "やさしい日本語",
        "確かめた日",
    ):
        assert word in page, word
    assert '<a href="tel:0999-00-2002">0999-00-2002</a>' in page


@pytest.mark.parametrize(
    ("query", "there", "gone"),
    [
        ("area=東", "地域食堂 ゆきんこ", "放課後まなび室"),
        ("area=東", "子育て世帯訪問支援", "居場所サロン"),  # without an area: the whole city
        ("kind=meal", "カレーの日", "児童館"),
        ("age=8&kind=study", "山の学び舎", "放課後まなび室"),
        ("alone=yes&kind=place", "児童館 ゆきぼうし", "フリースクール"),
    ],
)
def test_filters_are_plain_addresses_and_need_no_script(
    room: Room, query: str, there: str, gone: str
) -> None:
    page = names(room, f"/counselor/places?{query}")
    assert there in page
    assert gone not in page


def test_what_nobody_has_checked_for_half_a_year_is_marked_and_not_on_paper(room: Room) -> None:
    page = names(room, "/counselor/places")
    entry = page.split(STALE)[0].rsplit("<li", 1)[1]
    assert "no-print" in entry
    assert "要確認: 半年より長く確かめていません" in page.split(STALE)[1][:300]
    assert STALE not in names(room, "/counselor/places/leaflet")
    assert "地域食堂 ゆきんこ" in names(room, "/counselor/places/leaflet")


def test_a_checked_entry_becomes_stale_after_180_days(room: Room) -> None:
    room.house.clock.move(timedelta(days=161))  # ゆきんこ was checked 20 days before
    room.house.sign_in(room.client, "aoki")
    try:
        assert "地域食堂 ゆきんこ" not in names(room, "/counselor/places/leaflet")
    finally:
        room.house.clock.move(-timedelta(days=161))
        room.house.sign_in(room.client, "aoki")


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_leaflet_speaks_and_leaves_the_entries_as_the_city_wrote_them(room: Room, language: str) -> None:
    page = names(room, f"/counselor/places/leaflet?lang={language}&kind=meal")
    said = labels()[language]
    if language != "ja-easy":  # ruby stands between the letters there
        assert said["when"] in page
        assert said["alone"]["yes"] in page
        assert f'lang="{language}"' in page
    assert '<span lang="ja">地域食堂 ゆきんこ</span>' in page
    assert "tel:0999-00-2000" in page


def test_every_language_has_a_word_for_every_kind_and_label() -> None:
    known = labels()
    assert set(known) == LANGUAGES
    for language, said in known.items():
        assert set(said) == set(known["en"]), language
        assert set(said["kinds"]) == {str(kind) for kind in AgencyKind}, language
        assert set(said["alone"]) == {str(one) for one in Alone}, language
        assert "{low}" in said["ages"], language


def test_the_city_hall_reads_the_directory_too(room: Room) -> None:
    with room.as_("ito") as welfare:
        assert "放課後まなび室" in names(welfare, "/counselor/places")

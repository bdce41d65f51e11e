"""A child chooses a language and keeps it to the last page; the answers mean the same in every one of them."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import col, select, update
from starlette.testclient import TestClient

from survey_api.services.banks.texts_check import LANGUAGES
from survey_api.services.results.queries import open_result
from survey_api.services.waves import queries as waves_queries
from survey_api.services.waves.rules import offered_languages
from survey_api.tables.results import Result
from survey_api.tables.waves import Wave
from survey_api.vocabulary import WaveState
from survey_ui.shell.child_words import words
from survey_ui.student.view import band_of
from tests.house import SETUP, House, bank, worst_answers
from tests.survey_ui.student.conftest import BANKS
from tests.survey_ui.student.test_answering import pupil_of
from tests.survey_ui.student.walking import walk

DRAFTS = ",".join(language for language in LANGUAGES if language != "ja")


def allow(house: House, drafts: str = DRAFTS, **values: Any) -> None:
    with house.runtime.work(SETUP) as work:
        work.db.exec(
            update(Wave).where(col(Wave.id) == house.wave_id).values(draft_languages=drafts, **values)
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_stays_from_the_choice_to_the_last_page(
    house: House, client: TestClient, language: str
) -> None:
    allow(house)
    house.show_ticket(client, pupil_of(house, "chu"))
    chosen = client.post("/s/reading", data={"language": language})
    assert chosen.headers["location"] == "/s/reading"
    said, loaded = words("H", language), bank("chu")
    lang = "ja" if language == "ja-easy" else language  # «zh» alone would be drawn with Japanese letters
    for address, sentence in (
        ("/s/reading", said["fine"]),
        ("/s/welcome", said["start"]),
        ("/s/q/1", loaded.words(language)["items"]["free_time"]["options"]["home"]),
        ("/s/review", said["send"]),
        ("/s/forget", said["forget_yes"]),
    ):
        page = client.get(address).text
        assert f'<html lang="{lang}"' in page
        assert bare(sentence) in bare_page(page), address
        assert unmarked(page) == [], address
    visited = walk(client, loaded, worst_answers(loaded))
    assert visited[-1] == "/s/review"
    sent = client.post("/s/send")
    last = client.get(sent.headers["location"]).text
    assert bare(said["thanks"]) in bare_page(last)
    assert f'<html lang="{lang}"' in last
    assert unmarked(last) + unmarked(client.get("/").text) == []


@pytest.mark.parametrize("way", ["send", "later", "forget", "decline"])
@pytest.mark.parametrize("start", ["/", "/t"])
def test_the_next_child_does_not_find_how_the_last_one_reads(
    house: House, client: TestClient, way: str, start: str
) -> None:
    allow(house)
    house.show_ticket(client, pupil_of(house, "chu"))
    client.post("/s/reading", data={"language": "vi"})
    client.post("/s/reading", data={"size": "2", "left": "on"})
    last = client.post(f"/s/{way}").headers["location"]
    for address in (last, "/s/quiet/H", last):
        assert '<html lang="vi" class="size-2 no-ruby left">' in client.get(address).text
    assert '<html lang="ja" class="size-0">' in client.get(start).text
    assert "kizuki_reading" not in client.cookies


class _Parts(HTMLParser):
    """The texts of a page with the language in which a voice would read them."""

    VOID = frozenset({"meta", "link", "input", "wbr", "br", "path", "circle"})

    def __init__(self) -> None:
        super().__init__()
        self.languages: list[str] = [""]
        self.texts: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.languages.append(dict(attrs).get("lang") or self.languages[-1])

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            self.languages.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append((self.languages[-1], data.strip()))


def unmarked(page: str) -> list[str]:
    """Japanese that a voice would read as another language."""
    parts = _Parts()
    parts.feed(re.sub(r"<(style|title)>.*?</\1>", "", page, flags=re.DOTALL).replace("/>", ">"))
    latin = [text for language, text in parts.texts if language not in ("ja", "zh-Hans")]
    return [text for text in latin if re.search("[ぁ-んァ-ヶ一-龠]", text)]


def bare(sentence: str) -> str:
    return re.sub(r"《[^》]*》|｜|\s", "", sentence)


def bare_page(page: str) -> str:
    """The page as it is read: without readings, places to break and spaces."""
    return re.sub(r"<rt.*?</rt>|<[^>]+>|\s|\u2060", "", page).replace("&#39;", "'").replace("&amp;", "&")


def test_marks_that_the_page_adds_itself_belong_to_its_language(house: House, client: TestClient) -> None:
    """The title of a refused sheet, the stroke between two numbers, and what stands between two sentences."""
    allow(house)
    items = [shown.item for shown in bank("chu").bank.path({})]
    house.show_ticket(client, pupil_of(house, "chu"))
    for language, stroke, between in (("fil", "/", " "), ("zh-Hans", "／", "")):
        client.post("/s/reading", data={"language": language})
        place = items.index("care_tasks") + 1
        refused = client.post(f"/s/q/{place}", data={"a": ["none", "cook"]}).text
        said = words("H", language)
        assert f"<title>{said['error']}{place}{stroke}{len(items)}</title>" in refused
        asked = client.get(f"/s/q/{items.index('wish_talk') + 1}").text
        assert f"{said['promise'][-1]}{between}{said['promise_now']}" in asked


@pytest.mark.parametrize("name", BANKS)
def test_a_draft_is_offered_only_where_the_wave_allows_it(
    house: House, client: TestClient, name: str
) -> None:
    house.show_ticket(client, pupil_of(house, name))
    assert 'value="pt-BR"' not in client.get("/s/reading").text
    client.post("/s/reading", data={"language": "pt-BR"})
    assert f"{words(band_of(name))['title'][:2]}" in client.get("/s/welcome").text, "a draft was shown"
    allow(house, "pt-BR")
    page = client.get("/s/reading").text
    assert 'value="pt-BR"' in page
    assert 'value="es"' not in page


def test_the_first_page_offers_what_a_ticket_will_keep(
    house: House, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A draft that no open wave allows would turn into Japanese behind the ticket."""

    def offered() -> list[str]:
        return re.findall(r'name="language" value="([^"]+)"', client.get("/").text)

    assert offered() == [], "Japanese alone is no choice"
    client.post("/language", data={"language": "vi"})
    assert '<html lang="ja"' in client.get("/").text
    allow(house, "pt-BR,vi")
    assert offered() == ["ja", "pt-BR", "vi"]
    client.post("/language", data={"language": "vi"})
    assert '<html lang="vi"' in client.get("/").text
    house_code = pupil_of(house, "chu").ticket.code
    assert client.post("/t", data={"code": house_code}).headers["location"] == "/s/reading"
    assert '<html lang="vi"' in client.get("/s/reading").text
    allow(house, "pt-BR,vi", state=WaveState.CLOSED)
    assert offered() == []

    def down(*_: object) -> None:
        raise PoolTimeout

    allow(house, "pt-BR", state=WaveState.OPEN)
    monkeypatch.setattr(waves_queries, "languages_allowed_now", down)
    assert client.get("/").status_code == 200, "the first page opens while the database is busy"


def test_a_reviewed_language_needs_no_permission() -> None:
    states = {"ja": {"original"}, "en": {"reviewed", "back-translated"}, "es": {"draft", "reviewed"}}
    assert offered_languages(states, ()) == ("ja", "en")
    assert offered_languages(states, {"es"}) == ("ja", "en", "es")


def test_the_same_answers_mean_the_same_in_every_language(house: House, client: TestClient) -> None:
    allow(house)
    loaded, kept = bank("chu"), []
    answers: dict[str, Any] = worst_answers(loaded) | {"free_text": "Quero sumir"}
    pupils = [pupil for pupil in house.pupils if pupil.grade == loaded.bank.grades[0]]
    for pupil, language in zip(pupils, ("ja", "pt-BR"), strict=True):
        house.show_ticket(client, pupil)
        client.post("/s/reading", data={"language": language})
        walk(client, loaded, answers)
        assert client.post("/s/send").status_code == 303
        with house.runtime.reading() as db:
            row = db.exec(select(Result).where(Result.pseudonym == pupil.pseudonym)).one()
            kept.append(open_result(db, house.runtime.keys, row).assessment)
    assert kept[0] == kept[1]
    assert kept[0]["urgency"]

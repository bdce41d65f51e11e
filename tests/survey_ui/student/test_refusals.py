"""A child that is stuck reads what happened, what to do and who helps, in the words of its own grade."""

import re

import pytest
from starlette.testclient import TestClient

from survey_api.kit.problems import Busy
from survey_ui.shell.child_words import ENDONYMS, words
from survey_ui.student import pages
from tests.house import House
from tests.survey_ui.student.test_answering import pupil_of
from tests.survey_ui.student.test_languages import bare, bare_page

ADULT = {
    "ja": "せんせい|先生|ほけんしつ|保健室",
    "ja-easy": "先生|保健室",
    "en": "teacher|nurse",
    "pt-BR": "professor|enfermaria",
    "zh-Hans": "老师|保健室",
    "fil": "guro|nars",
    "vi": "thầycô|côytế|phòngytế",
    "es": "profesor|enfermería",
}


@pytest.mark.parametrize("language", ENDONYMS)
@pytest.mark.parametrize("band", ["L", "M", "H"])
def test_every_refusal_says_what_happened_what_to_do_and_who_helps(band: str, language: str) -> None:
    for code, (happened, to_do) in words(band, language)["kind"].items():
        assert happened
        if code != "ticket_spent":  # nothing went wrong: it says to wait
            assert re.search(ADULT[language], bare(to_do)), (code, to_do)


@pytest.mark.parametrize(("name", "band"), [("sho-low", "L"), ("sho-high", "M"), ("chu", "H")])
def test_a_refusal_speaks_as_the_child_reads_where_its_ticket_is_known(
    house: House, client: TestClient, monkeypatch: pytest.MonkeyPatch, name: str, band: str
) -> None:
    assert bare(words("L")["kind"]["not_found"][1]) in bare_page(client.get("/s/nowhere").text)
    house.show_ticket(client, pupil_of(house, name))
    nowhere = client.get("/s/nowhere")
    assert f"band-{band}" in nowhere.text
    assert bare(words(band)["kind"]["not_found"][1]) in bare_page(nowhere.text)
    refused = client.post("/s/q/1", data={"a": "no_such_choice"})
    assert bare(words(band)["kind"]["answers_refused"][1]) in bare_page(refused.text)

    def busy(*_: object) -> None:
        raise Busy

    monkeypatch.setattr(pages, "write", busy)
    late = client.post("/s/q/1", data={"a": "dont_know"})
    assert late.status_code == 503
    assert bare(words(band)["kind"]["busy"][1]) in bare_page(late.text)
    for broken in ("", "x", client.cookies["kizuki_pupil"][:-1]):
        client.cookies.clear()
        client.cookies.set("kizuki_pupil", broken)
        assert bare(words("L")["kind"]["not_found"][1]) in bare_page(client.get("/s/nowhere").text)

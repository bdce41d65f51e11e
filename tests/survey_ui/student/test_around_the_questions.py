"""Before the first question and after the last: the practice, going on later, what else is done with answers."""

import re
from dataclasses import replace

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from survey_api.access import sealing
from survey_api.services.banks.texts_check import LANGUAGES
from survey_api.services.submissions import actions as submissions_actions
from survey_api.services.submissions import queries
from survey_api.tables.submissions import Draft, LateSheet, Submission
from survey_ui.shell.child_words import words
from survey_ui.student import view
from tests.house import SETUP, House, bank
from tests.survey_ui.student.conftest import BANKS
from tests.survey_ui.student.test_answering import pupil_of
from tests.survey_ui.student.test_languages import allow, bare, bare_page
from tests.survey_ui.student.walking import follow

BAND = {"sho-low": "L", "sho-high": "M", "chu": "H", "kou": "H"}


@pytest.mark.parametrize("name", BANKS)
def test_the_practice_is_one_tap_and_is_stored_nowhere(house: House, client: TestClient, name: str) -> None:
    house.show_ticket(client, pupil_of(house, name))
    page = client.get("/s/welcome").text
    assert 'href="/s/practice"' in page
    practice = client.get("/s/practice").text
    assert "cover-now" in practice
    assert "data-key" not in practice, "the practice must not be taken for a question of the bank"
    assert follow(client.post("/s/practice", data={"a": "spring"})) == "/s/q/1"
    with house.runtime.reading() as db:
        assert [db.exec(select(table)).all() for table in (Draft, Submission, LateSheet)] == [[], [], []]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_practice_names_the_controls_by_the_words_that_stand_on_them(
    house: House, client: TestClient, language: str
) -> None:
    allow(house)
    house.show_ticket(client, pupil_of(house, "sho-low"))
    client.post("/s/reading", data={"language": language})
    page = client.get("/s/practice").text
    marks = [bare_page(mark) for mark in re.findall(r"<li.*?>(.*?)</li>", page)]
    said, there = words("L", language), bank("sho-low").words(language)["reserved"]
    for label, mark in zip((said["back"], said["cover"], there["declined"]), marks, strict=True):
        assert bare(label) in mark


def test_a_ticket_shown_again_offers_to_go_on_and_shows_no_answer(house: House, client: TestClient) -> None:
    house.show_ticket(client, pupil_of(house, "sho-high"))
    assert follow(client.post("/s/reading", data={})) == "/s/welcome"
    client.post("/s/q/1", data={"a": "d0"})
    house.show_ticket(client, pupil_of(house, "sho-high"))
    assert follow(client.post("/s/reading", data={})) == "/s/resume"
    page = client.get("/s/resume").text
    assert 'href="/s/q/2"' in page
    assert 'href="/s/q/1"' in page
    assert 'aria-pressed="true"' not in page
    assert bare(words("M")["resume"].format(n=2)) in bare_page(page)


def test_who_left_a_question_blank_goes_on_after_the_furthest_answer(
    house: House, client: TestClient
) -> None:
    """Nothing ticked is a skip: it does not call a child back that had gone on."""
    items = [shown.item for shown in bank("chu").bank.path({})]
    blank = items.index("short_of") + 1
    house.show_ticket(client, pupil_of(house, "chu"))
    client.post("/s/q/1", data={"a": "home"})
    assert follow(client.post(f"/s/q/{blank}", data={})) == f"/s/q/{blank + 1}"
    furthest = next(place for place in range(blank + 2, len(items)) if items[place - 1])
    client.post(f"/s/q/{furthest}", data={"a": "dont_know"} | {"r": "dont_know"})
    page = client.get("/s/resume").text
    onward = next(place for place in range(furthest + 1, len(items)) if items[place - 1])
    assert f'href="/s/q/{onward}"' in page
    assert bare(words("H")["resume"].format(n=onward)) in bare_page(page)


def test_nobody_goes_on_behind_the_warning_before_hard_questions(house: House, client: TestClient) -> None:
    notice = next(shown for shown in bank("chu").bank.path({}) if shown.may_skip)
    house.show_ticket(client, pupil_of(house, "chu"))
    client.post(f"/s/q/{notice.place - 1}", data={"a": "dont_know", "r": "dont_know"})
    assert f'<a class="go" href="/s/q/{notice.place}">' in client.get("/s/resume").text
    client.post(f"/s/q/{notice.place}", data={"a": "skip"})
    assert f'<a class="go" href="/s/q/{notice.place + 1}">' in client.get("/s/resume").text


def test_who_has_answered_to_the_end_goes_on_at_the_review(house: House, client: TestClient) -> None:
    path = bank("chu").bank.path({})
    last = max(shown.place for shown in path if shown.item)
    house.show_ticket(client, pupil_of(house, "chu"))
    client.post(f"/s/q/{last}", data={"a": "dont_know", "r": "dont_know", "text": "はい"})
    page = client.get("/s/resume").text
    assert '<a class="go" href="/s/review">' in page
    assert bare(words("H")["review"]) in bare_page(page)


@pytest.mark.parametrize("name", BANKS)
def test_the_limits_stand_before_the_choice_with_a_picture_for_the_younger(
    house: House, client: TestClient, name: str
) -> None:
    house.show_ticket(client, pupil_of(house, name))
    page, said = client.get("/s/welcome").text, words(BAND[name])
    before, _, choice = page.partition('<div class="pair">')
    read, ideas = bare_page(before), ("purpose", "readers", "limits", "stop")
    stand = [read.find(bare(said[key])) for key in ideas]
    assert -1 not in stand
    assert stand == sorted(stand), (
        "what it is for, who reads, when it is passed on, skip and stop: in this order"
    )
    assert 'href="/s/practice"' in choice
    assert 'action="/s/decline"' in choice
    assert "/s/practice" not in before
    pictures = re.findall(r'<svg class="idea" [^>]*aria-hidden="true"><path d="([^"]+)"', before)
    assert len(set(pictures)) == (0 if BAND[name] == "H" else 4)
    assert page.count("<svg") == len(pictures) + 1, "only the pictures and the clock of the cover"


def test_from_the_ticket_to_the_first_question_in_three_taps(house: House, client: TestClient) -> None:
    """QR code → 「これで いい」 → 「やってみる」 → any answer of the practice: each page's first way on."""
    house.show_ticket(client, pupil_of(house, "sho-low"))
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', client.get("/s/reading").text))
    at, taps = follow(client.post("/s/reading", data=fields)), 1
    while not at.startswith("/s/q/"):
        page = client.get(at).text
        onward = re.search(r'<a class="go" href="([^"]+)"', page)
        action = re.search(r'<form class="question[^>]* action="([^"]+)"', page)
        at = onward[1] if onward else follow(client.post(action[1] if action else ""))
        taps += 1
    assert (at, taps) == ("/s/q/1", 3)


def test_the_way_of_reading_is_changed_from_a_question_without_losing_the_place(
    house: House, client: TestClient
) -> None:
    house.show_ticket(client, pupil_of(house, "sho-high"))
    client.post("/s/q/3", data={"a": ["bath", "clothes"]})
    page = client.get("/s/q/3").text
    assert 'href="/s/reading?at=3"' in page
    assert 'name="at" value="3"' in client.get("/s/reading?at=3").text
    assert follow(client.post("/s/reading", data={"at": "3", "size": "2", "left": "on"})) == "/s/q/3"
    again = client.get("/s/q/3").text
    assert 'class="size-2 no-ruby left"' in again
    assert again.count(" checked") == 2
    assert 'href="/s/reading?at=review"' in client.get("/s/review").text
    assert follow(client.post("/s/reading", data={"at": "review"})) == "/s/review"


@pytest.mark.parametrize("name", BANKS)
def test_every_question_leads_to_two_ways_of_stopping(house: House, client: TestClient, name: str) -> None:
    """One tap to the page, one on 「あとで」 or 「けして やめる」: two buttons of two forms, with and without script."""
    house.show_ticket(client, pupil_of(house, name))
    for place in (1, len(bank(name).bank.screens)):
        stop = f"/s/forget?at={place}"
        assert f'<a class="back stop" href="{stop}">' in client.get(f"/s/q/{place}").text
        assert f'href="/s/q/{place}"' in client.get(stop).text, "and back to where it was pressed"
    shell = client.get("/s/screens").text.partition('<template data-place="1"')[0]
    assert shell.count('class="back stop" href="/s/forget') == 2, (
        "the bar of the questions and that of the review"
    )
    assert 'action="/s/forget"' in shell, "without network too"
    review = client.get("/s/review").text
    assert 'href="/s/forget"' in review
    assert 'action="/s/forget"' not in review, "deleting is asked about first"
    page = client.get("/s/forget").text
    forms = re.findall(
        r'<form method="post" action="(/s/\w+)".*?<button class="go" type="submit">(.*?)<', page
    )
    assert [action for action, _ in forms] == ["/s/later", "/s/forget"]
    assert len({label for _, label in forms}) == 2


def test_what_else_is_done_with_answers_is_one_tap_away(house: House, client: TestClient) -> None:
    house.show_ticket(client, pupil_of(house, "chu"))
    assert 'href="/s/more"' in client.get("/s/welcome").text
    page = bare_page(client.get("/s/more").text)
    for line in words("H")["more"]:
        assert bare(line) in page


def test_sent_declined_and_kept_out_see_the_same_pages(house: House, client: TestClient) -> None:
    sent, declined = (pupil for pupil in house.pupils if pupil.grade == bank("chu").bank.grades[0])
    kept_out = next(pupil for pupil in house.pupils if pupil.grade == bank("kou").bank.grades[0])
    house.show_ticket(client, sent)
    client.post("/s/q/1", data={"a": "home"})
    assert follow(client.post("/s/send")) == "/s/thanks/H"
    assert 'href="/s/quiet/H"' in client.get("/s/thanks/H").text
    house.show_ticket(client, declined)
    assert follow(client.post("/s/decline")) == "/s/quiet/H"
    with house.runtime.work(SETUP) as work:
        submissions_actions.close_ticket(work, kept_out.pseudonym, house.wave_id)
    pages = []
    for pupil in (sent, declined, kept_out):
        page = house.refused(client, secret=pupil.ticket.secret).text
        pages.append(re.sub(r'name="asking" value="[^"]+"', "", page))
    assert len(set(pages)) == 1
    assert bare(words("H")["kind"]["ticket_spent"][0]) in bare_page(pages[0])
    waiting = client.get("/s/quiet/H").text
    for part in ("<title>.*?</title>", '<h1 class="quiet">.*?</h1>'):
        (said,) = re.findall(part, waiting)
        assert re.findall(part, pages[0]) == [said], "kept out looks like waiting after the last page"
    assert 'class="go"' not in pages[0], "nothing is asked of a child who waits"


@pytest.mark.parametrize("language", [one for one in LANGUAGES if not one.startswith("ja")])
def test_the_japanese_stands_beneath_every_sentence_when_it_is_wished(
    house: House, client: TestClient, language: str
) -> None:
    allow(house)
    house.show_ticket(client, pupil_of(house, "sho-high"))
    client.post("/s/reading", data={"language": language})
    assert 'class="under"' not in client.get("/s/q/2").text
    client.post("/s/reading", data={"both": "on", "ruby": "on"})
    loaded = bank("sho-high")
    shown = loaded.bank.path({})[1].item
    said, japanese = loaded.words(language)["items"][shown], loaded.words()["items"][shown]
    page = client.get("/s/q/2").text
    beneath = [bare_page(text) for text in re.findall(r'class="under" lang="ja">(.*?)</span>', page)]
    assert bare(japanese["ask"]) in beneath
    for code, text in japanese["options"].items():
        assert bare(text) in beneath
        assert bare(said["options"][code]) in bare_page(page)
    assert '<rt aria-hidden="true">' in client.get("/s/review").text
    late = client.get("/s/welcome").text
    for key in ("purpose", "readers", "limits", "stop"):
        assert bare(words("M")[key]) in bare_page(late)
    assert bare(words("M")["kind"]["not_found"][0]) in bare_page(client.get("/s/nowhere").text)
    assert bare(words("M")["taken_back"]) in bare_page(client.get("/s/back/M").text)


def test_japanese_readers_get_no_second_japanese(house: House, client: TestClient) -> None:
    allow(house)
    house.show_ticket(client, pupil_of(house, "sho-high"))
    for language in ("ja", "ja-easy"):
        client.post("/s/reading", data={"language": language})
        assert 'name="both"' not in client.get("/s/reading").text
        client.post("/s/reading", data={"both": "on", "ruby": "on"})
        assert 'class="under"' not in client.get("/s/q/1").text


def test_the_youngest_keep_the_readings_of_the_helplines(house: House, client: TestClient) -> None:
    house.show_ticket(client, pupil_of(house, "sho-low"))
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', client.get("/s/reading").text))
    client.post("/s/reading", data=fields | {"spaced": "on"})
    page = client.get("/s/thanks/L").text
    assert "no-ruby" not in page.partition("</head>")[0].partition("<html")[2].partition(">")[0]
    assert "子供<rt" in page


def test_free_words_are_veiled_counted_and_say_who_reads_them_by_when(
    house: House, client: TestClient
) -> None:
    loaded = bank("chu")
    place = [shown.item for shown in loaded.bank.path({})].index("free_text") + 1
    house.show_ticket(client, pupil_of(house, "chu"))
    client.post(f"/s/q/{place}", data={"text": "つかれた"})
    page = client.get(f"/s/q/{place}").text
    assert "data-veil checked" in page
    assert "4／400" in page
    assert 'maxlength="400"' in page
    assert "12月8日(火)までに担当者が読みます" in bare_page(page)
    for word in ("autocomplete", "autocorrect", "spellcheck"):
        assert re.search(rf'<textarea[^>]* {word}="(off|false)"', page)


def test_days_are_drawn_as_dots_and_the_youngest_see_faces(house: House, client: TestClient) -> None:
    seen = {}
    for name in ("sho-low", "sho-high", "chu"):
        house.show_ticket(client, pupil_of(house, name))
        seen[name] = client.get("/s/screens").text
    dots = re.findall(r'<span class="days" aria-hidden="true">([●○]+)</span>', seen["sho-high"])
    assert {len(each) for each in dots} == {6}
    assert {each.count("●") for each in dots} == {0, 2, 4, 6}
    assert seen["sho-low"].count('<svg class="face"') == 3
    assert 'class="face"' not in seen["sho-high"] + seen["chu"]
    assert "<img" not in "".join(seen.values())


def test_a_locked_question_is_never_drawn_on() -> None:
    loaded = bank("sho-low")
    (shown,) = [one for one in loaded.bank.path({}) if one.item == "fun"]
    assert view.question(loaded, shown, {}).look == "faces"
    locked = replace(loaded.bank.items["fun"], locked_layout=True)
    fixed = replace(loaded, bank=replace(loaded.bank, items={**loaded.bank.items, "fun": locked}))
    assert view.question(fixed, shown, {}).look == "plain"


def test_the_draft_of_a_child_is_not_touched_by_looking_around(house: House, client: TestClient) -> None:
    pupil = pupil_of(house, "kou")
    house.show_ticket(client, pupil)
    client.post("/s/q/1", data={"a": "home"})
    for address in ("/s/practice", "/s/more", "/s/resume", "/s/welcome", "/s/reading"):
        assert client.get(address).status_code == 200
    client.post("/s/practice")
    with house.runtime.reading() as db:
        ticket = queries.ticket_by_id(db, pupil.ticket_id)
        assert ticket is not None
        assert list(queries.draft_of(db, house.runtime.keys, ticket)["answers"].values()) == ["home"]


@pytest.mark.parametrize("language", ["pt-BR", "ja-easy", "ja"])
def test_of_the_language_only_is_kept_that_it_was_a_help_and_that_is_sealed(
    house: House, client: TestClient, language: str
) -> None:
    allow(house)
    pupil = pupil_of(house, "sho-high")
    house.show_ticket(client, pupil)
    client.post("/s/reading", data={"language": language})
    client.post("/s/reading", data={})
    assert follow(client.post("/s/send", data={})) == "/s/thanks/M"
    with house.runtime.reading() as db:
        row = db.exec(select(Submission)).one()
        assert row.sealed is not None
        opened = sealing.open_for_child(db, house.runtime.keys, row, f"submission|{row.id}", row.sealed)
    assert opened == {"answers": {}, "seconds": {}, "supported": int(language != "ja")}


def test_the_page_without_network_is_for_the_youngest(client: TestClient) -> None:
    """One page for every child of a tablet: with the spaces that the youngest need."""
    assert words("L")["first_online"] in client.get("/s/away").text


def test_a_page_of_the_child_before_says_that_it_is_over_and_leaves_nothing_to_send_again(
    house: House, client: TestClient
) -> None:
    mine, theirs = pupil_of(house, "chu"), pupil_of(house, "sho-low")
    house.show_ticket(client, mine)
    whose = re.search('name="go" value="([0-9a-f]{16})"', client.get("/s/q/1").text)
    assert whose
    house.show_ticket(client, theirs)
    answer = client.post("/s/q/1", data={"a": "home", "go": whose[1]})
    assert (answer.status_code, answer.headers["location"]) == (303, "/s/ticket")
    told = client.get("/s/ticket")
    assert told.status_code == 401
    assert "このがめんはもうつかえません。いまおしたこたえはとどいていません。" in bare_page(told.text)
    assert 'href="/"' in told.text
    assert client.get("/s/ticket").headers["location"] == "/"
    assert client.get("/s/draft").json()["answers"] == {}

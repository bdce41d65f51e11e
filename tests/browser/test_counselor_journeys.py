"""The journeys of one visit in a real browser: who needs me, why, who is it, what was done, who helps now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader
from sqlmodel import select

from survey_api.tables.cases import Case
from survey_api.vocabulary import Urgency
from tests.browser.chromium import CHROMEBOOK, OpenPage
from tests.browser.live import serve
from tests.house import PASSWORD, House, bank, open_house, worst_answers
from tests.survey_ui.counselor.room import send
from tests.survey_ui.counselor.test_queue import wishing

WORST = 4


@dataclass(frozen=True)
class Desk:
    house: House
    url: str

    def place(self, pupil: int) -> str:
        return f"/counselor/cases/{self.case(pupil).id}"

    def case(self, pupil: int) -> Case:
        pseudonym = self.house.pupils[pupil].pseudonym
        with self.house.runtime.reading() as db:
            return db.exec(select(Case).where(Case.pseudonym == pseudonym)).one()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Four most urgent cases, six that wish to talk, and one pupil who has not answered yet."""
    with open_house(tmp_path_factory.mktemp("visit"), pupils=11) as house, serve(house) as url:
        for number, pupil in enumerate(house.pupils[:10]):
            send(house, pupil, worst_answers(bank("chu")) if number < WORST else wishing())
        yield Desk(house, url)


def signed_in(open_page: OpenPage, desk: Desk, login: str = "aoki", **options: object) -> Page:
    page = open_page(desk.url, CHROMEBOOK, **options)
    page.goto("/signin")
    sign(page, login)
    return page


def sign(page: Page, login: str) -> None:
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/counselor/**")


def taken(page: Page, place: str) -> None:
    """Open a case and have it in hand."""
    page.goto(place)
    button = page.locator(".bar form[action$='/claim'] button")
    if button.count():
        button.click()
        page.locator(".bar form[action$='/release']").wait_for()


def test_after_signing_in_the_first_reasons_are_there(open_page: OpenPage, desk: Desk) -> None:
    """No click: the first most urgent row says why, the pane says it in the child's words, eight rows are in sight."""
    page = signed_in(open_page, desk)
    first = page.locator("#queue tbody tr").first
    assert "◆" in first.inner_text()
    assert "基準" in first.locator(".why").inner_text()
    pane = page.locator(".pane")
    pane.locator(".reasons li").first.wait_for()
    assert "いえに かえりたくない" in pane.inner_text()
    assert first.locator("th a").inner_text() in pane.inner_text()
    bottoms = page.evaluate(
        "() => [...document.querySelectorAll('#queue tbody tr')].map((row) => row.getBoundingClientRect().bottom)"
    )
    assert sum(bottom <= CHROMEBOOK[1] for bottom in bottoms) >= 8, bottoms
    order = first.inner_text()
    assert order.index("すぐに") < order.index("基準") < order.index("希望") < order.index("今日まで")


def test_a_narrow_screen_asks_for_no_second_look(open_page: OpenPage, desk: Desk) -> None:
    """Without room for the pane its words are not fetched, so nobody is said to have read them."""
    page = open_page(desk.url, (1080, 740))
    page.goto("/signin")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign(page, "aoki")
    page.locator("#queue tbody th a").nth(1).focus()
    page.wait_for_timeout(600)
    assert not [url for url in asked if url.endswith("/glance")]
    assert page.locator(".pane").is_hidden()


def test_the_verbs_of_the_list(open_page: OpenPage, desk: Desk) -> None:
    page = signed_in(open_page, desk)
    page.keyboard.press("c")
    assert page.url.endswith("/counselor/")  # no verb without the list in focus
    row = page.locator("#queue tbody tr", has_text="▲").first
    sign_of = row.locator("th a").inner_text()
    row.locator("th a").focus()
    with page.expect_navigation():
        page.keyboard.press("a")
    page.wait_for_function("(sign) => document.activeElement.textContent === sign", arg=sign_of)
    page.keyboard.press("/")
    assert page.evaluate("() => document.activeElement.closest('.filter') !== null")
    for key, fold, field in (("c", "#do-contact", "at"), ("z", "#do-later", "words")):
        page.goto("/counselor/")
        page.locator("#queue tbody tr", has_text=sign_of).locator("th a").focus()
        page.keyboard.press(key)
        page.wait_for_url(f"**{fold}")
        page.locator(f"{fold}[open]").wait_for()
        page.wait_for_function("(field) => document.activeElement.name === field", arg=field)
    page.goto("/counselor/")
    page.locator("#queue tbody tr", has_text=sign_of).locator("th a").focus()
    page.keyboard.press("?")
    assert "keys" in (page.evaluate("() => document.activeElement.className") or "")
    page.locator("#queue tbody tr", has_text=sign_of).locator("th a").focus()
    page.keyboard.press("h")
    page.wait_for_url("**/sheet")


def test_one_click_takes_a_most_urgent_case_over(open_page: OpenPage, desk: Desk) -> None:
    page = signed_in(open_page, desk)
    row = page.locator("#queue tbody tr", has_text="青-103")
    row.get_by_role("button", name="引き受ける").click()
    page.wait_for_url("**/counselor/cases/**")
    assert desk.case(3).owner_id == desk.house.staff["aoki"]
    with page.expect_navigation():
        page.locator(".bar form[action$='/release'] button").click()


BELOW = """(parts) => parts.filter((part) => {
    const [first] = document.querySelectorAll(part);
    return !first || first.getBoundingClientRect().bottom > innerHeight || !first.checkVisibility();
})"""
FIRST_SCREEN = [
    ".case-head h1",
    ".case-head .pill",
    ".case-head p",
    "#why",
    ".reasons > li > b",
    ".wish-box dd",
]


def test_why_wish_and_day_stand_on_the_first_screen(open_page: OpenPage, desk: Desk) -> None:
    """Of a child who carries everything, and of one who wishes to talk: sign, urgency, due day, first reason, wish."""
    page = signed_in(open_page, desk)
    for pupil in (0, 4):
        page.goto(desk.place(pupil))
        assert page.evaluate(BELOW, FIRST_SCREEN) == []
        assert "期限" in page.locator(".case-head p").first.inner_text()


def test_a_contact_takes_two_clicks(open_page: OpenPage, desk: Desk) -> None:
    page = signed_in(open_page, desk)
    taken(page, desk.place(4))
    page.locator("#do-contact summary").click()
    assert page.locator("[name=at]").input_value() == "2026-11-24T09:30"
    page.get_by_role("button", name="会えた").click()
    page.locator(".timeline", has_text="連絡: 会えた").wait_for()
    assert desk.case(4).first_contact_on is not None


def test_the_name_is_asked_for_in_a_dialog_that_holds_the_focus(open_page: OpenPage, desk: Desk) -> None:
    page = signed_in(open_page, desk)
    page.clock.install()
    page.goto(desk.place(5))
    name = desk.house.pupils[5].name.full
    opener = page.get_by_role("button", name="名前を確かめる")
    assert page.locator("text=すぐに名前を見る").count() == 0  # at once only for the most urgent
    opener.click()
    dialog = page.locator("dialog.ask")
    assert dialog.evaluate("(one) => one.matches(':modal')")
    for _ in range(12):
        page.keyboard.press("Tab")
        inside = "() => document.activeElement === document.body || document.activeElement.closest('dialog') !== null"
        assert page.evaluate(inside)
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert page.evaluate("() => document.activeElement.getAttribute('aria-haspopup')") == "dialog"
    opener.click()
    dialog.get_by_role("button", name="名前を表示する").click()
    assert dialog.is_visible()  # without a reason nothing happens
    assert name not in page.content()
    dialog.get_by_label("本人の希望").check()
    dialog.get_by_role("button", name="名前を表示する").click()
    page.locator(".who-shown b").wait_for()
    assert not dialog.is_visible()
    assert name in page.content()
    copied = page.evaluate(
        """() => {
            const event = new ClipboardEvent("copy", { clipboardData: new DataTransfer(), cancelable: true });
            getSelection().selectAllChildren(document.querySelector(".who-shown"));
            document.dispatchEvent(event);
            return event.clipboardData.getData("text/plain");
        }"""
    )
    assert name not in copied
    assert "aokiさん" in copied
    assert "aokiさん" in page.evaluate(
        "() => getComputedStyle(document.querySelector('.who-shown'), '::before').content"
    )
    text = PdfReader(BytesIO(page.pdf())).pages[0].extract_text()
    assert name.replace(" ", "") not in text.replace(" ", "")
    page.clock.fast_forward(61_000)
    page.locator(".who-shown").wait_for(state="hidden")
    assert name not in page.content()


def test_two_people_close_a_most_urgent_case(open_page: OpenPage, desk: Desk) -> None:
    page = signed_in(open_page, desk)
    taken(page, desk.place(0))
    page.locator("#do-contact summary").click()
    page.get_by_role("button", name="会えた").click()
    page.locator(".timeline", has_text="連絡: 会えた").wait_for()
    page.locator("#do-close summary").click()
    page.locator("#do-close [name=outcome]").first.check()
    page.locator("#do-close [name=label]").first.check()
    assert page.locator("#follow-up").input_value() == "2027-02-24"
    with page.expect_navigation():
        page.get_by_role("button", name="終了の確認を頼む").click()
    assert page.get_by_role("button", name="二人目として終了する").count() == 0
    with page.expect_navigation():
        page.locator(".bar form[action$='/release'] button").click()
    head = signed_in(open_page, desk, "sato")
    head.goto(desk.place(0))
    head.get_by_role("button", name="二人目として終了する").click()
    head.get_by_role("button", name="再開する").wait_for()


def test_two_people_call_a_case_less_urgent(open_page: OpenPage, desk: Desk) -> None:
    page = signed_in(open_page, desk)
    taken(page, desk.place(1))
    page.locator("#do-lower summary").click()
    page.locator("#do-lower").get_by_label("今週").check()
    page.fill("#lower-words", "本人と話し、今は家で落ち着いている")
    with page.expect_navigation():
        page.get_by_role("button", name="確認を頼む").click()
    with page.expect_navigation():
        page.locator(".bar form[action$='/release'] button").click()
    head = signed_in(open_page, desk, "sato")
    head.goto(desk.place(1))
    head.get_by_role("button", name="二人目として下げる").click()
    head.locator(".case-head .pill.this_week").wait_for()
    assert desk.case(1).urgency == Urgency.THIS_WEEK


def test_what_arrives_moves_no_row(open_page: OpenPage, desk: Desk) -> None:
    page = signed_in(open_page, desk)
    page.clock.install()
    page.goto("/counselor/")
    before = page.locator("#queue tbody th a").all_inner_texts()
    send(desk.house, desk.house.pupils[10], worst_answers(bank("chu")))
    page.clock.fast_forward(61_000)
    page.locator(".arrivals a").wait_for()
    assert page.locator(".arrivals").inner_text() == "新しい1件を見る"
    assert page.locator("#queue tbody th a").all_inner_texts() == before
    page.locator(".arrivals a").click()
    page.locator("#queue", has_text="青-110").wait_for()


def test_the_wall_list_prints_with_its_reader_and_pages_and_nothing_hidden(
    open_page: OpenPage, desk: Desk
) -> None:
    page = signed_in(open_page, desk)
    page.goto("/counselor/")
    with page.expect_navigation():  # a page that is still arriving would print half
        page.get_by_role("link", name="担当の一覧を印刷").click()
    pdf = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    text = "".join(sheet.extract_text() for sheet in pdf.pages)
    for words in ("-104", "aokiさん", "写し番号", f"1 / {len(pdf.pages)}"):
        assert words in text, words
    for hidden in ("サインアウト", "対応待ちへ戻る", "127.0.0.1", "http", "いえに", "希望:", "家の人"):
        assert hidden not in text, hidden


def test_every_deed_works_without_script(open_page: OpenPage, desk: Desk) -> None:
    page = signed_in(open_page, desk, java_script_enabled=False)
    taken(page, desk.place(6))
    page.locator("#do-contact summary").click()
    with page.expect_navigation():
        page.get_by_role("button", name="不在").click()
    page.locator("#do-later summary").click()
    page.fill("#later-words", "明日は本人が休み")
    page.fill("#later-on", "2026-11-30")
    with page.expect_navigation():
        page.locator("#do-later button").click()
    page.locator("#do-who summary").click()
    page.locator("#do-who").get_by_label("安全確認").check()
    with page.expect_navigation():
        page.get_by_role("button", name="名前を表示する").click()
    assert desk.house.pupils[6].name.given in page.content()
    with page.expect_navigation():
        page.get_by_role("link", name="ケースへ戻る").click()
    assert desk.house.pupils[6].name.given not in page.content()
    assert "再確認日を決めた: 11月30日(月)" in page.locator(".timeline").inner_text()


@pytest.mark.parametrize("width", [320, 683])
def test_enlarged_pages_need_no_sideways_scrolling(open_page: OpenPage, desk: Desk, width: int) -> None:
    page = signed_in(open_page, desk)
    page.set_viewport_size({"width": width, "height": 640})
    for place in (
        "/counselor/",
        desk.place(2),
        "/counselor/alerts",
        "/counselor/coverage",
        "/counselor/days",
    ):
        page.goto(place)
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), place


def test_words_typed_into_a_session_that_ran_out_wait_at_the_same_case(
    open_page: OpenPage, desk: Desk
) -> None:
    """Last in this file: the clock of the house moves on."""
    page = signed_in(open_page, desk)
    taken(page, desk.place(7))
    page.locator("#do-note summary").click()
    desk.house.clock.move(timedelta(minutes=31))
    page.fill("#note-words", "本人から聞いたことを書いている途中")
    page.locator("#do-note button").click()
    page.wait_for_url("**/signin**")
    sign(page, "aoki")
    assert page.url.endswith(desk.place(7))
    assert page.input_value("#note-words") == "本人から聞いたことを書いている途中"
    assert page.locator("#note-words").is_visible()

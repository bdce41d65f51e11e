"""A child's whole way in a real browser, with and without script."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlmodel import select

from survey_api.tables.submissions import Submission
from tests.browser.chromium import TABLET, OpenPage
from tests.browser.live import serve
from tests.house import House, Pupil, bank, open_house, worst_answers

DOUBLE_TAP = 600  # milliseconds after which a second touch is surely no double tap
BANDS = ("sho-low", "sho-high", "chu")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, banks=BANDS, pupils=1) as opened:
        yield opened


@pytest.fixture
def address(house: House) -> Iterator[str]:
    with serve(house) as url:
        yield url


LOOK = """(e) => {
    const box = e.getBoundingClientRect(), look = getComputedStyle(e);
    return [box.width, box.height, box.top, look.color, look.backgroundColor, look.borderColor, look.borderWidth,
        look.borderStyle, look.fontSize, look.fontWeight, look.opacity];
}"""


def pupil_of(house: House, name: str) -> Pupil:
    return next(pupil for pupil in house.pupils if pupil.grade == bank(name).bank.grades[0])


def press(page: Page, selector: str) -> None:
    """Press as assistive technology does: a finger this fast would be taken for a double tap."""
    page.locator(selector).first.evaluate("button => button.click()")


def answer_all(page: Page, name: str, *, script: bool = True) -> None:
    """Tap through every screen with the answers of a child who carries everything."""
    loaded, answers = bank(name), worst_answers(bank(name))
    tap = press if script else Page.click
    for shown in loaded.bank.path(answers):
        page.wait_for_url(f"**/s/q/{shown.place}")
        kind = loaded.bank.items[shown.item].kind if shown.item else "notice"
        value = answers.get(str(shown.item))
        if kind == "single":
            tap(page, f'button.option[value="{value}"]')
            continue
        if kind == "multi":
            page.wait_for_timeout(DOUBLE_TAP if script else 0)
            for code in value or ():
                page.check(f'input[value="{code}"]')
        elif kind == "text":
            page.fill("textarea", str(value))
        tap(page, "form.question button.go")
    page.wait_for_url("**/s/review")


def finish(page: Page, house: House) -> None:
    page.wait_for_timeout(DOUBLE_TAP)
    page.click('form[action="/s/send"] button')
    page.wait_for_url("**/s/thanks/*")
    assert page.locator(".helplines").inner_text().count("0120") == 3
    page.go_back()
    assert "ありがとう" not in page.content()
    assert page.locator(".lines").count() == 0, "going back shows the review of a child who has finished"
    with house.runtime.reading() as db:
        assert len(db.exec(select(Submission)).all()) == 1


def test_from_the_qr_code_to_thank_you(house: House, address: str, open_page: OpenPage) -> None:
    page = open_page(address, TABLET)
    secret = pupil_of(house, "sho-high").ticket.secret
    page.goto(f"/t#{secret}", wait_until="commit")  # the page goes on by itself
    page.wait_for_url("**/s/reading")
    page.click(".switches .go")
    page.wait_for_url("**/s/welcome")
    assert secret not in str(page.evaluate("() => [location.href, document.referrer, history.length]"))
    yes, no = page.locator(".pair .go").all()
    assert yes.evaluate(LOOK) == no.evaluate(LOOK), "yes and no: one row, one size, one contrast"
    yes.click()
    page.wait_for_function("() => document.body.dataset.ready === '1'")
    page.click(".practice .option")
    answer_all(page, "sho-high")
    finish(page, house)


def test_without_script_the_typed_code_leads_the_same_way(
    house: House, address: str, open_page: OpenPage
) -> None:
    page = open_page(address, TABLET, java_script_enabled=False)
    page.goto("/t")
    page.click("#by-hand a")
    page.fill("#code", pupil_of(house, "chu").ticket.code_shown)
    page.click("button.go")
    page.click(".switches .go")
    page.click(".pair a.go")
    page.click(".practice .option")
    page.click(".aa")  # the way of reading is changed on the way, and stopping is looked at
    page.check('input[name="left"]')
    page.click(".switches .go")
    assert "left" in str(page.locator("html").get_attribute("class")).split()
    page.click(".stop")
    assert page.locator('form[action="/s/later"] button, form[action="/s/forget"] button').count() == 2
    page.go_back()
    assert page.locator(".cover-now").is_hidden(), "without script there is no cover to promise"
    answer_all(page, "chu", script=False)
    finish(page, house)

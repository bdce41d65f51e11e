"""A passkey in a real Chromium: enrolled on one's own page, then the only thing needed to come in."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import OpenPage
from tests.browser.live import serve
from tests.house import PASSWORD, House, open_house

pytestmark = pytest.mark.browser


@pytest.fixture
def address(tmp_path: Path) -> Iterator[tuple[House, str]]:
    with open_house(tmp_path, pupils=1) as house, serve(house) as url:
        yield house, f"http://localhost:{urlsplit(url).port}"


def with_authenticator(page: Page, *, verifies: bool = True) -> None:
    """An authenticator built into the device, whose owner shows a finger whenever asked."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": verifies, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_enrolled_and_then_opens_the_door_alone(
    address: tuple[House, str], open_page: OpenPage
) -> None:
    house, url = address
    page = open_page(url)
    with_authenticator(page)
    page.goto("/signin?next=/account")
    page.get_by_label("ID").fill("aoki")
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="サインイン").click()
    page.get_by_label("この端末の呼び名").fill("保健室のノートパソコン")
    page.get_by_role("button", name="この端末のパスキーを登録する").click()
    expect(page.get_by_role("rowheader", name="保健室のノートパソコン")).to_be_visible()

    page.get_by_role("button", name="サインアウト", exact=True).click()
    page.get_by_role("button", name="パスキーで入る").click()
    page.wait_for_url("**/counselor/")

    # a right password alone is no longer enough for somebody with a passkey
    with house.client() as client:
        answer = client.post("/signin", data={"login": "aoki", "password": PASSWORD})
        assert answer.headers["location"] == "/signin/second"


def test_a_device_that_does_not_know_its_owner_stays_out(
    address: tuple[House, str], open_page: OpenPage
) -> None:
    _, url = address
    page = open_page(url)
    with_authenticator(page, verifies=False)
    page.goto("/signin")
    page.get_by_role("button", name="パスキーで入る").click()
    expect(page.get_by_text("パスキーを使えませんでした")).to_be_visible()

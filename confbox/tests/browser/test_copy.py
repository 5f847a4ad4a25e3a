"""URLs and receipts are copied with one click; without scripts they can be selected."""

import json
import re

import pytest
from playwright.sync_api import expect

from voting.elections.models import Vote

pytestmark = pytest.mark.browser


@pytest.fixture
def on_the_clipboard(context, page):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    return lambda: page.evaluate("navigator.clipboard.readText()")


@pytest.fixture
def receipt_page(page, visit, open_conference, alice_member, log_in):
    log_in(alice_member.user)
    visit("/conferences/open-conf/ballot/")
    page.get_by_role("button", name="Vote for Bob").click()
    page.get_by_role("link", name="Keep the receipt for your vote").click()
    page.wait_for_url("**/receipt/")


def test_the_tracker_is_copied_and_that_is_said(page, receipt_page, on_the_clipboard):
    page.get_by_role("button", name="Copy Tracker").click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    assert on_the_clipboard() == Vote.objects.get().tracker
    expect(page.get_by_role("button", name="Copy Tracker")).to_be_visible()


def test_the_whole_receipt_is_copied(page, receipt_page, on_the_clipboard):
    page.get_by_role("button", name="Copy The receipt as text").click()
    expect(page.get_by_text("Copied").first).to_be_visible()
    assert json.loads(on_the_clipboard())["tracker"] == Vote.objects.get().tracker


def test_where_the_clipboard_is_closed_the_text_is_copied_all_the_same(page, receipt_page, on_the_clipboard):
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true})")
    page.get_by_role("button", name="Copy Tracker").click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    page.evaluate("delete navigator.clipboard")
    assert on_the_clipboard() == Vote.objects.get().tracker


def test_without_scripts_there_is_no_button_but_the_address(
    browser, live_server, open_conference, alice_member, client
):
    client.force_login(alice_member.user)
    client.post("/me/calendar/renew/")
    context = browser.new_context(java_script_enabled=False)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    context.add_cookies([cookie])
    page = context.new_page()
    page.goto(live_server.url + "/me/")
    expect(page.get_by_label("Secret link")).to_have_value(re.compile("key="))
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)

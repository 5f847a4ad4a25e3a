"""A person makes, copies and ends a token in a real browser; axe checks every page on the way."""

import pytest
from playwright.sync_api import Error, expect

from confbox.tests.browser.axe import violations
from conferences.api_tokens.authentication import token_of

pytestmark = pytest.mark.browser


@pytest.fixture
def alice_page(page_of, alice_member):
    return page_of(alice_member.user)


@pytest.fixture
def look(has_scripts):
    """Axe, which is a script itself, finds nothing on the page."""
    return lambda page: [] if not has_scripts else violations(page)


def make_token(page, look):
    page.goto("/accounts/tokens/")
    assert look(page) == []
    page.get_by_role("link", name="Make a token").click()
    assert look(page) == []
    page.locator("#id_name").fill("Name badges")
    page.get_by_label("Join and leave conferences, vote, and change your settings").check()
    page.get_by_label("Only those chosen below").check()
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_text("Please choose at least one conference, or all.")).to_be_visible()
    assert look(page) == []
    expect(page.locator("#id_name")).to_have_value("Name badges")
    page.get_by_label("Open Conf").check()
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_role("heading", name="Copy your token")).to_be_visible()
    assert look(page) == []
    return page.locator("#new-token").inner_text()


def test_person_makes_and_ends_a_token(alice_page, look, open_conference):
    text = make_token(alice_page, look)
    assert token_of(text, None).covers(open_conference)
    alice_page.get_by_role("link", name="I have copied it").click()
    expect(alice_page.get_by_role("heading", name="Name badges")).to_be_visible()
    assert look(alice_page) == []
    alice_page.get_by_role("link", name="End this token").click()
    assert look(alice_page) == []
    alice_page.get_by_role("button", name="End this token").click()
    expect(alice_page.get_by_text("The token “Name badges” has been ended.")).to_be_visible()
    assert look(alice_page) == []
    assert token_of(text, None) is None


def test_back_does_not_show_the_token(alice_page, look):
    text = make_token(alice_page, look)
    alice_page.get_by_role("link", name="I have copied it").click()
    expect(alice_page.get_by_role("heading", name="API tokens")).to_be_visible()
    # The browser offers to send the form again, which makes no other token.
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        alice_page.go_back()
    expect(alice_page.get_by_text(text)).to_have_count(0)


@pytest.mark.parametrize("has_scripts", [True], ids=["with scripts"])
def test_token_is_copied_with_one_click(alice_page, look):
    alice_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    text = make_token(alice_page, look)
    alice_page.get_by_role("button", name="Copy Token").click()
    expect(alice_page.get_by_text("Copied").first).to_be_visible()
    assert alice_page.evaluate("navigator.clipboard.readText()") == text

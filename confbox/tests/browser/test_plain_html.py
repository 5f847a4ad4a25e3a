"""The main journey without JavaScript, and with only a keyboard."""

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import PASSWORD, make_user
from conferences.models import Membership
from voting.elections.models import Vote

pytestmark = pytest.mark.browser


@pytest.fixture
def newcomer(db):
    return make_user("nina@example.org", name="Nina")


def test_the_main_job_works_without_javascript(browser, live_server, open_conference, newcomer):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(live_server.url + "/accounts/login/")
    page.get_by_label("Email address").fill("nina@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("link", name="Find a conference").click()
    page.get_by_role("searchbox").fill("open")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Open Conf").click()
    page.get_by_role("button", name="Join this conference").click()
    page.get_by_role("link", name="Go to the ballot").click()
    page.get_by_role("button", name="Vote for Bob").click()
    expect(page.get_by_role("heading", name="Your vote is in")).to_be_visible()
    page.get_by_role("button", name="Change my vote to Carol").click()
    assert str(Vote.objects.get().candidate) == "Carol"
    page.get_by_role("button", name="Withdraw my vote").click()
    expect(page.get_by_role("heading", name="Your vote is waiting")).to_be_visible()
    page.get_by_text("Open Conf").first.click()
    page.get_by_text("Leave this conference").click()
    page.get_by_role("button", name="Yes, leave").click()
    expect(page.get_by_text("You left Open Conf.")).to_be_visible()


# What has the focus, unless that is the body, which contains every name; and whether one can see that it has.
FOCUSED = """() => {
  const e = document.activeElement;
  const isOutlined = (part) => getComputedStyle(e, part).outlineStyle !== "none";
  return {
    name: e === document.body ? "" : e.innerText || e.ariaLabel || "",
    isSeen: [null, "::before", "::after"].some(isOutlined),
    facts: [e.outerHTML.slice(0, 200), `the page has the focus: ${document.hasFocus()}`],
  };
}"""


def press_tab_until(page, name):
    """Moves the focus forward until it is on an element with this name; it must be visible there."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if name in page.evaluate(FOCUSED)["name"]:
            # A slow machine may not have drawn it yet.
            page.wait_for_timeout(50)
            focused = page.evaluate(FOCUSED)
            assert focused["isSeen"], f"the focus on {name} cannot be seen: {focused['facts']}"
            return
    raise AssertionError(f"the keyboard does not reach {name}")


def test_the_main_job_works_with_the_keyboard_alone(page, visit, open_conference, newcomer, log_in):
    log_in(newcomer)
    visit("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    press_tab_until(page, "Open Conf")
    page.keyboard.press("Enter")
    page.wait_for_url("**/open-conf/")
    press_tab_until(page, "Join this conference")
    page.keyboard.press("Enter")
    page.get_by_text("You joined Open Conf.").wait_for()
    expect(page.get_by_role("heading", name="Voting is open")).to_be_focused()
    # Htmx gives it the focus once more when the new parts have settled.
    page.wait_for_function("!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
    press_tab_until(page, "Go to the ballot")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ballot/")
    press_tab_until(page, "for Carol")
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", name="Your vote is in")
    expect(heading).to_be_focused()
    assert str(Vote.objects.get().candidate) == "Carol"
    press_tab_until(page, "Withdraw my vote")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your vote is waiting")).to_be_focused()


def test_the_menu_opens_and_closes_with_the_keyboard(page, visit, newcomer, log_in):
    log_in(newcomer)
    visit("/")
    page.locator(".menu summary", has_text="account").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Log out")).to_be_hidden()
    expect(page.locator(".menu summary", has_text="account")).to_be_focused()


def test_search_finds_as_one_types_and_the_address_follows(page, visit, open_conference):
    visit("/")
    page.get_by_role("searchbox").press_sequentially("nothing")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    page.wait_for_url("**/?q=nothing*")
    page.get_by_role("searchbox").fill("athens")
    expect(page.get_by_role("link", name="Open Conf")).to_be_visible()
    page.get_by_role("link", name="Open Conf").click()
    page.wait_for_url("**/open-conf/")
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("athens")
    expect(page.get_by_role("link", name="Open Conf")).to_be_visible()


def test_a_vote_does_not_reload_the_page_and_back_leaves_the_ballot(
    page, visit, open_conference, alice_member, log_in
):
    log_in(alice_member.user)
    visit("/conferences/open-conf/")
    page.get_by_role("link", name="Go to the ballot").click()
    page.wait_for_url("**/ballot/")
    page.evaluate("window.sameDocument = true")
    page.get_by_role("button", name="Vote for Bob").click()
    expect(page.get_by_role("heading", name="Your vote is in")).to_be_visible()
    assert page.evaluate("window.sameDocument")
    page.go_back()
    page.wait_for_url("**/open-conf/")


def test_joining_swaps_the_panels_and_leads_the_focus_to_the_vote(
    page, visit, open_conference, newcomer, log_in
):
    log_in(newcomer)
    visit("/conferences/open-conf/")
    page.evaluate("window.sameDocument = true")
    page.get_by_role("button", name="Join this conference").click()
    expect(page.get_by_role("heading", name="Voting is open")).to_be_focused()
    expect(page.get_by_text("You joined Open Conf.")).to_be_visible()
    expect(page.locator("#facts")).to_contain_text("4 members")
    assert page.evaluate("window.sameDocument")


def test_a_refused_vote_says_why_on_the_same_page(page, visit, open_conference, alice_member, log_in):
    log_in(alice_member.user)
    visit("/conferences/open-conf/ballot/")
    Membership.objects.filter(user__name="Bob").update(accepts_votes=False)
    page.get_by_role("button", name="Vote for Bob").click()
    expect(page.get_by_role("alert")).to_contain_text("Bob does not want to be voted for")
    expect(page.get_by_role("heading", name="Your vote is waiting")).to_be_visible()

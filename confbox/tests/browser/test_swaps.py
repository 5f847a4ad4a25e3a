"""Parts of a page are swapped; URL, focus, back button and errors stay right."""

import re
from urllib.parse import parse_qs

import pytest
from django.conf import settings
from playwright.sync_api import expect

from conferences.tests.factories import make_conference, make_membership
from voting.elections.models import Vote
from voting.tests.factories import make_pitch

pytestmark = pytest.mark.browser


@pytest.fixture
def in_one_document(page):
    """Marks the document; the check fails once another one has been loaded."""

    def mark():
        page.evaluate("window.sameDocument = true")
        return lambda: page.evaluate("window.sameDocument === true")

    return mark


@pytest.fixture
def two_pages(open_conference):
    for number in range(25):
        make_conference(title=f"Autumn Conf {number}")


def test_a_tab_swaps_the_list_and_the_address(page, visit, open_conference, in_one_document):
    make_conference(title="Old Conf", starts_in_days=-30)
    visit("/?q=conf")
    is_same = in_one_document()
    page.get_by_role("link", name="Past").click()
    expect(page.get_by_role("link", name="Old Conf")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="1 conference")).to_be_visible()
    expect(page.get_by_role("link", name="Past")).to_be_focused()
    expect(page.get_by_role("link", name="Past")).to_have_attribute("aria-current", "page")
    assert page.url.endswith("/?q=conf&show=past")
    assert is_same()


def test_back_returns_to_the_tab_before(page, visit, open_conference):
    visit("/")
    page.get_by_role("link", name="Past").click()
    page.wait_for_url("**/?show=past")
    page.go_back()
    expect(page.get_by_role("link", name="Open Conf")).to_be_visible()
    expect(page.get_by_role("link", name="Upcoming")).to_have_attribute("aria-current", "page")


def test_words_typed_after_a_tab_search_its_list(page, visit, open_conference):
    make_conference(title="Old Conf", starts_in_days=-30)
    visit("/")
    page.get_by_role("link", name="Past").click()
    page.wait_for_url("**/?show=past")
    page.get_by_role("searchbox").press_sequentially("old")
    page.wait_for_url(re.compile(r"q=old&show=past"))
    expect(page.get_by_role("link", name="Old Conf")).to_be_visible()
    expect(page.get_by_role("link", name="Upcoming")).to_have_attribute("href", "?q=old")


def test_the_next_page_is_swapped_and_its_list_gets_the_focus(page, visit, two_pages, in_one_document):
    visit("/?q=conf")
    is_same = in_one_document()
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    expect(page.locator("#found")).to_be_focused()
    assert page.url.endswith("/?q=conf&page=2")
    assert is_same()
    page.go_back()
    expect(page.get_by_text("Page 1 of 2")).to_be_visible()


def test_the_next_candidates_are_swapped_and_can_be_voted_for(
    page, visit, open_conference, alice_member, log_in, in_one_document
):
    for number in range(9):
        make_pitch(
            make_membership(open_conference, name=f"Person {number}"), headline="Hear me", statement=""
        )
    log_in(alice_member.user)
    visit("/conferences/open-conf/ballot/")
    is_same = in_one_document()
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    page.locator(".vote-button").first.click()
    expect(page.get_by_role("heading", name="Your vote is in")).to_be_focused()
    assert is_same()


def test_the_heading_of_the_ballot_follows_the_search(page, visit, alice_member, log_in):
    log_in(alice_member.user)
    visit("/conferences/open-conf/ballot/")
    page.get_by_role("searchbox").press_sequentially("bob")
    expect(page.get_by_role("heading", name="Members found")).to_be_visible()
    page.get_by_role("searchbox").clear()
    expect(page.get_by_role("heading", name="Candidates with a pitch")).to_be_visible()


def test_back_from_a_search_returns_to_the_ballot_as_it_was(page, visit, alice_member, log_in):
    log_in(alice_member.user)
    visit("/conferences/open-conf/ballot/")
    for letter in "bob":
        page.get_by_role("searchbox").press(letter)
        page.wait_for_url(f"**{letter}")
    expect(page.locator(".candidate")).to_have_count(1)
    page.go_back()
    page.wait_for_url("**/ballot/")
    expect(page.locator(".candidate")).to_have_count(3)
    expect(page.get_by_role("searchbox")).to_have_value("")
    expect(page.get_by_role("heading", name="Candidates with a pitch")).to_be_visible()


def test_a_list_under_way_says_that_it_is_busy(page, visit, open_conference):
    visit("/")
    page.evaluate(
        "new MutationObserver(() => window.wasBusy = true)"
        ".observe(document.getElementById('found'), {attributeFilter: ['aria-busy']})"
    )
    page.get_by_role("link", name="Past").click()
    page.wait_for_url("**/?show=past")
    assert page.evaluate("window.wasBusy")
    expect(page.locator("#found")).not_to_have_attribute("aria-busy", "true")


def test_a_vote_that_does_not_arrive_says_so(page, visit, open_conference, alice_member, log_in, complaints):
    log_in(alice_member.user)
    visit("/conferences/open-conf/ballot/")
    page.route("**/vote/", lambda route: route.abort())
    page.locator(".vote-button").last.click()
    expect(page.get_by_role("alert")).to_contain_text("That did not work.")
    expect(page.get_by_role("alert")).to_be_in_viewport()
    complaints.clear()


def busy_page(route):
    """As nginx fills it."""
    sent = parse_qs(route.request.post_data)
    text = (settings.BASE_DIR / "deploy/nginx/busy-vote.html").read_text()
    values = {"vote": "/conferences/open-conf/vote/", "token": sent["csrfmiddlewaretoken"][0]}
    values |= {"candidate": sent["candidate"][0], "place": "", "move": ""}
    text = re.sub(r"<!--# if .*?endif -->", "", text)
    text = re.sub(r'<!--# echo var="waiting_(\w+)" -->', lambda found: values[found[1]], text)
    route.fulfill(status=503, body=text, content_type="text/html; charset=utf-8")


def test_a_vote_that_has_to_wait_is_sent_again(
    page, visit, open_conference, alice_member, log_in, complaints
):
    log_in(alice_member.user)
    visit("/conferences/open-conf/ballot/")
    page.route("**/vote/", busy_page, times=2)
    page.get_by_role("button", name="Vote for Bob").click()
    expect(page.get_by_role("heading", name="Your vote is waiting")).to_be_visible()
    expect(page.get_by_role("heading", name="Your vote is in")).to_be_visible(timeout=15_000)
    assert str(Vote.objects.get(voter=alice_member).candidate) == "Bob"
    complaints.clear()


def test_back_after_a_vote_shows_that_the_vote_is_in(page, visit, open_conference, alice_member, log_in):
    log_in(alice_member.user)
    visit("/me/")
    expect(page.get_by_text("1 vote is waiting for you")).to_be_visible()
    page.get_by_role("link", name="Vote now").click()
    page.locator(".vote-button").first.click()
    expect(page.get_by_role("heading", name="Your vote is in")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("You have no votes to cast at the moment.")).to_be_visible()


RESTORED = "window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"


def test_a_page_of_a_person_from_the_browser_s_memory_is_loaded_anew(
    page, visit, alice_member, log_in, in_one_document
):
    log_in(alice_member.user)
    visit("/me/")
    is_same = in_one_document()
    with page.expect_navigation():
        page.evaluate(RESTORED)
    assert not is_same()


def test_a_page_for_everyone_stays_as_the_browser_remembers_it(page, visit, open_conference, in_one_document):
    visit("/accounts/login/")
    page.get_by_label("Email address").fill("alice@example.org")
    is_same = in_one_document()
    page.evaluate(RESTORED)
    page.wait_for_timeout(300)
    assert is_same()
    expect(page.get_by_label("Email address")).to_have_value("alice@example.org")


def test_a_vote_after_the_session_ended_leads_to_the_log_in_and_back(
    page, visit, open_conference, alice_member, log_in, context
):
    log_in(alice_member.user)
    visit("/conferences/open-conf/ballot/")
    context.clear_cookies(name="sessionid")
    page.locator(".vote-button").first.click()
    page.wait_for_url("**/accounts/login/?next=/conferences/open-conf/ballot/")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


@pytest.mark.parametrize("name", ["Bob", "Featherstonehaugh" * 4])
def test_the_offer_to_give_the_vote_back_stays_on_a_narrow_page(
    page, visit, open_conference, alice_member, log_in, name
):
    type(alice_member.user).objects.update(name=name)
    log_in(alice_member.user)
    visit("/conferences/open-conf/ballot/")
    page.locator(".vote-button").first.click()
    page.locator(".slip .btn-text").click()
    expect(page.locator(".message .offer")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_heading_that_gets_the_focus_has_no_box(page, visit, open_conference, alice_member, log_in):
    log_in(alice_member.user)
    visit("/conferences/open-conf/ballot/")
    page.keyboard.press("Tab")
    page.locator(".vote-button").first.press("Enter")
    heading = page.get_by_role("heading", name="Your vote is in")
    expect(heading).to_be_focused()
    expect(heading).to_have_css("outline-style", "none")


@pytest.mark.parametrize(
    ("query", "shown"), [("?page=2", "Page 2 of 2"), ("?q=person&page=2", "Page 2 of 2")]
)
def test_the_list_stays_where_it_was_after_a_vote(
    page, visit, open_conference, alice_member, log_in, query, shown, in_one_document
):
    for number in range(15):
        make_pitch(
            make_membership(open_conference, name=f"Person {number}"), headline="Hear me", statement=""
        )
    log_in(alice_member.user)
    visit(f"/conferences/open-conf/ballot/{query}")
    is_same = in_one_document()
    names = page.locator(".candidate h3").all_inner_texts()
    page.get_by_role("button", name="Vote for Person").first.click()
    expect(page.get_by_role("heading", name="Your vote is in")).to_be_visible()
    expect(page.get_by_text(shown)).to_be_visible()
    assert page.locator(".candidate h3").all_inner_texts() == names
    assert page.url.endswith(query)
    assert is_same()


def test_a_vote_after_turning_the_page_and_its_withdrawal_keep_the_page(
    page, visit, open_conference, alice_member, log_in
):
    for number in range(15):
        make_pitch(
            make_membership(open_conference, name=f"Person {number}"), headline="Hear me", statement=""
        )
    log_in(alice_member.user)
    visit("/conferences/open-conf/ballot/")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    page.get_by_role("button", name="Vote for Person").first.click()
    expect(page.get_by_role("heading", name="Your vote is in")).to_be_visible()
    expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    page.get_by_role("button", name="Withdraw my vote").click()
    expect(page.get_by_text("Your vote has been withdrawn.")).to_be_visible()
    expect(page.get_by_text("Page 2 of 2")).to_be_visible()

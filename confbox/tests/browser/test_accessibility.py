"""What only use shows: where the focus is, what moves, which theme stays.

For the pages, see test_every_page.
"""

import pytest
from playwright.sync_api import expect

from accounts.actors import Actor
from conferences.tests.factories import make_conference, make_membership
from voting.elections.answers import answer_decision
from voting.tests.factories import close_and_decide, make_vote

pytestmark = pytest.mark.browser

PAGES = [
    "/",
    "/conferences/open-conf/",
    "/conferences/open-conf/ballot/",
    "/conferences/decided-conf/results/",
    "/me/",
    "/people/profile/",
]
# The element with the focus, where it is, and whether a person sees it there with the site's focus ring:
# WCAG 2.4.7 and 2.4.11.
FOCUSED = """() => {
  const element = document.activeElement;
  if (element === document.body) return null;
  const box = element.getBoundingClientRect();
  const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = "var(--cb-berry)";
  const colour = getComputedStyle(probe).color;
  probe.remove();
  const isRing = style => style.outlineStyle === "none"
    ? style.boxShadow.includes(colour) && !style.boxShadow.includes("inset")
    : style.outlineColor === colour && parseFloat(style.outlineWidth) > 1;
  // The ring of a card's link goes around the card.
  const ringed = [null, "::after"].map(part => getComputedStyle(element, part)).some(isRing);
  const order = [...document.querySelectorAll("*")].indexOf(element);
  return {words: element.outerHTML.slice(0, 100), order, isRinged: ringed,
          isSeen: Boolean(there) && (element.contains(there) || there.contains(element))};
}"""
MOVING = (
    "() => document.getAnimations().map(animation => animation.animationName || animation.transitionProperty)"
)


@pytest.fixture
def decided(open_conference, alice_member, organiser):
    """Alice is a member of an open conference and of one whose speaker she voted for."""
    conference = make_conference(title="Decided", slug="decided-conf", voting="closed")
    alice = make_membership(conference, user=alice_member.user)
    dan = make_membership(conference, name="Dan")
    make_vote(alice, dan)
    decision = close_and_decide(conference=conference, candidate=dan, by=organiser)
    answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
    return alice_member.user


def stops_of(page):
    """The elements that each press of Tab reaches, until the page is left."""
    stops = []
    while len(stops) < 100:
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if not stop or (stops and stop["order"] == stops[0]["order"]):
            return stops
        stops.append(stop)
    return [*stops, {"words": "a trap"}]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_the_focus_goes_through_the_page_in_order_and_is_seen(page, visit, log_in, decided, path, theme):
    log_in(decided)
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    visit(path)
    stops = stops_of(page)
    assert [stop["words"] for stop in stops if not (stop.get("isRinged") and stop.get("isSeen"))] == []
    assert [stop["order"] for stop in stops] == sorted(stop["order"] for stop in stops)
    assert len(stops) > 5


def test_nothing_moves_for_people_who_want_no_motion(page, visit, log_in, alice_member):
    log_in(alice_member.user)
    page.emulate_media(reduced_motion="reduce")
    visit("/conferences/open-conf/ballot/")
    page.get_by_role("button", name="Vote for Bob").click()
    page.locator(".slip-done.is-new").wait_for()
    assert page.evaluate(MOVING) == []


def test_a_vote_is_stamped_for_everyone_else(page, visit, log_in, alice_member):
    log_in(alice_member.user)
    page.emulate_media(reduced_motion="no-preference")
    visit("/conferences/open-conf/ballot/")
    page.get_by_role("button", name="Vote for Bob").click()
    page.locator(".slip-done.is-new").wait_for()
    assert "stamp" in page.evaluate(MOVING)


def test_the_chosen_theme_stays(page, visit, db):
    visit("/")
    with page.expect_response("**/theme/"):
        page.get_by_role("button", name="Dark colours").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    visit("/")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"

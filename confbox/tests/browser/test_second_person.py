"""One organiser asks to close voting early, and a second one confirms it."""

import os

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import log_in_freshly
from confbox.tests.browser.axe import violations
from confbox.tests.browser.layout import lost
from conferences.models import Conference, Series
from conferences.tests.factories import make_membership
from voting.tests.consent import make_case, make_request, make_team

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("PICTURES")


def take(page, name):
    """For the person who looks at the pages; off in the suite."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


@pytest.fixture
def be(client, context, live_server):
    def be(person):
        context.clear_cookies()
        session = log_in_freshly(client, person).session.session_key
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])

    return be


def test_voting_is_closed_early_with_a_second_persons_consent(page, visit, be, open_conference):
    first, second = make_team(open_conference)
    be(first)
    visit(f"/admin/conferences/series/{Series.objects.get().pk}/change/")
    page.get_by_role("link", name="Set what needs a second person").click()
    page.get_by_role("checkbox", name="Closing voting early").check()
    assert violations(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The settings are saved.")).to_be_visible()

    visit(f"/admin/voting/votes/{open_conference.pk}/close/")
    expect(page.get_by_text("Second Person", exact=True)).to_be_visible()
    page.get_by_label("Reason").fill("All have voted.")
    assert violations(page) == []
    page.get_by_role("button", name="Ask a second person").click()
    expect(page.get_by_text("Nothing changes until one of them does")).to_be_visible()
    assert Conference.objects.as_of_now().get(pk=open_conference.pk).election.is_open()

    be(second)
    visit("/admin/")
    page.get_by_role("link", name="1 request that waits for you").click()
    page.get_by_role("link", name="Confirm or decline…").click()
    expect(page.get_by_text("All have voted.")).to_be_visible()
    expect(page.get_by_text("all members get an email")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.get_by_text("Confirmed and done.")).to_be_visible()
    assert not Conference.objects.as_of_now().get(pk=open_conference.pk).election.is_open()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_pages_have_no_barrier_and_lose_nothing(page, visit, be, theme, width):
    conference, case, [first, second] = make_case("exclude")
    asked, series = case.ask(first), Series.objects.get()
    long = make_membership(conference, name="Donaudampfschifffahrtsgesellschaft " * 4)
    make_request(long, second)
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 844})
    one, faults = f"/admin/conferences/conference/{conference.pk}/second-person/", []
    pages = {
        "own": (first, f"{one}{asked.pk}/"),
        "switches": (first, f"/admin/conferences/series/{series.pk}/second-person/"),
        "series": (first, f"/admin/conferences/series/{series.pk}/change/"),
        "exclude": (first, f"/admin/voting/votes/{conference.pk}/exclude/{long.pk}/"),
        "answer": (second, f"{one}{asked.pk}/"),
        "list": (second, one),
        "all": (second, "/admin/conferences/conference/second-person/"),
        "desk": (second, f"/admin/voting/votes/{conference.pk}/turnout/"),
        "index": (second, "/admin/"),
    }
    for name, (person, path) in pages.items():
        be(person)
        visit(path)
        take(page, f"{name}-{width}-{theme}")
        faults += [*violations(page), *lost(page)]
    assert faults == []

"""An owner of a series finds what waits, does it, and is led there from the other pages."""

import os

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import log_in_freshly
from confbox.tests.browser.axe import violations
from confbox.tests.browser.layout import lost
from conferences.models import Conference, Role
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.teams import make_series, make_team_member
from voting.tests.campaigns import make_campaign

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("PICTURES")


def take(page, name):
    """For the person who looks at the pages; off in the suite."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


@pytest.fixture
def series(open_conference):
    series = make_series(name="Guild of Speakers")
    Conference.objects.filter(pk=open_conference.pk).update(series=series)
    return series


@pytest.fixture
def as_owner(client, context, live_server, series):
    owner = make_team_member(series, Role.OWNER, name="Olga Owner").person
    session = log_in_freshly(client, owner).session.session_key
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])


def test_my_page_leads_to_the_dashboard_and_the_dashboard_to_what_waits(
    page, visit, as_owner, open_conference, alice_member
):
    make_campaign(alice_member)
    visit("/me/")
    expect(page.get_by_text("1 thing is waiting for you")).to_be_visible()
    page.get_by_role("link", name="Open the conferences you run").click()
    page.get_by_role("link", name="1 campaign to review").click()
    page.get_by_role("link", name="Why I should speak").click()
    expect(page.get_by_role("link", name="Approve")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_dashboard_and_what_leads_to_it_have_no_barrier_and_lose_nothing(
    page, visit, as_owner, series, open_conference, alice_member, theme, width
):
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 844})
    make_campaign(alice_member)
    closed = make_conference(
        title="Winter School 2026", voting="closed", series=series, time_zone="Asia/Kolkata"
    )
    make_campaign(make_membership(closed))
    make_conference(title="Autumn Meeting", voting="scheduled", series=series, time_zone="Europe/Berlin")
    make_conference(title="Yearly Assembly", voting="scheduled", series=series, who_votes="roster")
    make_conference(title="A draft of next year", series=series, status="draft")
    make_conference(title="Last year", series=series, starts_in_days=-300)
    faults = []
    for name, path in {
        "dashboard": "/admin/",
        "none": "/admin/?q=nothing",
        "me": "/me/",
        "front": "/",
    }.items():
        visit(path)
        take(page, f"{name}-{width}-{theme}")
        faults += [*violations(page), *lost(page)]
    assert faults == []

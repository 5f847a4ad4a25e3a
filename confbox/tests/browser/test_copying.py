"""An owner clones last year's conference."""

import os
import re

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import log_in_freshly
from confbox.tests.browser.axe import violations
from confbox.tests.browser.layout import lost
from conferences.models import Conference, Role, RosterEntry, TeamMember
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_series, make_team_member

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("PICTURES")


def take(page, name):
    """For the person who looks at the pages; off in the suite."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


@pytest.fixture
def source(open_conference):
    series = make_series(name="Guild of Bakers")
    texts = {"title": "Bread Conf", "website": "https://bread.example"}
    Conference.objects.filter(pk=open_conference.pk).update(series=series, **texts)
    open_conference.refresh_from_db()
    make_team_member(open_conference, Role.HELP_DESK, name="Helga Help")
    for email in ("ada@example.org", "bob@example.org"):
        make_entry(open_conference, email)
    return open_conference


@pytest.fixture
def owner(source):
    return make_team_member(source.series, Role.OWNER, name="Olga Owner")


@pytest.fixture
def as_owner(client, context, live_server, owner):
    session = log_in_freshly(client, owner.person).session.session_key
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])


def test_an_owner_clones_last_years_conference(page, visit, as_owner, source):
    visit(f"/admin/conferences/conference/{source.pk}/")
    page.get_by_role("link", name="Copy this conference").click()
    expect(page.get_by_text("52 weeks after the last ones")).to_be_visible()
    page.get_by_text("Topic, place, time zone, website, contact and agenda").click()
    expect(page.get_by_text("Athens")).to_be_visible()

    page.get_by_role("textbox", name="Title").fill("Bread Conf again")
    page.get_by_label("Voting closes").fill("2020-01-01T10:00")
    page.get_by_role("checkbox", name=re.compile("Copy the roster: 2 people")).check()
    page.get_by_role("button", name="Create the draft").click()
    expect(page.get_by_text("This time has passed.").first).to_be_visible()
    expect(page.get_by_role("textbox", name="Title")).to_have_value("Bread Conf again")

    opens = page.get_by_label("Voting opens").input_value()
    page.get_by_label("Voting closes").fill(f"{opens[:10]}T23:59")
    page.get_by_role("button", name="Create the draft").click()
    expect(page.get_by_text("“Bread Conf again” has been created as a draft.")).to_be_visible()
    expect(page.get_by_role("heading", name="Checklist")).to_be_visible()

    copy = Conference.objects.get(title="Bread Conf again")
    assert (copy.status, copy.place, copy.series) == ("draft", "Athens", source.series)
    assert [m.role for m in TeamMember.objects.of_team(copy)] == ["help_desk"]
    assert RosterEntry.objects.filter(conference=copy).listed().count() == 2
    assert not copy.memberships.exists()

    page.locator(".overview-step").get_by_role("link", name="Publish it").click()
    page.get_by_role("button", name="Publish it").click()
    expect(page.get_by_text("Bread Conf again is published.")).to_be_visible()
    visit(f"/conferences/{copy.slug}/")
    expect(page.get_by_role("heading", name="Bread Conf again")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_pages_of_a_copy_have_no_barrier_and_lose_nothing(page, visit, as_owner, source, theme, width):
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 844})
    one, faults = f"/admin/conferences/conference/{source.pk}", []
    paths = {
        "copy": f"{one}/copy/",
        "overview": f"{one}/",
        "test-email": f"{one}/test-email/",
        "change": f"{one}/change/",
    }
    for name, path in paths.items():
        visit(path)
        for summary in page.locator(".copy-parts details > summary").all():
            summary.click()
        take(page, f"{name}-{width}-{theme}")
        faults += [*violations(page), *lost(page)]
    visit(paths["copy"])
    take(page, f"closed-{width}-{theme}")
    page.get_by_label("Voting closes").fill("2020-01-01T10:00")
    page.get_by_role("button", name="Create the draft").click()
    take(page, f"refused-{width}-{theme}")
    assert [*faults, *violations(page), *lost(page)] == []

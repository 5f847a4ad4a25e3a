"""A first-time chair: from nothing to a published conference with a vote, with 20 people on its roster."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.tests.factories import log_in_freshly
from confbox.tests.browser.axe import violations
from confbox.tests.browser.layout import lost
from conferences.models import Conference, Role
from conferences.tests.teams import make_series, make_team_member

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("PICTURES")
PEOPLE = "\n".join(f"guest{number}@example.org" for number in range(20))


def looked_at(page, name):
    """No violation at any width, and a picture for the person who looks at the pages; off in the suite."""
    assert violations(page) == []
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert not lost(page)
        for theme in ("light", "dark") if PICTURES else ():
            page.emulate_media(color_scheme=theme)
            page.screenshot(path=f"{PICTURES}/{name}-{width}-{theme}.png", full_page=True)


def test_from_nothing_to_a_vote_in_fewer_than_fifteen_decisions(page, visit, client, context, live_server):
    owner = make_team_member(make_series(name="Guild of Bakers"), Role.OWNER, name="Olga Owner").person
    session = log_in_freshly(client, owner).session.session_key
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    decisions = 0

    def decide(act, *values):
        nonlocal decisions
        decisions += 1
        act(*values)

    visit("/admin/conferences/conference/create/")
    looked_at(page, "what")
    decide(page.get_by_label("Title").fill, "Bread Days")
    decide(page.get_by_label("Place").fill, "Lyon, France")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_text("All times are in Europe/Paris.")).to_be_visible()
    looked_at(page, "when")
    first = timezone.now() + timedelta(days=60)
    decide(page.get_by_label("First day").fill, first.date().isoformat())
    decide(page.get_by_label("Last day").fill, (first + timedelta(days=1)).date().isoformat())
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_text("Voting opens on")).to_be_visible()
    looked_at(page, "who")
    decide(page.get_by_label("People whom you invite by email").check)
    page.get_by_role("button", name="Save the draft").click()
    decide(page.get_by_role("textbox").first.fill, PEOPLE)
    page.locator("main [type=submit], #content [type=submit]").last.click()
    decide(page.locator("#content [type=submit]").first.click)
    conference = Conference.objects.get()
    visit(f"/admin/conferences/conference/{conference.pk}/")
    page.get_by_role("link", name="Preview as members see it").click()
    expect(page.get_by_text("Preview: only the team sees this.")).to_be_visible()
    looked_at(page, "preview")
    page.get_by_role("navigation", name="Preview").get_by_role("link", name="Ballot").click()
    expect(page.get_by_role("heading", name="Who should speak?")).to_be_visible()
    looked_at(page, "ballot")
    page.get_by_role("link", name="Back to the organisers’ page").click()
    looked_at(page, "overview")
    decide(page.locator(".overview-step .button").click)
    looked_at(page, "publish")
    decide(page.get_by_role("button", name="Publish it").click)
    expect(page.get_by_text("Bread Days is published.")).to_be_visible()
    looked_at(page, "published")
    conference.refresh_from_db()
    assert (conference.status, conference.election.state()) == ("active", "scheduled")
    assert conference.roster.count() == 20
    assert decisions <= 15

"""An owner invites a reviewer, who signs up on the way, reviews a campaign and is kept from the tally."""

import os
import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from accounts.tests.factories import PASSWORD, log_in_freshly
from confbox.tests.browser.axe import violations
from confbox.tests.browser.layout import lost
from conferences.models import Role, TeamMember
from conferences.teams.actions import invite_to_team
from conferences.tests.teams import acting, make_series, make_team_member
from voting.tests.campaigns import make_campaign

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("PICTURES")


def take(page, name):
    """For the person who looks at the pages; off in the suite."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


@pytest.fixture
def owner(open_conference):
    return make_team_member(open_conference, Role.OWNER, name="Olga Owner")


@pytest.fixture
def as_owner(client, context, live_server, owner):
    session = log_in_freshly(client, owner.person).session.session_key
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])


def last_email(pattern):
    return re.search(pattern, mail.outbox[-1].body)[1]


def test_a_reviewer_is_invited_signs_up_and_reviews(
    page, context, visit, as_owner, open_conference, alice_member
):
    make_campaign(alice_member)
    visit(f"/admin/conferences/conference/{open_conference.pk}/team/")
    page.get_by_role("textbox", name="Email address").fill("rita@example.org")
    page.get_by_role("radio", name=re.compile("^Reviewer")).check()
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("The invitation is on its way to rita@example.org.")).to_be_visible()
    link = last_email(r"(/team-invitations/\S+)")

    context.clear_cookies()
    visit(link)
    page.get_by_role("link", name="Sign up", exact=True).last.click()
    expect(page.get_by_label("Email")).to_have_value("rita@example.org")
    page.get_by_label("Name").fill("Rita")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name=re.compile("^Sign up|^Create")).click()
    page.get_by_label("Code").fill(last_email(r"(\d{6})"))
    page.get_by_role("main").get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Accept the invitation").click()
    expect(page.get_by_text("1 campaign to review")).to_be_visible()
    assert TeamMember.objects.get(person__email="rita@example.org").role == "reviewer"

    page.get_by_role("link", name="1 campaign to review").click()
    page.get_by_role("link", name="Why I should speak").click()
    expect(page.get_by_role("link", name="Approve")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_of_a_team_have_no_barrier_and_lose_nothing(
    page, visit, as_owner, owner, open_conference, theme, width
):
    series = make_series(name="Guild of Speakers")
    type(open_conference).objects.filter(pk=open_conference.pk).update(series=series)
    make_team_member(series, Role.OWNER, user=owner.person)
    member = make_team_member(open_conference, Role.HELP_DESK, name="Helga Help")
    open_conference.refresh_from_db()
    for email in ("guest@example.org", "a-long-address-of-a-guest@subdomain.example.org"):
        invite_to_team(scope=open_conference, email=email, role="observer", by=acting(owner))
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 844})
    team, faults = f"/admin/conferences/conference/{open_conference.pk}/team/", []
    for name, path in {
        "team": team,
        "member": f"{team}{member.pk}/",
        "leave": f"{team}leave/",
        "series": f"/admin/conferences/series/{series.pk}/change/",
        "series-list": "/admin/conferences/series/",
        "series-team": f"/admin/conferences/series/{series.pk}/team/",
        "conference": f"/admin/conferences/conference/{open_conference.pk}/change/",
        "index": "/admin/",
        "invitation": re.search(r"/team-invitations/\S+", mail.outbox[-1].body)[0],
    }.items():
        visit(path)
        take(page, f"{name}-{width}-{theme}")
        faults += [*violations(page), *lost(page)]
    assert faults == []

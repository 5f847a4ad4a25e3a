"""A member reports a pitch, and a reviewer hides it from the queue."""

import os

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import log_in_freshly
from confbox.tests.browser.axe import violations
from confbox.tests.browser.layout import lost
from conferences.models import Role
from conferences.tests.factories import make_membership
from conferences.tests.teams import make_team_member
from voting.tests.factories import make_pitch

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("PICTURES")


def look(page, name):
    """Nothing is cut off or inaccessible; takes pictures for the person who looks at them."""
    assert (violations(page), lost(page)) == ([], [])
    if not PICTURES:
        return
    for width in (390, 1280):
        for theme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme=theme)
            page.screenshot(path=f"{PICTURES}/{name}-{width}-{theme}.png", full_page=True)
    page.set_viewport_size({"width": 390, "height": 844})


def test_member_reports_a_pitch_and_a_reviewer_hides_it(
    page, context, visit, live_server, client, log_in, open_conference, alice_member
):
    rude = make_membership(open_conference, name="Rude Ron")
    make_pitch(rude, headline="Vote for me, you fools", statement="All others are idiots.")
    log_in(alice_member.user)
    visit(rude.get_absolute_url())
    look(page, "member")
    page.get_by_role("link", name="Report (Rude Ron)").click()
    page.get_by_role("radio", name="The pitch").check()
    page.get_by_role("radio", name="It insults, threatens or harasses people").check()
    page.get_by_label("In your own words").fill("He calls the others idiots.")
    look(page, "report")
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_text("Thank you. The organisers will look at it")).to_be_visible()
    context.clear_cookies()
    reviewer = make_team_member(open_conference, Role.REVIEWER).person
    session = log_in_freshly(client, reviewer).session.session_key
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    visit("/admin/")
    page.get_by_role("link", name="1 report of a member").first.click()
    look(page, "queue")
    page.get_by_role("link", name="Look at the reports about Rude Ron").click()
    look(page, "reports")
    page.get_by_role("link", name="Hide the pitch").click()
    expect(page.get_by_label("Reason")).to_have_value("It insults, threatens or harasses people.")
    page.get_by_role("button", name="Hide the pitch").click()
    expect(page.get_by_text("The pitch of Rude Ron is hidden.")).to_be_visible()
    expect(page.get_by_text("Reported by members")).to_have_count(0)

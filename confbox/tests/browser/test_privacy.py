"""A member hides and is found again; a person on the roster joins a conference that no one else finds."""

import pytest
from playwright.sync_api import expect

from conferences.models import Conference
from conferences.tests.rosters.entries import make_entry

pytestmark = pytest.mark.browser


def members(page, visit):
    visit("/conferences/open-conf/members/")
    return page.locator(".person-card .body a").all_text_contents()


def test_member_hides_and_shows_themselves_again(page, visit, log_in, alice_member, open_conference):
    bob = open_conference.memberships.get(user__name="Bob")
    log_in(alice_member.user)
    assert members(page, visit) == ["Alice", "Bob", "Carol", "Dora"]
    page.get_by_role("link", name="Choose whether to be on it").click()
    button = page.get_by_role("button", name="Do not show me on the list")
    if not button.is_visible():
        page.get_by_text("Other members see you").click()
    button.click()
    expect(page.get_by_text("You are no longer on the list of members.")).to_be_visible()
    expect(page.get_by_text("Other members do not see you")).to_be_visible()
    log_in(bob.user)
    assert members(page, visit) == ["Bob", "Carol", "Dora"]
    log_in(alice_member.user)
    visit("/conferences/open-conf/")
    page.get_by_text("Other members do not see you").click()
    page.get_by_role("button", name="Show me on the list").click()
    log_in(bob.user)
    assert members(page, visit) == ["Alice", "Bob", "Carol", "Dora"]


def test_person_on_the_roster_joins_a_conference_for_members_only(
    page, visit, log_in, stranger, open_conference
):
    Conference.objects.update(visibility="members_only")
    make_entry(open_conference, stranger.email)
    log_in(stranger)
    visit("/")
    expect(page.get_by_text("Open Conf")).to_have_count(0)
    visit("/me/")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_text("You joined Open Conf.")).to_be_visible()
    expect(page.get_by_text("Members only")).to_be_visible()
    visit("/")
    expect(page.get_by_role("link", name="Open Conf")).to_be_visible()

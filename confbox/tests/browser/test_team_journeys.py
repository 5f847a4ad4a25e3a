"""Journeys of the people in a team: invited with a second factor, on the help desk, handing a team over."""

import os
import re

import pytest
from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import expect

from accounts.tests.factories import PASSWORD
from accounts.tests.second_factors import totp_code
from confbox.tests.browser.axe import violations
from conferences.models import Role, TeamMember
from conferences.teams.actions import invite_to_team
from conferences.tests.teams import acting, make_series, make_team_member
from voting.tests.campaigns import make_campaign

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PICTURES = os.environ.get("PICTURES")


@pytest.fixture(autouse=True)
def _own_place(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    cache.clear()


@pytest.fixture
def look(has_scripts):
    """Axe, which is a script, finds nothing on the page."""

    def look(page, name=""):
        if PICTURES and name:
            page.screenshot(path=f"{PICTURES}/journey-{name}-{has_scripts}.png", full_page=True)
        if has_scripts:
            assert violations(page) == []

    return look


@pytest.fixture
def team_of(open_conference):
    """The path of the team of a series, in which the conference is."""
    series = make_series(name="Guild of Speakers")
    type(open_conference).objects.filter(pk=open_conference.pk).update(series=series)
    open_conference.refresh_from_db()
    return series, f"/admin/conferences/series/{series.pk}/team/"


@pytest.fixture
def owner(team_of):
    return make_team_member(team_of[0], Role.OWNER, name="Olga Owner")


def emails_to(address):
    return [email for email in mail.outbox if email.to == [address]]


def last_found(pattern, address):
    return re.search(pattern, emails_to(address)[-1].body)[1]


def press(page, name):
    page.get_by_role("main").get_by_role("button", name=name).click()


def sign_up(page, email, name):
    page.get_by_role("main").get_by_role("link", name="Sign up", exact=True).click()
    page.get_by_label("Email").fill(email)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, re.compile("^Sign up|^Create"))
    page.get_by_label("Code").fill(last_found(r"\b(\d{6})\b", email))
    press(page, "Confirm")


def next_totp_code(secret):
    """The code of the next half minute, as each works once."""
    return f"{hotp_value(secret, max(yield_hotp_counters_from_time())):06d}"


def set_up_an_app(page, email):
    """A second factor; before the first, a code from the mailbox shows whose account it is.

    Returns its secret.
    """
    press(page, re.compile("Send a code to"))
    expect(page.get_by_text("We have sent a six-digit code")).to_be_visible()
    page.get_by_label("Code").fill(last_found(r"\b(\d{6})\b", email))
    press(page, "Confirm")
    # Signing up is no log-in, and setting up a factor asks for a fresh one.
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Log in and continue")
    secret = page.locator("#authenticator_secret").inner_text()
    page.get_by_label(re.compile("code", re.IGNORECASE)).last.fill(totp_code(secret))
    press(page, "Activate")
    return secret


def test_an_invited_reviewer_signs_up_sets_up_a_second_factor_and_reviews(
    page_of, look, settings, team_of, owner, alice_member
):
    settings.STAFF_MFA_REQUIRED = True
    make_campaign(alice_member)
    invite_to_team(scope=team_of[0], email="rita@example.org", role="reviewer", by=acting(owner))
    link = last_found(r"(/team-invitations/\S+)", "rita@example.org")

    rita = page_of()
    rita.goto(link)
    look(rita, "sign-up")
    sign_up(rita, "rita@example.org", "Rita")
    expect(rita.get_by_text("Organisers of this site need two-factor authentication.")).to_be_visible()
    look(rita, "factor")
    rita.get_by_role("link", name="Set up two-factor authentication").click()
    rita.goto("/accounts/2fa/totp/activate/")
    secret = set_up_an_app(rita, "rita@example.org")
    rita.wait_for_url("**/recovery-codes/")
    rita.goto(link)
    press(rita, "Accept the invitation")
    expect(
        rita.get_by_text("You are in the team of Guild of Speakers now. Your role: Reviewer.")
    ).to_be_visible()
    # The admin asks for the factor before it opens.
    rita.get_by_label("Code").fill(next_totp_code(secret))
    press(rita, "Log in and continue")
    look(rita, "index")
    assert TeamMember.objects.get(person__email="rita@example.org").role == "reviewer"
    assert "Rita has accepted the invitation" in emails_to(owner.person.email)[-1].body

    rita.get_by_role("link", name="1 campaign to review").click()
    rita.get_by_role("link", name="Why I should speak").click()
    look(rita, "campaign")
    rita.get_by_role("link", name="Approve").click()
    look(rita, "approve")
    press_in_admin(rita, re.compile("^Approve"))
    expect(rita.get_by_text(re.compile("^Approved"))).to_be_visible()


def press_in_admin(page, name):
    page.locator("#content").get_by_role("button", name=name).click()


def test_owner_invites_the_help_desk_which_finds_members_and_no_tally(
    page_of, look, team_of, owner, open_conference, alice_member
):
    desk = page_of(owner.person)
    desk.goto(team_of[1])
    look(desk, "team")
    desk.get_by_role("textbox", name="Email address").fill("not an address")
    desk.get_by_role("radio", name=re.compile("^Help desk")).check()
    desk.get_by_role("button", name="Send the invitation").click()
    expect(desk.get_by_role("textbox", name="Email address")).to_have_value("not an address")
    look(desk, "refused")
    desk.get_by_role("textbox", name="Email address").fill("helga@example.org")
    desk.get_by_role("button", name="Send the invitation").click()
    expect(desk.get_by_text("The invitation is on its way to helga@example.org.")).to_be_visible()
    look(desk, "invited")

    helga = page_of()
    helga.goto(last_found(r"(/team-invitations/\S+)", "helga@example.org"))
    sign_up(helga, "helga@example.org", "Helga")
    look(helga, "accept")
    press(helga, "Accept the invitation")
    helga.locator("#content a[href='/admin/conferences/conference/']").first.click()
    helga.get_by_role("link", name="Open Conf").click()
    look(helga, "help-desk-conference")
    content = helga.locator("#content")
    content.locator("summary").filter(has_text="More").click()
    expect(content.get_by_role("link", name="Members", exact=True)).to_be_visible()
    expect(content.get_by_role("link", name="Votes", exact=True)).to_have_count(0)
    content.get_by_role("link", name="Members", exact=True).click()
    expect(helga.get_by_text("Alice", exact=True).first).to_be_visible()
    answer = helga.goto(f"/admin/voting/votes/{open_conference.pk}/turnout/")
    assert answer.status == 403
    look(helga, "no-tally")


def test_owner_hands_the_team_over_and_leaves(page_of, look, team_of, owner):
    next_owner = make_team_member(team_of[0], Role.ORGANISER, name="Nora Next")
    other_owner_to_be = page_of(next_owner.person)
    desk = page_of(owner.person)
    desk.goto(team_of[1])
    expect(desk.get_by_role("link", name="Leave the team")).to_have_count(0)
    expect(desk.get_by_text("Olga Owner is the last owner of Guild of Speakers.")).to_be_visible()
    look(desk, "last-owner")

    row = desk.get_by_role("listitem").filter(has_text="Nora Next")
    row.get_by_role("link", name="Change or remove").click()
    look(desk, "member")
    desk.get_by_role("radio", name=re.compile("^Owner")).check()
    desk.get_by_role("button", name="Save the role").click()
    expect(desk.get_by_text("The role of Nora Next is now: Owner.")).to_be_visible()
    assert "It is now: Owner." in emails_to(next_owner.person.email)[-1].body

    desk.get_by_role("link", name="Leave the team").click()
    look(desk, "leave")
    desk.get_by_role("button", name="Leave the team").click()
    expect(desk.get_by_text("You have left the team of Guild of Speakers.")).to_be_visible()
    look(desk, "left")
    assert "Olga Owner has left the team" in emails_to(next_owner.person.email)[-1].body
    assert desk.goto(team_of[1]).status == 403
    expect(desk.get_by_text("Nora Next")).to_have_count(0)

    other_owner_to_be.goto(team_of[1])
    expect(other_owner_to_be.get_by_role("button", name="Send the invitation")).to_be_visible()


def test_a_change_of_a_role_notifies_the_other_owners(page_of, team_of, owner):
    second = make_team_member(team_of[0], Role.OWNER, name="Sam Second")
    reviewer = make_team_member(team_of[0], Role.REVIEWER, name="Rita Reader")
    desk = page_of(owner.person)
    desk.goto(f"{team_of[1]}{reviewer.pk}/")
    desk.get_by_role("radio", name=re.compile("^Observer")).check()
    desk.get_by_role("button", name="Save the role").click()
    expect(desk.get_by_text("The role of Rita Reader is now: Observer.")).to_be_visible()
    assert "The role of Rita Reader in the team of Guild" in emails_to(second.person.email)[-1].body
    assert emails_to(owner.person.email) == []

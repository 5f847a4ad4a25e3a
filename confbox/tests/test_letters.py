"""Every email of the site is complete: first words, a button, deadlines, who answers, in HTML and as text."""

import re
from datetime import timedelta

import pytest
from allauth.account.adapter import get_adapter
from allauth.core import context as allauth_context
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import RequestFactory
from django.utils import timezone

from accounts import tasks
from accounts.actors import Actor
from accounts.codes import LIFETIME
from accounts.my_data.emails import notify_of_deletion
from accounts.profile_parts import ProfilePart
from accounts.providers.notices import notify_of_log_in
from accounts.removal_emails import notify_of_removal
from accounts.tests.factories import make_user
from confbox.kit.email_foot import with_foot
from confbox.kit.email_html import html_of_email
from confbox.kit.encryption import encrypt
from confbox.tests.letters import PROMISES, Letter, broken_promises
from confbox.tests.test_emails_of_conferences import SENDERS, templates
from conferences.api_tokens.actions import make_token
from conferences.api_tokens.emails import remind_of_expiry
from conferences.consent.emails import notify_owners_of_setting
from conferences.local_times import in_zone
from conferences.models import Conference, Role
from conferences.teams.emails import News, notify_team
from conferences.tests.api_tokens import make_api_token, stored
from conferences.tests.factories import update_elections
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_series, make_team_member
from voting.campaigns.emails import CampaignEmails
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.subscriptions.actions import ask_to_confirm_address
from voting.campaigns.tokens import link_ends_at

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]


def sent_by(act, conference, member, capture):
    Conference.objects.update(contact_name="Guild of Speakers", contact_email="guild@example.org")
    conference.refresh_from_db()
    member.conference = conference
    with capture(execute=True):
        act(conference, member)
    assert mail.outbox
    return mail.outbox


@pytest.mark.parametrize("template", sorted(templates()))
def test_every_email_about_a_conference_keeps_its_promises(
    conference, alice, roles, django_capture_on_commit_callbacks, template
):
    emails = sent_by(SENDERS[template], conference, alice, django_capture_on_commit_callbacks)
    assert {each.subject: broken_promises(each) for each in emails if broken_promises(each)} == {}


def code_email(task):
    code = {"email": "new@example.org", "encrypted_code": encrypt("123456"), "language": "en"}
    return lambda user: task.call(**code | {"email": user.email})


def allauth_email(name):
    def write(user):
        request = RequestFactory().get("/", headers={"User-Agent": "Browser"})
        facts = {"user": user, "code": "123456", "ip": "127.0.0.1", "user_agent": "Browser"}
        names = {"deleted_email": "old@example.org", "from_email": "a@example.org", "to_email": user.email}
        with allauth_context.request_context(request):
            get_adapter().send_mail(name, user.email, facts | names | {"timestamp": timezone.now()})

    return write


def team_of_series(user):
    series = make_series()
    member = make_team_member(series, Role.OWNER, user=user)
    notify_team(scope=series, member=member, news=News.JOINED, by=None)


def setting_of_series(user):
    series = make_series()
    make_team_member(series, Role.OWNER, user=user)
    notify_owners_of_setting(series=series, by=None)


def sign_up_of_a_new_address(user):
    code_email(tasks.email_signup_code)(type(user)(email="new@example.org"))


def confirm_address(user):
    ask_to_confirm_address(by=Actor(user))


def removal_from_profile(user):
    notify_of_removal(user=user, parts=[ProfilePart.PICTURE], reason="It is not of a person.")


def token_made(user):
    make_token(by=Actor(user, "203.0.113.9"), name="Laptop", scopes=["read", "vote"], conferences=None)


def token_expires_soon(user):
    remind_of_expiry(token=stored(make_api_token(user)))


OF_THE_SITE = {
    "API token made": token_made,
    "API token expires soon": token_expires_soon,
    "sign-up": sign_up_of_a_new_address,
    "known address": code_email(tasks.email_signup_code),
    "reset": code_email(tasks.email_reset_code),
    "log-in": code_email(tasks.email_log_in_code),
    "again": code_email(tasks.email_code_again),
    "provider": code_email(tasks.email_provider_code),
    "connected": lambda user: notify_of_log_in(user=user, provider="Acme ID", is_connected=True),
    "disconnected": lambda user: notify_of_log_in(user=user, provider="Acme ID", is_connected=False),
    "second factor": code_email(tasks.email_enrolment_code),
    "ticket": code_email(tasks.email_ticket_code),
    "refused address": confirm_address,
    "removed from a profile": removal_from_profile,
    "team of a series": team_of_series,
    "setting of a series": setting_of_series,
    **{
        name: allauth_email(f"account/email/{name}")
        for name in ("email_confirmation", "email_changed", "email_deleted", "password_changed")
    },
    **{name: allauth_email(f"mfa/email/{name}") for name in ("totp_activated", "webauthn_removed")},
    "recovery codes": allauth_email("mfa/email/recovery_codes_generated"),
}


@pytest.mark.parametrize("name", OF_THE_SITE)
def test_every_email_of_the_site_keeps_its_promises(
    roles, settings, django_capture_on_commit_callbacks, name
):
    settings.DEFAULT_FROM_EMAIL, settings.SITE_NAME = "ConferenceBox <site@example.org>", "ConferenceBox"
    with django_capture_on_commit_callbacks(execute=True):
        OF_THE_SITE[name](make_user("reader@example.org", name="Reader"))
    (message,) = mail.outbox
    assert broken_promises(message) == []


def test_the_email_about_a_changed_account_writes_its_time_in_words(roles):
    OF_THE_SITE["email_deleted"](make_user("reader@example.org", name="Reader"))
    letter = Letter(mail.outbox[0])
    assert letter.subject == "An email address was removed"
    assert re.search(r"It was changed on \d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d \(UTC\)", letter.words)


def test_the_email_about_a_deleted_account_leads_nowhere_but_names_the_site(db):
    notify_of_deletion(user=make_user("gone@example.org"))
    assert broken_promises(mail.outbox[0]) == ["a button"]


GOOD = "Hello Reader,\n\nVoting closes on the last day of this month, at noon.\n\nVote now: {site}/ballot/\n"
# For each promise, what to replace in the HTML part to break it.
BROKEN = {
    "a list of emails shows its first words": ("preheader", "preheader-no-more"),
    "a button": ('class="button"', 'class="link"'),
    "its buttons lead to this site": ('href="{site}', 'href="https://elsewhere.example'),
    "the text says all that the HTML says": ("at noon", "at midnight"),
    "the text has every link": ("/ballot/", "/results/"),
    "who answers questions": ("from ConferenceBox", "from no one"),
}


@pytest.mark.parametrize("promise", PROMISES)
def test_the_walk_finds_a_broken_promise(settings, promise):
    text = with_foot(GOOD.format(site=settings.SITE_URL), "This email is from ConferenceBox.")
    html = html_of_email(text, subject="Vote")
    old, new = (each.format(site=settings.SITE_URL) for each in BROKEN[promise])
    for body, broken in ((html, []), (html.replace(old, new), [promise])):
        message = EmailMultiAlternatives("Vote", text, "ConferenceBox <site@example.org>", ["a@example.org"])
        message.attach_alternative(body, "text/html")
        assert promise in broken_promises(message) or not broken


# Deadlines, in the zone of the conference.


def closing(conference):
    return in_zone(conference, conference.election.closes_at)


WITH_A_DEADLINE = [
    "voting/elections/emails/vote_void.txt",
    "voting/elections/emails/roll_added.txt",
]


@pytest.mark.parametrize("template", WITH_A_DEADLINE)
def test_an_email_that_asks_for_a_vote_names_the_deadline(
    conference, alice, roles, django_capture_on_commit_callbacks, template
):
    Conference.objects.update(time_zone="Asia/Kolkata")
    emails = sent_by(SENDERS[template], conference, alice, django_capture_on_commit_callbacks)
    deadline = closing(conference)
    assert deadline.endswith("(Asia/Kolkata)")
    for letter in map(Letter, emails):
        assert deadline in letter.words
        assert deadline in letter.html.text


@pytest.mark.parametrize("code", ["promotion", "candidates", "reminder", "opened", "closessoon"])
def test_a_campaign_before_voting_closes_names_the_deadline(conference, alice, code):
    campaign = Campaign(conference=conference, kind=code, candidate=alice, subject="Vote", message="Soon.")
    letter = Letter(CampaignEmails(campaign).to(Delivery(campaign=campaign, recipient=alice)))
    assert letter.words.count(closing(conference)) == 1
    assert closing(conference) in letter.html.text


@pytest.mark.parametrize("code", ["invitation", "joinreminder"])
def test_an_invitation_says_until_when_its_link_works(conference, alice, code):
    entry = make_entry(conference, "invited@example.org")
    campaign = Campaign(conference=conference, kind=code, subject="Join", message="Come.")
    letter = Letter(CampaignEmails(campaign).to(Delivery(campaign=campaign, roster_entry=entry)))
    until = in_zone(conference, link_ends_at(conference))
    assert until in letter.words
    assert until in letter.html.text


def test_an_email_that_comes_after_the_vote_names_no_deadline(alice):
    update_elections(closes_at=timezone.now() - timedelta(minutes=1))
    alice.conference.election.refresh_from_db()
    campaign = Campaign(conference=alice.conference, kind="result", subject="Result", message="Chosen.")
    letter = Letter(CampaignEmails(campaign).to(Delivery(campaign=campaign, recipient=alice)))
    assert "Voting closes" not in letter.words


@pytest.mark.parametrize(
    "name",
    ["sign-up", "reset", "log-in", "again", "provider", "second factor", "ticket", "email_confirmation"],
)
def test_an_email_with_a_code_says_how_long_it_is_valid(
    roles, settings, django_capture_on_commit_callbacks, name
):
    lifetimes = {LIFETIME, settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT}
    assert {settings.ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT, *lifetimes} == {600}
    with django_capture_on_commit_callbacks(execute=True):
        OF_THE_SITE[name](make_user("reader@example.org", name="Reader"))
    letter = Letter(mail.outbox[0])
    assert "123456" in letter.words
    assert "valid for 10 minutes" in letter.words
    assert "valid for 10 minutes" in letter.html.text

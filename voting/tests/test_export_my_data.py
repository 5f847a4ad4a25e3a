"""The download of everything the platform stores about a person."""

import json
from datetime import date

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.cache import cache

from accounts.actors import Actor
from accounts.audit_log import log_act
from accounts.models import User
from accounts.tests.factories import PASSWORD, log_in_freshly
from confbox.kit.bounce_addresses import tokens_of_mailbox
from conferences.models import Membership
from voting.campaigns.models import Delivery
from voting.campaigns.subscriptions.models import ReturnedEmail, UndeliverableAddress, Unsubscription
from voting.tests.campaigns import make_campaign
from voting.tests.factories import close_and_decide, make_pitch, make_vote

EXPORT = "/people/export/"


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()


@pytest.fixture
def exported(client, alice, bob, organiser):
    User.objects.filter(pk=bob.user.pk).update(phone="+49 555 0199", bio="Bio words")
    client.post("/accounts/login/", {"login": bob.user.email, "password": PASSWORD})
    make_pitch(bob, "A talk of Bob")
    make_vote(bob, alice)
    TOTP.activate(bob.user, generate_totp_secret())
    log_act(by=Actor(organiser, "127.0.0.9"), act="edit", target=bob.user, reason="Typo")
    answer = client.get(EXPORT)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="my-data-')
    return json.loads(answer.content)


def test_it_has_the_person(exported, bob):
    person = exported["account"]["person"]
    assert (person["email"], person["phone"], person["bio"]) == (bob.user.email, "+49 555 0199", "Bio words")
    assert exported["account"]["addresses"][0]["verified"] is True


def test_it_has_every_column_of_the_person_but_the_secrets(exported):
    columns = {field.attname for field in User._meta.concrete_fields}
    assert set(exported["account"]["person"]) == columns - {"password", "calendar_key"}


def test_it_has_sessions_and_second_factors_without_keys_and_secrets(exported, bob):
    assert exported["account"]["sessions"][0]["ip"] == "127.0.0.1"
    assert exported["account"]["second_factors"][0]["type"] == "totp"
    text = json.dumps(exported)
    assert "session_key" not in text
    assert Authenticator.objects.get(user=bob.user).data["secret"] not in text
    assert bob.user.password not in text


def test_it_has_memberships_pitch_and_own_vote(exported, conference, alice):
    membership = exported["conferences"][0]
    assert membership["conference"] == "Open Conf"
    assert membership["pitch"]["headline"] == "A talk of Bob"
    assert membership["vote"]["candidate"] == "Alice"


def test_it_has_what_organisers_did_to_the_account_without_their_names(exported, organiser):
    acts = exported["account"]["acts_of_organisers_on_the_account"]
    assert acts[0]["reason"] == "Typo"
    assert not {"by", "by_id", "address"} & set(acts[0])
    assert organiser.email not in json.dumps(exported)


def test_it_has_no_one_elses_data(exported, alice, carol):
    text = json.dumps(exported)
    for other in (alice, carol):
        assert other.user.email not in text


def test_it_does_not_say_who_voted_for_the_person(client, alice, bob):
    make_vote(alice, bob)
    log_in_freshly(client, bob.user)
    assert "Alice" not in str(client.get(EXPORT).json())


def test_it_has_the_picture(client, stranger, settings, tmp_path):
    import base64
    import io

    from django.core.files.uploadedfile import SimpleUploadedFile
    from PIL import Image

    settings.MEDIA_ROOT = tmp_path
    written = io.BytesIO()
    Image.new("RGB", (50, 50)).save(written, "PNG")
    log_in_freshly(client, stranger)
    client.post("/people/profile/picture/", {"picture": SimpleUploadedFile("a.png", written.getvalue())})
    picture = client.get(EXPORT).json()["account"]["picture"]
    assert base64.b64decode(picture["base64"])[8:12] == b"WEBP"


def test_it_is_downloaded_without_a_picture_whose_file_is_gone(client, stranger):
    User.objects.filter(pk=stranger.pk).update(picture="pictures/gone.webp")
    log_in_freshly(client, stranger)
    assert client.get(EXPORT).json()["account"]["picture"] is None


def test_it_asks_again_who_is_there(as_stranger):
    assert as_stranger.get(EXPORT).url.startswith("/accounts/reauthenticate/")


def test_it_is_not_cached(client, stranger):
    assert "no-store" in log_in_freshly(client, stranger).get(EXPORT).headers["Cache-Control"]


@pytest.fixture
def complete(client, conference, alice, bob, organiser):
    """The download of a person with data in every table."""
    log_act(by=Actor(bob.user, "127.0.0.9"), act="edit", target=alice.user, reason="Own act")
    bob.user.groups.add(Group.objects.get(name="Organisers"))
    campaign = make_campaign(bob, subject="Bob asks")
    Delivery.objects.create(campaign=campaign, recipient=bob)
    Unsubscription.objects.create(user=bob.user, conference=conference)
    UndeliverableAddress.objects.create(address=bob.user.email)
    for token, membership in {"a": bob, "b": alice}.items():
        mailbox = tokens_of_mailbox(membership.user.email)[0]
        ReturnedEmail.objects.create(token=token, is_hard=True, mailbox=mailbox, sent_on=date(2026, 5, 1))
    make_vote(alice, bob)
    close_and_decide(conference=conference, candidate=bob, by=bob.user, reason="Leads")
    log_in_freshly(client, bob.user)
    return client.get(EXPORT).json()


@pytest.mark.parametrize(
    "part", ["unsubscriptions", "undeliverable", "returned_emails", "decisions_taken_as_organiser"]
)
def test_it_contains_what_belongs_to_the_account(complete, part):
    assert len(complete[part]) == 1


@pytest.mark.parametrize("part", ["campaigns", "emails_received", "chosen_as_speaker"])
def test_it_contains_what_belongs_to_a_membership(complete, part):
    assert len(complete["conferences"][0][part]) >= 1
    assert complete["conferences"][0]["membership"]["left_at"] is None


def test_it_has_groups_and_own_acts(complete):
    assert complete["account"]["groups"] == ["Organisers"]
    own = complete["account"]["own_acts"]
    assert [act["reason"] for act in own if act["act"] == "edit"] == ["Own act"]


# Every column that refers to a person or a membership, and where the download has it. A new one fails the
# test until it is here.
EXPORTED = {
    "account.emailaddress.user": "account.addresses",
    # Who asks has an entry of their own for that.
    "accounts.adminact.asked_by": "account.own_acts",
    "accounts.adminact.by": "account.own_acts",
    "accounts.linkedaddress.user": "account.linked_addresses",
    "accounts.user_groups.user": "account.groups",
    "accounts.user_user_permissions.user": "account.permissions",
    "admin.logentry.user": "account.own_changes_in_the_admin",
    "conferences.apitoken.owner": "api_tokens",
    "conferences.consentrequest.answered_by": "requests_for_a_second_person",
    "conferences.consentrequest.asked_by": "requests_for_a_second_person",
    "conferences.conference.created_by": "conferences_made_as_organiser",
    "conferences.joincode.created_by": "join_codes_made_as_organiser",
    "conferences.joinrequest.answered_by": "requests_to_join_answered_as_organiser",
    "conferences.joinrequest.user": "requests_to_join",
    "voting.election.speaker": "conferences.chosen_as_speaker",
    "conferences.membership.user": "conferences.membership",
    "conferences.oldmembership.membership": "conferences.earlier_ids",
    "conferences.rosterentry.created_by": "people_added_to_rosters_as_organiser",
    "conferences.rosterentry.membership": "conferences.roster_entry",
    "conferences.series.created_by": "series_made_as_organiser",
    "conferences.teaminvitation.invited_by": "people_invited_to_teams_as_owner",
    "conferences.teammember.added_by": "people_added_to_teams_as_owner",
    "conferences.teammember.person": "teams",
    "mfa.authenticator.user": "account.second_factors",
    "socialaccount.socialaccount.user": "account.connected_log_ins",
    "usersessions.usersession.user": "account.sessions",
    "voting.campaign.candidate": "conferences.campaigns",
    "voting.campaign.decided_by": "campaigns_reviewed_as_organiser",
    "voting.campaign.edited_by": "campaigns_reviewed_as_organiser",
    "voting.campaign.requested_by": "conferences.campaigns",
    "voting.decision.decided_by": "decisions_taken_as_organiser",
    "voting.decision.speaker": "conferences.chosen_as_speaker",
    "voting.delivery.recipient": "conferences.emails_received",
    "voting.pitch.membership": "conferences.pitch",
    "voting.report.reported_by": "reports",
    "voting.report.settled_by": "reports_settled_as_organiser",
    "voting.rollchange.by": "electoral_rolls_changed_as_organiser",
    "voting.rollentry.membership": "conferences.electoral_roll",
    "voting.unsubscription.user": "unsubscriptions",
    "voting.vote.voter": "conferences.vote",
    "conferences.conferencechange.by": "conferences_changed_as_organiser",
    "voting.windowchange.agreed_by": "voting_windows_changed_as_organiser",
    "voting.windowchange.by": "voting_windows_changed_as_organiser",
}
# No one may know who voted for a person, or see a request for a second person or a report about themselves.
SECRET = {
    # What the person's own program was answered, for a day.
    "accounts.keptanswer.person",
    "voting.vote.candidate",
    "conferences.consentrequest.concerns",
    "voting.report.membership",
}


def test_every_column_that_points_at_a_person_is_exported_or_secret():
    pointing = {
        f"{model._meta.label_lower}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_fields
        if field.related_model in (User, Membership)
    }
    assert pointing == EXPORTED.keys() | SECRET


@pytest.mark.parametrize("place", sorted(set(EXPORTED.values())))
def test_the_download_has_what_every_such_column_points_from(complete, place):
    part, _dot, name = place.rpartition(".")
    holder = complete["conferences"][0] if part == "conferences" else complete[part] if part else complete
    assert name in holder


def test_it_has_what_was_done_as_organiser(client, conference, bob, carol):
    type(conference).objects.update(created_by=bob.user)
    campaign = make_campaign(carol)
    type(campaign).objects.update(decided_by=bob.user, reason="Too loud")
    found = log_in_freshly(client, bob.user).get(EXPORT).json()
    assert [row["title"] for row in found["conferences_made_as_organiser"]] == ["Open Conf"]
    assert [row["reason"] for row in found["campaigns_reviewed_as_organiser"]] == ["Too loud"]
    assert "Carol" not in json.dumps(found)

"""Invitations to those on the roster: who gets one, once, and what becomes of their entries."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actors import Actor
from accounts.tests.factories import make_user
from confbox.kit.local_time import start_of_day
from confbox.kit.mailbox_digests import mailbox_digest
from confbox.kit.tests.page import parse
from conferences.local_times import end_in_zone, in_zone
from conferences.models import Conference, RosterEntry
from conferences.roster.actions import change_entry, remove_entry
from conferences.tests.rosters.entries import BY_COMMAND, imported, make_entry
from voting.campaigns.emails import CampaignEmail
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.recipients import campaign_to_be, recipients_of
from voting.campaigns.rules import refusal_to_announce
from voting.campaigns.sending import batches, dispatch
from voting.campaigns.sending.actions import resolve_uncertain
from voting.campaigns.sending.outcomes import SENT
from voting.campaigns.subscriptions import actions as subscriptions
from voting.campaigns.subscriptions.models import UndeliverableAddress
from voting.campaigns.tokens import has_expired, invitation_token, link_ends_at
from voting.tests.campaigns import approve, dispatch_due
from voting.tests.invitations import invitations_to, invite, make_invited, write

pytestmark = pytest.mark.django_db


def addresses():
    return sorted(m.to[0] for m in mail.outbox if "invitation" in m.subject)


def mailboxes(conference, kind="invitation"):
    found = recipients_of(campaign_to_be(conference=conference, kind=kind))
    return sorted(found.values_list("mailbox", flat=True))


def test_everyone_who_is_listed_gets_one_email(conference, alice, organiser):
    make_entry(conference)
    make_entry(conference, "grace@example.org")
    invite(conference, organiser)
    dispatch_due()
    assert addresses() == ["ada@example.org", "grace@example.org"]


def test_an_entry_is_invited_once_its_email_is_sent(conference, organiser):
    entry = make_entry(conference)
    campaign = approve(write(conference, organiser), organiser)
    assert RosterEntry.objects.get(pk=entry.pk).state == "listed"
    dispatch_due()
    assert RosterEntry.objects.get(pk=entry.pk).state == "invited"
    campaign.refresh_from_db()
    assert campaign.status == "sent"


def test_the_second_invitation_goes_to_those_who_were_listed_since(conference, organiser):
    make_entry(conference)
    invite(conference, organiser)
    make_entry(conference, "grace@example.org")
    invite(conference, organiser)
    assert addresses() == ["ada@example.org", "grace@example.org"]


def test_a_reminder_goes_to_those_who_were_invited_and_have_not_joined(conference, alice, organiser):
    make_invited(conference)
    make_invited(conference, alice.user.email)
    make_entry(conference, "listed@example.org")
    invite(conference, organiser, "joinreminder")
    assert addresses() == ["ada@example.org"]


def test_who_cannot_or_does_not_want_to_get_it_gets_none(conference, alice, organiser):
    for name in ("refused", "disabled", "silent", "left-out", "unsubscribed", "removed"):
        make_entry(conference, f"{name}@example.org")
    make_entry(conference, alice.user.email)
    UndeliverableAddress.objects.create(address="refused@example.org", answer="550")
    make_user("disabled@example.org", is_active=False)
    make_user("silent@example.org", receives_campaigns=False)
    subscriptions.unsubscribe(
        conference=conference, by=Actor(make_user("left-out@example.org")), everywhere=False
    )
    unsubscribe("unsubscribed@example.org")
    remove_entry(entry=RosterEntry.objects.get(mailbox="removed@example.org"), reason="x", by=BY_COMMAND)
    make_entry(conference, "wants@example.org")
    assert mailboxes(conference) == ["wants@example.org"]


def unsubscribe(email):
    subscriptions.unsubscribe_mailbox(digest=mailbox_digest(email), by=Actor(None))


@pytest.mark.parametrize("act", ["unsubscribe", "remove", "join"])
def test_what_happens_after_the_approval_counts(conference, organiser, settings, act):
    entry = make_entry(conference)
    make_entry(conference, "grace@example.org")
    settings.CAMPAIGN_EMAILS_PER_MINUTE = 1
    approve(write(conference, organiser), organiser)
    dispatch_due()
    [left] = RosterEntry.objects.filter(invited_at=None)
    if act == "unsubscribe":
        unsubscribe(left.mailbox)
    elif act == "remove":
        remove_entry(entry=left, reason="x", by=BY_COMMAND)
    else:
        make_user(left.mailbox)
        RosterEntry.objects.filter(pk=left.pk).update(membership=_joined(conference, left.mailbox))
    settings.CAMPAIGN_EMAILS_PER_MINUTE = 0
    dispatch_due()
    assert left.mailbox not in addresses()
    assert Delivery.objects.get(roster_entry=left).status == "skipped"
    assert entry.conference == conference


def _joined(conference, email):
    from accounts.models import User
    from conferences.tests.factories import make_membership

    return make_membership(conference, user=User.objects.get(email=email))


def test_an_address_that_changes_while_it_is_sent_is_not_invited(conference, organiser):
    entry = make_entry(conference)
    campaign = _begun(conference, organiser)
    [delivery] = batches.claim_batch(campaign, 10).deliveries
    batches.turn_to(delivery, after=None)
    change_entry(entry=entry, email="ada@work.example", name="", reference="", by=BY_COMMAND)
    batches.turn_to(None, after=(delivery, SENT))
    assert RosterEntry.objects.get(pk=entry.pk).state == "listed"


def _begun(conference, organiser):
    campaign = approve(write(conference, organiser), organiser)
    dispatch.begin_campaign(campaign)
    return Campaign.objects.select_related("conference__election").get(pk=campaign.pk)


def test_recording_twice_counts_once_and_keeps_the_time_of_the_first(conference, organiser):
    make_entry(conference)
    make_entry(conference, "grace@example.org")
    first, second = batches.claim_batch(_begun(conference, organiser), 2).deliveries
    batches.turn_to(first, after=None)
    assert batches.turn_to(second, after=(first, SENT))
    invited_at = RosterEntry.objects.get(pk=first.roster_entry_id).invited_at
    assert batches.turn_to(second, after=(first, SENT))
    assert list(Delivery.objects.filter(status="sent").values_list("attempts", flat=True)) == [1]
    assert RosterEntry.objects.get(pk=first.roster_entry_id).invited_at == invited_at


def test_a_link_that_ends_at_midnight_is_said_to_end_on_the_day_before(conference):
    day = (timezone.now() + timedelta(days=90)).date()
    midnight = start_of_day(day, conference.zone)
    assert "23:59" in end_in_zone(conference, midnight)
    assert "09:00" in end_in_zone(conference, midnight + timedelta(hours=9))


def test_an_invitation_in_the_hands_of_a_dead_worker_is_uncertain_until_an_organiser_decides(
    conference, organiser
):
    make_entry(conference)
    make_entry(conference, "grace@example.org")
    campaign = _begun(conference, organiser)
    batches.turn_to(batches.claim_batch(campaign, 10).deliveries[0], after=None)
    with time_machine.travel(timezone.now() + timedelta(seconds=121)):
        dispatch_due()
    assert sorted(Delivery.objects.values_list("status", flat=True)) == ["sent", "uncertain"]
    assert RosterEntry.objects.listed().count() == 1
    resolve_uncertain(campaign=campaign, by=Actor(organiser), send_again=True)
    dispatch_due()
    assert addresses() == ["ada@example.org", "grace@example.org"]
    assert RosterEntry.objects.invited().count() == 2


def test_ten_thousand_recipients_are_queued_by_as_many_statements_as_two(conference, organiser):
    few = _statements(conference, organiser, 2)
    Delivery.objects.all().delete()
    Campaign.objects.all().delete()
    assert _statements(conference, organiser, 2000) == few
    assert Delivery.objects.count() == 2000


def _statements(conference, organiser, number):
    imported(conference, "\n".join(f"person{n}@example.org" for n in range(number)))
    unsubscribe("someone-else@example.org")
    campaign = approve(write(conference, organiser), organiser)
    with CaptureQueriesContext(connection) as captured:
        dispatch.begin_campaign(campaign)
    return len(captured)


def test_a_refused_address_is_marked_as_a_members_would_be(conference, organiser):
    make_entry(conference)
    [delivery] = batches.claim_batch(_begun(conference, organiser), 10).deliveries
    batches.turn_to(delivery, after=None)
    dead = batches.Outcome(Delivery.Status.FAILED, "550 5.1.1 No such user", is_dead=True)
    batches.turn_to(None, after=(delivery, dead))
    assert UndeliverableAddress.objects.get().address == "ada@example.org"
    assert RosterEntry.objects.get().state == "listed"


def test_the_database_holds_one_delivery_per_entry_and_one_recipient_each(conference, alice, organiser):
    entry, campaign = make_entry(conference), write(conference, organiser)
    Delivery.objects.create(campaign=campaign, roster_entry=entry)
    for wrong in ({"roster_entry": entry}, {}, {"roster_entry": entry, "recipient": alice}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Delivery.objects.create(campaign=campaign, **wrong)


def test_message_ids_of_members_entries_and_resends_are_their_own(conference, alice):
    campaign = Campaign(pk=7, conference=conference)
    entry = RosterEntry(pk=alice.pk, conference=conference)
    found = [
        Delivery(campaign=campaign, recipient=alice),
        Delivery(campaign=campaign, roster_entry=entry),
        Delivery(campaign=campaign, roster_entry=entry, resends=1),
    ]
    assert len({delivery.message_id for delivery in found}) == 3
    assert found[1].message_id == Delivery(campaign=campaign, roster_entry=entry).message_id


def test_a_person_without_a_name_is_greeted_without_one(conference, organiser):
    make_entry(conference, name="Ada <Countess>")
    make_entry(conference, "grace@example.org")
    invite(conference, organiser)
    [named], [nameless] = invitations_to("ada@example.org"), invitations_to("grace@example.org")
    assert "\nHello Ada <Countess>,\n" in named.body
    assert "Hello Ada <Countess>," in parse(named.alternatives[0][0]).text
    assert "\nHello,\n" in nameless.body
    assert "Hello, You are on the list" in parse(nameless.alternatives[0][0]).text


def test_it_says_why_and_for_how_long_and_has_each_recipients_own_links(conference, organiser):
    make_entry(conference)
    make_entry(conference, "grace@example.org")
    invite(conference, organiser)
    [first], [second] = invitations_to("ada@example.org"), invitations_to("grace@example.org")
    assert "the organisers of Open Conf have put this email address on their list" in first.body
    assert "The link is for you alone and works once, until" in first.body
    assert first.extra_headers["List-Unsubscribe"] != second.extra_headers["List-Unsubscribe"]
    assert first.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "ada@example.org" not in first.body


def test_a_preview_has_links_that_do_nothing(conference, organiser):
    email = CampaignEmail(write(conference, organiser))
    for preview in (email.html_preview(organiser), email.text_preview(organiser)):
        assert "https://preview.invalid/invitation" in preview
        assert "/invitation/" not in preview.replace("preview.invalid/invitation", "")


@pytest.mark.parametrize("status", ["requested", "approved", "sending", "paused"])
@pytest.mark.parametrize("kind", ["invitation", "joinreminder"])
def test_one_email_to_a_roster_at_a_time(conference, organiser, kind, status):
    Campaign.objects.filter(pk=write(conference, organiser).pk).update(status=status)
    with pytest.raises(ValidationError, match="is waiting for review or being sent"):
        write(conference, organiser, kind)


def test_a_reminder_comes_a_day_after_the_last_email_to_the_roster(conference, organiser):
    make_entry(conference)
    invite(conference, organiser)
    free_at = in_zone(conference, Campaign.objects.get().started_at + timedelta(days=1))
    assert refusal_to_announce(conference, "joinreminder").endswith(f"from {free_at}.")
    Campaign.objects.update(started_at=timezone.now() - timedelta(hours=25))
    assert refusal_to_announce(conference, "joinreminder") == ""


def test_no_one_is_invited_to_a_conference_that_is_over(conference, organiser):
    campaign = approve(write(conference, organiser), organiser)
    make_entry(conference)
    past = timezone.now() - timedelta(days=1)
    Conference.objects.update(starts_at=past - timedelta(days=1), ends_at=past)
    dispatch_due()
    campaign.refresh_from_db()
    assert (campaign.status, addresses()) == ("stopped", [])
    over = Conference.objects.get(pk=conference.pk)
    assert refusal_to_announce(over, "invitation") == "This conference is over, so no one can join it."


def test_the_link_does_not_outlive_the_conference(conference):
    conference.ends_at = conference.now + timedelta(days=2)
    conference.starts_at = conference.now + timedelta(days=1)
    assert link_ends_at(conference) == conference.ends_at


def test_the_link_works_for_as_long_as_members_vote(conference):
    now, token = timezone.now(), invitation_token(make_entry(conference))
    conference.starts_at, conference.ends_at = now, now + timedelta(days=90)
    conference.election.closes_at = now + timedelta(days=60)
    assert link_ends_at(conference) == conference.election.closes_at
    with time_machine.travel(now + timedelta(days=59)):
        assert not has_expired(token, conference)
    with time_machine.travel(now + timedelta(days=61)):
        assert has_expired(token, conference)

"""An organiser invites those on the roster, reminds them, and sends the invitation to one of them again."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.mailbox_digests import mailbox_digest
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of
from conferences.local_times import in_zone
from conferences.models import RosterEntry
from conferences.roster import listing
from conferences.roster.actions import remove_entry
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import BY_COMMAND, imported, make_entry
from voting.campaigns.invitations.actions import resend_invitation
from voting.campaigns.kinds.invitation import JOIN_REMINDER
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.recipients import campaign_to_be, count_recipients
from voting.campaigns.sending import dispatch
from voting.campaigns.subscriptions import actions as subscriptions
from voting.campaigns.subscriptions.models import UndeliverableAddress
from voting.desk.campaign_panels import INVITATIONS_PANEL
from voting.tests.campaigns import approve, dispatch_due
from voting.tests.invitations import FORM, invitations_to, invite, link_in, make_invited, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(conference):
    return f"/admin/conferences/conference/{conference.pk}/roster/"


def send_url(entry):
    return f"/admin/voting/campaign/invitations/{entry.conference_id}/{entry.pk}/"


def rows(answer):
    return parse(answer).part("#content").rows[1:]


def sent_an_hour_ago():
    Delivery.objects.update(sent_at=timezone.now() - timedelta(hours=1))


def waiting(conference, organiser):
    write(conference, organiser)


def changed(conference, organiser):
    write(conference, organiser, message="My own words.")


def approved(conference, organiser):
    approve(write(conference, organiser), organiser, send_at=timezone.now() + timedelta(hours=1))


def running(conference, organiser):
    dispatch.begin_campaign(approve(write(conference, organiser), organiser))


def refused(conference, organiser):
    campaign = write(conference, organiser)
    Campaign.objects.filter(pk=campaign.pk).update(status="refused")


def closed(conference, _organiser):
    type(conference).objects.update(status="inactive")


def sent_again_to_one(conference, organiser):
    invite(conference, organiser)
    sent_an_hour_ago()
    entry = RosterEntry.objects.get(mailbox="ada@example.org")
    resend_invitation(entry=entry, by=Actor(organiser))


def invited_two_days_ago(conference, organiser):
    invite(conference, organiser)
    Campaign.objects.update(started_at=timezone.now() - timedelta(days=2))


# What happened before, and what the page of the roster offers then.
STATES = [
    ("idle", lambda *_: None, ["Invite 2 people"]),
    ("idle", refused, ["Invite 2 people"]),
    ("idle", invite, []),
    ("idle", invited_two_days_ago, ["Remind 2 people who have not joined"]),
    ("idle", sent_again_to_one, []),
    ("closed", closed, ["Publish it"]),
    ("ready", waiting, ["Read and send it"]),
    ("waiting", changed, ["Read and approve it"]),
    ("running", approved, []),
    ("running", running, []),
]


@pytest.mark.parametrize(("state", "before", "buttons"), STATES)
def test_the_page_of_the_roster_offers_what_can_be_sent(
    as_organiser, organiser, conference, url, state, before, buttons
):
    imported(conference, "ada@example.org\ngrace@example.org")
    before(conference, organiser)
    answer = as_organiser.get(url)
    assert answer.context["invitations"].state == state
    assert parse(answer).part("#invitations").texts("a.button") == buttons


def test_it_says_from_when_a_reminder_can_be_sent(as_organiser, organiser, conference, url):
    imported(conference, "ada@example.org\ngrace@example.org")
    invite(conference, organiser)
    free_at = Campaign.objects.get().started_at + timedelta(days=1)
    words = f"2 people have not joined. You can remind them to join from {in_zone(conference, free_at)}."
    assert words in parse(as_organiser.get(url)).part("#invitations").text


@pytest.mark.parametrize("status", ["draft", "inactive"])
@pytest.mark.parametrize("page", ["roster", "announcement"])
def test_where_it_is_not_published_it_leads_to_publishing(as_organiser, conference, url, status, page):
    make_entry(conference)
    type(conference).objects.update(status=status)
    path = url if page == "roster" else f"/admin/voting/campaign/announce/{conference.pk}/invitation/"
    publish = f"/admin/conferences/conference/{conference.pk}/publish/"
    assert parse(as_organiser.get(path)).texts(f"#content a.button[href='{publish}']") == ["Publish it"]


@pytest.mark.skipif(connection.vendor != "mysql", reason="on SQLite, no roster is large")
def test_those_on_a_large_roster_are_invited_and_reminded_without_being_counted(
    as_organiser, organiser, conference, url, monkeypatch
):
    imported(conference, "ada@example.org\ngrace@example.org")
    monkeypatch.setattr(listing, "MOST_WHOLE", 1)
    offered = parse(as_organiser.get(url)).part("#invitations")
    assert offered.texts("a.button") == ["Invite people", "Remind people who have not joined"]
    invite(conference, organiser)
    waits = parse(as_organiser.get(url)).part("#invitations")
    free_at = Campaign.objects.get().started_at + timedelta(days=1)
    words = f"You can remind those who have not joined from {in_zone(conference, free_at)}."
    assert (waits.texts("a.button"), words in waits.text) == (["Invite people"], True)


def test_every_state_has_a_row_and_a_template():
    assert states_of(INVITATIONS_PANEL) == {state for state, *_ in STATES} | {"uncounted"}


def test_it_shows_how_far_the_sending_is(as_organiser, organiser, conference, url, settings):
    settings.CAMPAIGN_EMAILS_PER_MINUTE = 1
    imported(conference, "ada@example.org\ngrace@example.org")
    approve(write(conference, organiser), organiser)
    dispatch_due()
    assert "1 of 2 sent" in parse(as_organiser.get(url)).part("#invitations").text


def test_it_counts_what_failed_apart_from_what_was_sent(as_organiser, organiser, conference, url, settings):
    settings.CAMPAIGN_EMAILS_PER_MINUTE = 1
    imported(conference, "ada@example.org\ngrace@example.org")
    approve(write(conference, organiser), organiser)
    dispatch_due()
    Delivery.objects.filter(status="sent").update(status="failed")
    said = parse(as_organiser.get(url)).part("#invitations").text
    assert ("0 of 2 sent" in said, "Failed: 1" in said) == (True, True)


def test_it_shows_what_the_last_email_to_the_roster_reached(as_organiser, organiser, conference, url):
    imported(conference, "ada@example.org\ngrace@example.org")
    campaign = invite(conference, organiser)
    assert "2 of 2 sent" in parse(as_organiser.get(url)).part("#invitations").text
    page = parse(as_organiser.get(f"/admin/voting/campaign/{campaign.pk}/change/")).part("#recipients")
    assert page.part("dt").text == "Sent"


INVITE = "/admin/voting/campaign/announce/{pk}/invitation/"


def test_an_empty_roster_leads_from_the_page_to_invite_to_the_import(as_organiser, conference, url):
    answer = as_organiser.get(INVITE.format(pk=conference.pk))
    assert answer.context["panel"].state == "empty_roster"
    assert f"{url}import/" in parse(answer).links


def test_the_page_to_invite_says_when_everyone_was_invited(as_organiser, organiser, conference):
    make_entry(conference)
    invite(conference, organiser)
    answer = as_organiser.get(INVITE.format(pk=conference.pk))
    assert answer.context["panel"].state == "no_one_left"
    page = parse(answer)
    assert "Everyone on the roster has been invited or has joined" in page.text
    assert INVITE.format(pk=conference.pk).replace("invitation", JOIN_REMINDER.code) in page.links
    assert "Remind 1 person who has not joined" in page.text
    assert not page.has_field("subject")


def test_the_page_to_remind_says_when_there_is_no_one_to_remind(as_organiser, conference):
    make_entry(conference)
    path = INVITE.format(pk=conference.pk).replace("invitation", JOIN_REMINDER.code)
    page = parse(as_organiser.get(path))
    assert "Everyone who was invited has joined" in page.text
    assert "Remind" not in page.part(".desk-panel").text


def test_each_mailbox_is_invited_and_reminded_once(as_organiser, organiser, conference, url):
    imported(conference, "ada@gmail.com\nada+1@googlemail.com\ngrace@example.org")
    assert "Invite 2 people" in parse(as_organiser.get(url)).part("#invitations").texts("a.button")
    invite(conference, organiser)
    assert len(invitations_to("ada@gmail.com")) == 1
    assert invitations_to("ada+1@googlemail.com") == []
    Campaign.objects.update(started_at=timezone.now() - timedelta(days=2))
    page = parse(as_organiser.get(url))
    assert page.part("#invitations").texts("a.button") == ["Remind 2 people who have not joined"]
    for entry in RosterEntry.objects.exclude(mailbox="ada+1@googlemail.com"):
        RosterEntry.objects.filter(pk=entry.pk).update(membership=make_membership(conference))
    page = parse(as_organiser.get(url))
    assert page.part("#invitations").texts("a.button") == []
    assert "0 of 3 on the roster have not joined." in page.part("#who-votes").text


def test_a_reminder_can_be_written_while_one_is_sent_again(as_organiser, organiser, conference):
    imported(conference, "ada@example.org\ngrace@example.org")
    sent_again_to_one(conference, organiser)
    Campaign.objects.update(started_at=timezone.now() - timedelta(days=2))
    assert Campaign.objects.get().status == "sending"
    answer = as_organiser.get(f"/admin/voting/campaign/announce/{conference.pk}/joinreminder/")
    assert answer.context["panel"].state == "of_roster"


NOT_OPEN = [
    ({"status": "draft"}, "This conference is still a draft. Publish it, then invite."),
    ({"status": "inactive"}, "This conference is off the site. Publish it, then invite."),
    ({"starts_at": "past", "ends_at": "past"}, "This conference is over, so no one can join it."),
]


@pytest.mark.parametrize(("columns", "words"), NOT_OPEN)
def test_both_pages_say_why_no_one_can_be_invited_and_lead_to_the_cure(
    as_organiser, conference, url, columns, words
):
    make_entry(conference)
    past = timezone.now() - timedelta(days=1)
    type(conference).objects.update(**{k: past if v == "past" else v for k, v in columns.items()})
    unpublished = columns.get("status") in ("draft", "inactive")
    status = f"/admin/conferences/conference/{conference.pk}/{'publish/' if unpublished else ''}"
    panel = parse(as_organiser.get(url)).part("#invitations")
    assert (panel.mentions(words), panel.links) == (True, [status])
    page = parse(as_organiser.get(f"/admin/voting/campaign/announce/{conference.pk}/invitation/"))
    written = page.part("#content .desk-panel")
    assert (written.mentions(words), written.links) == (True, [status, url])


def test_an_organiser_invites_by_standard_text_alone(as_organiser, conference, url):
    """The whole way by the pages' own links and forms: preview, approval, sending."""
    make_entry(conference)
    [write_url] = parse(as_organiser.get(url)).part("#invitations").links
    text = parse(as_organiser.get(write_url))
    form = {"subject": text.field("subject")["value"], "message": text.part("textarea[name=message]").text}
    review = as_organiser.post(write_url, form)
    page = parse(as_organiser.get(review.url))
    assert "Nor does the button" in page.text
    campaign = Campaign.objects.get()
    sent = as_organiser.post(f"/admin/voting/campaign/{campaign.pk}/approve/", {"version": 1}, follow=True)
    assert parse(sent).messages == ["The email will be sent to 1 person."]
    dispatch_due()
    assert len(invitations_to("ada@example.org")) == 1
    assert "invited" in rows(as_organiser.get(url))[0][3]


def test_a_text_of_ones_own_needs_another_organiser(organiser, conference):
    make_entry(conference)
    with pytest.raises(ValidationError, match="another organiser has to approve it"):
        approve(write(conference, organiser, message="My own words."), organiser)


def test_the_invitation_is_sent_again_to_one(as_organiser, organiser, conference, url):
    imported(conference, "ada@example.org\ngrace@example.org")
    campaign = invite(conference, organiser)
    sent_an_hour_ago()
    entry = RosterEntry.objects.get(mailbox="ada@example.org")
    buttons = parse(as_organiser.get(url)).attributes("form[action*=invitations]", "action")
    assert buttons[0].split("?")[0] == send_url(entry)
    answer = as_organiser.post(send_url(entry), follow=True)
    assert parse(answer).messages == ["The invitation is on its way to ada@example.org."]
    dispatch_due()
    first, again = invitations_to("ada@example.org")
    assert first.body.partition("http")[0] == again.body.partition("http")[0]
    assert first.extra_headers["Message-ID"] != again.extra_headers["Message-ID"]
    assert len(invitations_to("grace@example.org")) == 1
    campaign.refresh_from_db()
    assert campaign.status == "sent"
    assert "Invitation to join sent again" in AdminAct.objects.first().what


def test_sending_again_from_a_search_leads_back_to_it(as_organiser, organiser, conference, url):
    make_entry(conference)
    invite(conference, organiser)
    sent_an_hour_ago()
    [button] = parse(as_organiser.get(f"{url}?q=ada&state=invited")).attributes(
        "form[action*=invitations]", "action"
    )
    assert as_organiser.post(button).url == f"{url}?q=ada&state=invited"


def test_one_who_was_listed_later_is_invited_alone(client, organiser, conference):
    make_entry(conference)
    invite(conference, organiser)
    grace = make_entry(conference, "grace@example.org")
    assert resend_invitation(entry=grace, by=Actor(organiser)) is Change.MADE
    dispatch_due()
    [message] = invitations_to("grace@example.org")
    assert client.post(link_in(message), FORM).status_code == 302
    assert RosterEntry.objects.get(pk=grace.pk).state == "joined"


def test_one_whose_address_was_corrected_gets_it_there(organiser, conference):
    entry = make_entry(conference)
    invite(conference, organiser)
    sent_an_hour_ago()
    RosterEntry.objects.filter(pk=entry.pk).update(mailbox="right@example.org", email="right@example.org")
    resend_invitation(entry=RosterEntry.objects.get(), by=Actor(organiser))
    dispatch_due()
    assert len(invitations_to("right@example.org")) == 1


def test_what_waits_already_is_not_sent_twice(organiser, conference):
    entry = make_entry(conference)
    invite(conference, organiser)
    sent_an_hour_ago()
    Delivery.objects.update(status="queued")
    assert resend_invitation(entry=entry, by=Actor(organiser)) is Change.NONE
    assert Delivery.objects.get().resends == 0


def joined(conference, entry):
    RosterEntry.objects.update(membership=make_membership(conference))


def unsubscribed(conference, entry):
    subscriptions.unsubscribe_mailbox(digest=mailbox_digest("ada@example.org"), by=Actor(None))


def undeliverable(conference, entry):
    UndeliverableAddress.objects.create(address="ada@example.org", answer="550")


def second_address(conference, entry):
    RosterEntry.objects.filter(pk=make_entry(conference, "ada+1@example.org").pk).update(
        membership=make_membership(conference)
    )


def removed(conference, entry):
    remove_entry(entry=entry, reason="Returned", by=BY_COMMAND)


def paused(conference, entry):
    Campaign.objects.update(status="paused")


def inactive(conference, entry):
    type(conference).objects.update(status="inactive")


def just_sent(conference, entry):
    Delivery.objects.update(sent_at=timezone.now())


def stopped(conference, entry):
    Campaign.objects.update(status="stopped")


REFUSALS = [
    (joined, "This person has already joined."),
    (unsubscribed, "its owner does not want such emails"),
    (undeliverable, "a mail server has refused it"),
    (removed, "removed from the roster"),
    (second_address, "has the same mailbox as ada+1@example.org"),
    (paused, "is paused"),
    (stopped, "No invitation has been approved yet."),
    (inactive, "The conference is not active."),
    (just_sent, "just now"),
]


@pytest.mark.parametrize(("before", "words"), REFUSALS)
def test_what_cannot_be_sent_to_one_is_refused_in_words(as_organiser, organiser, conference, before, words):
    entry = make_entry(conference)
    invite(conference, organiser)
    sent_an_hour_ago()
    before(conference, entry)
    answer = as_organiser.post(send_url(entry), follow=True)
    assert [said for said in parse(answer).messages if words in said]
    assert Delivery.objects.get().status == "sent"


def test_it_says_who_cannot_be_reached(as_organiser, organiser, conference, url):
    imported(conference, "ada@example.org\ngrace@example.org\nlena@example.org")
    undeliverable(conference, None)
    subscriptions.unsubscribe_mailbox(digest=mailbox_digest("grace@example.org"), by=Actor(None))
    first, second, third = rows(as_organiser.get(url))
    assert "There is no such mailbox." in first[3]
    assert "Does not want invitations." in second[3]
    assert third[3].startswith("listed")


@pytest.mark.parametrize("permissions", [[], ["change_conference"], ["review_campaign"]])
def test_others_can_send_nothing(client, organiser, conference, url, permissions):
    entry = make_entry(conference)
    invite(conference, organiser)
    staff = make_user("staff@example.org", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    log_in_freshly(client, staff)
    assert client.post(send_url(entry)).status_code == 403
    if "change_conference" in permissions:
        page = parse(client.get(url))
        assert not page.has("#invitations")
        assert not page.has("form[action*=invitations]")


def test_an_entry_of_another_conference_does_not_exist(as_organiser, organiser, conference):
    entry = make_invited(make_conference())
    url = f"/admin/voting/campaign/invitations/{conference.pk}/{entry.pk}/"
    assert as_organiser.post(url).status_code == 404
    assert as_organiser.get(url).status_code == 405


# Unsubscribing, without an account.


@pytest.fixture
def unsubscribe_url(conference, organiser):
    make_entry(conference)
    invite(conference, organiser)
    [message] = invitations_to("ada@example.org")
    return urlsplit(message.extra_headers["List-Unsubscribe"].strip("<>")).path


def wants(conference):
    RosterEntry.objects.update(invited_at=None)
    return count_recipients(campaign_to_be(conference=conference, kind="invitation")) == 1


@pytest.mark.parametrize("method", ["get", "head"])
def test_following_the_link_to_unsubscribe_asks_and_never_acts(client, conference, unsubscribe_url, method):
    assert getattr(client, method)(unsubscribe_url).status_code == 200
    assert wants(conference)


def test_one_click_unsubscribes_from_all_conferences(client, conference, unsubscribe_url):
    other = make_conference()
    make_entry(other)
    answer = client.post(unsubscribe_url, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert not wants(conference)
    assert not wants(other)


def test_who_unsubscribed_can_come_back(client, conference, unsubscribe_url):
    page = parse(client.post(unsubscribe_url, {"wish": "all"}, follow=True))
    assert "will not get any more invitations" in page.text
    assert not wants(conference)
    client.post(unsubscribe_url, {"wish": "subscribe"})
    assert wants(conference)


def test_who_unsubscribed_can_still_accept(client, conference, unsubscribe_url):
    client.post(unsubscribe_url, {"wish": "all"})
    [message] = invitations_to("ada@example.org")
    assert client.post(link_in(message), FORM).status_code == 302


def test_the_link_to_unsubscribe_works_after_the_entry_has_another_address(
    client, conference, unsubscribe_url
):
    RosterEntry.objects.update(mailbox="other@example.org")
    client.post(unsubscribe_url, {"List-Unsubscribe": "One-Click"})
    assert wants(conference)
    RosterEntry.objects.update(mailbox="ada@example.org")
    assert not wants(conference)

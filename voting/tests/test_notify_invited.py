"""Those who were invited and have not joined hear whether and when it takes place, and until when to vote."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.utils import timezone

from accounts.actors import Actor
from accounts.tests.factories import make_user
from confbox.kit.tests.page import parse
from conferences.changes.actions import (
    cancel_conference,
    move_conference,
    reinstate_conference,
    unpublish_conference,
)
from conferences.local_times import in_zone
from conferences.models import Conference, RosterEntry
from conferences.tests.factories import make_membership, update_elections
from conferences.tests.rosters.entries import make_entry
from voting.campaigns.models import Campaign
from voting.campaigns.sending.dispatch import begin_campaign
from voting.campaigns.subscriptions.models import UndeliverableAddress, Unsubscription
from voting.elections.window import close_early, move_deadline
from voting.tests.campaigns import dispatch_due
from voting.tests.invitations import link_in, make_invited

pytestmark = pytest.mark.django_db
STORM = "A storm has closed the airport."
DAY = timedelta(days=1)


def cancel(conference, by):
    return cancel_conference(conference=conference, reason=STORM, by=by)


def move(conference, by):
    dates = {"starts_at": conference.starts_at + DAY, "ends_at": conference.ends_at + DAY}
    return move_conference(conference=conference, place="Lyon", reason=STORM, by=by, **dates)


def in_hours(number):
    return (timezone.now() + timedelta(hours=number)).replace(second=0, microsecond=0)


def bring_forward(conference, by):
    found = Conference.objects.get(pk=conference.pk)
    return move_deadline(conference=found, closes_at=in_hours(5), reason=STORM, by=by)


def put_off(conference, by):
    found = Conference.objects.get(pk=conference.pk)
    return move_deadline(conference=found, closes_at=in_hours(48), reason=STORM, by=by)


def close(conference, by):
    return close_early(conference=Conference.objects.get(pk=conference.pk), reason=STORM, by=by)


def reinstate(conference, by):
    cancel(conference, by)
    dispatch_due()
    mail.outbox.clear()
    return reinstate_conference(conference=conference, reason=STORM, by=by)


ACTS = {
    cancel: "Open Conf is cancelled",
    move: "Open Conf has moved",
    reinstate: "Open Conf takes place after all",
    bring_forward: "The voting deadline at Open Conf was moved",
    put_off: "The voting deadline at Open Conf was moved",
    close: "Voting at Open Conf was closed early",
}
WINDOW_ACTS = (bring_forward, put_off, close)
every_act = pytest.mark.parametrize("act", ACTS)
every_window_act = pytest.mark.parametrize("act", WINDOW_ACTS)
TO_INVITED = ["changeinvite", "windowinvite"]


def sent():
    dispatch_due()
    return {message.to[0]: message for message in mail.outbox}


@every_act
def test_who_was_invited_by_email_and_has_not_joined_is_notified_once(conference, organiser, client, act):
    make_invited(conference)
    for _ in range(2):
        act(conference, Actor(organiser))
    dispatch_due()
    (message,) = [each for each in mail.outbox if each.to == ["ada@example.org"]]
    assert message.subject == ACTS[act]
    assert STORM in message.body
    assert message.attachments == []
    assert "List-Unsubscribe" in message.extra_headers
    assert parse(client.get(link_in(message))).mentions("Open Conf")


BUTTONS = {cancel: "See what has become of your invitation", move: "See your invitation"}


@pytest.mark.parametrize("act", BUTTONS)
def test_its_button_says_what_its_page_shows(conference, organiser, client, act):
    make_invited(conference)
    act(conference, Actor(organiser))
    message = sent()["ada@example.org"]
    assert f"{BUTTONS[act]}: " in message.body
    page = parse(client.get(link_in(message))).part("#invitation")
    assert ("This conference is cancelled." in page.text) is (act is cancel)


def test_message_after_cancelling_names_those_who_were_invited(conference, as_organiser):
    make_invited(conference)
    url = f"/admin/conferences/conference/{conference.pk}/cancel/"
    page = parse(as_organiser.post(url, {"reason": STORM}, follow=True))
    assert (
        "1 person who was invited and has not joined gets an email as well." in page.part(".messagelist").text
    )


def test_message_after_cancelling_names_no_one_who_was_not_invited(conference, as_organiser):
    url = f"/admin/conferences/conference/{conference.pk}/cancel/"
    page = parse(as_organiser.post(url, {"reason": STORM}, follow=True))
    assert "invited" not in page.part(".messagelist").text


@every_act
def test_a_member_gets_one_email_and_those_not_invited_get_none(conference, organiser, alice, act):
    joined = make_invited(conference, alice.user.email)
    RosterEntry.objects.filter(pk=joined.pk).update(membership=alice)
    make_entry(conference, "listed@example.org")
    removed = make_invited(conference, "removed@example.org")
    RosterEntry.objects.filter(pk=removed.pk).update(removed_at=timezone.now())
    act(conference, Actor(organiser))
    dispatch_due()
    assert [message.to for message in mail.outbox] == [[alice.user.email]]


def left(conference):
    gone = make_membership(conference, user=make_user("ada@example.org"), left_at=timezone.now())
    RosterEntry.objects.update(membership=gone)


def opted_out(conference):
    make_user("ada@example.org", receives_campaigns=False)


def switched_notices_off(conference):
    make_user("ada@example.org", receives_notices=False)


def unsubscribed(conference):
    Unsubscription.objects.create(user=make_user("ada@example.org"), conference=conference)


def undeliverable(conference):
    UndeliverableAddress.objects.create(address="ada@example.org")


every_end = pytest.mark.parametrize(
    "end", [left, opted_out, switched_notices_off, unsubscribed, undeliverable]
)


@every_end
@pytest.mark.parametrize("act", [cancel, put_off])
def test_who_left_or_wants_or_can_get_no_emails_is_left_alone(conference, organiser, act, end):
    make_invited(conference)
    end(conference)
    act(conference, Actor(organiser))
    assert sent() == {}
    assert not Campaign.objects.filter(kind__in=TO_INVITED).exists()


@every_end
@pytest.mark.parametrize("act", [cancel, put_off])
def test_who_left_or_wants_no_emails_by_the_time_it_is_sent_gets_none(conference, organiser, act, end):
    make_invited(conference)
    act(conference, Actor(organiser))
    notice = Campaign.objects.get(kind__in=TO_INVITED)
    begin_campaign(notice)
    end(conference)
    assert sent() == {}
    assert notice.deliveries.get().status == "skipped"


def test_its_link_to_unsubscribe_ends_these_emails(conference, organiser, client):
    make_invited(conference)
    bring_forward(conference, Actor(organiser))
    link = sent()["ada@example.org"].extra_headers["List-Unsubscribe"].strip("<>")
    client.post(urlsplit(link).path, {"List-Unsubscribe": "One-Click"})
    mail.outbox.clear()
    put_off(conference, Actor(organiser))
    assert sent() == {}


@every_window_act
def test_who_could_not_vote_any_more_hears_nothing_of_the_deadline(as_organiser, conference, organiser, act):
    make_invited(conference)
    update_elections(conference, who_votes="members", late_joiners="may_not_vote")
    path = "close" if act is close else "move-deadline"
    assert "invited" not in parse(as_organiser.get(f"/admin/voting/votes/{conference.pk}/{path}/")).text
    act(conference, Actor(organiser))
    assert sent() == {}


def test_when_it_takes_place_after_all_they_read_until_when_they_can_vote(conference, organiser):
    make_invited(conference)
    reinstate(conference, Actor(organiser))
    closes_at = Conference.objects.get(pk=conference.pk).election.closes_at
    assert in_zone(conference, closes_at) in sent()["ada@example.org"].body


def test_who_joins_before_it_is_sent_gets_that_of_members_alone(conference, organiser, alice):
    make_invited(conference)
    cancel(conference, Actor(organiser))
    RosterEntry.objects.update(membership=alice)
    assert list(sent()) == [alice.user.email]


def test_who_was_invited_hears_nothing_of_a_page_that_they_cannot_open(conference, organiser):
    make_invited(conference)
    update_elections(closes_at=timezone.now())
    unpublish_conference(conference=conference, reason=STORM, by=Actor(organiser))
    assert sent() == {}


@pytest.mark.parametrize("path", ["move", "cancel"])
def test_the_page_of_the_act_says_how_many_were_invited(as_organiser, conference, path):
    make_invited(conference)
    make_invited(conference, "ben@example.org")
    page = parse(as_organiser.get(f"/admin/conferences/conference/{conference.pk}/{path}/"))
    assert "2 people who were invited and have not joined get an email as well." in page.text


def test_a_conference_to_which_people_were_invited_is_moved_by_the_act_that_notifies_them(
    as_organiser, conference
):
    path = f"/admin/conferences/conference/{conference.pk}/change/"
    assert not parse(as_organiser.get(path)).has("[name=starts_at][disabled]")
    make_invited(conference)
    assert parse(as_organiser.get(path)).has("[name=starts_at][disabled]")


@pytest.mark.parametrize("path", ["move-deadline", "close"])
def test_who_changes_the_deadline_reads_how_many_were_invited(as_organiser, conference, path):
    make_invited(conference)
    url = f"/admin/voting/votes/{conference.pk}/{path}/"
    shown = as_organiser.get(url)
    if path == "move-deadline":
        seen = shown.context["panel"].facts["form"]["seen"].value()
        later = f"{timezone.now() + timedelta(hours=5):%Y-%m-%dT%H:%M}"
        shown = as_organiser.post(url, {"closes_at": later, "reason": STORM, "seen": seen})
    assert "1 person who was invited and has not joined gets an email as well." in parse(shown).text

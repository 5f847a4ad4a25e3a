from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core import mail
from django.utils import timezone

from accounts.actors import Actor
from accounts.tests.factories import PASSWORD, log_in_freshly, make_organiser, make_user
from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of
from conferences.models import Membership
from conferences.tests.factories import make_membership
from voting.campaigns import actions
from voting.campaigns.kinds.registry import KINDS
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.sending.dispatch import begin_campaign
from voting.desk.campaign_panels import RECIPIENTS_PANEL
from voting.elections.election.models import Election
from voting.tests.campaigns import approve, dispatch_due, make_campaign
from voting.tests.factories import make_pitch, make_vote

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(alice):
    return make_campaign(alice)


def url(campaign, page="change"):
    return f"/admin/voting/campaign/{campaign.pk}/{page}/"


def status(campaign):
    return Campaign.objects.values_list("status", flat=True).get(pk=campaign.pk)


def decide(client, campaign, page, **typed):
    answer = client.post(url(campaign, page), typed, follow=True)
    return parse(answer)


def test_queue_shows_waiting_requests_oldest_first(as_organiser, alice, bob, carol):
    make_campaign(bob, subject="Second", requested_at=timezone.now() - timedelta(hours=1))
    make_campaign(carol, subject="First", requested_at=timezone.now() - timedelta(hours=2))
    make_campaign(alice, subject="Decided", status="sent")
    page = parse(as_organiser.get("/admin/voting/campaign/"))
    assert page.text.index("First") < page.text.index("Second")
    assert not page.mentions("Decided")


@pytest.mark.parametrize("page", ["", "?page=2"])
def test_review_shows_the_email_with_the_organisers_own_name(as_organiser, campaign, bob, page):
    shown = parse(as_organiser.get(url(campaign) + page))
    assert "Hello Organiser," in shown.text
    assert not shown.mentions(bob.user.email)
    assert not shown.mentions("Hello Bob,")


# The other kinds are of a change, which the site writes; no one reviews them.
@pytest.mark.parametrize(
    "kind",
    sorted({*KINDS} - {"window", "conference", "changeinvite", "windowinvite", "merged", "steppeddown"}),
)
def test_no_preview_has_a_link_that_unsubscribes_anyone(as_organiser, campaign, kind):
    Campaign.objects.update(kind=kind, **({} if kind == "promotion" else {"candidate": None}))
    for page in ("change", "mail"):
        assert not parse(as_organiser.get(url(campaign, page))).mentions("/unsubscribe/")


def test_pages_of_a_campaign_are_headed_by_the_conference_like_its_other_tabs(as_organiser, campaign):
    for name in ("change", "edit", "approve", "refuse"):
        page = parse(as_organiser.get(url(campaign, name)))
        assert page.heading == campaign.conference.title
        assert page.texts("h2")[0] == campaign.subject
        assert page.title.startswith(f"Campaigns › {campaign.subject}")


@pytest.mark.parametrize("kind", ["reminder", "candidates", "invitation"])
def test_page_to_write_an_email_is_headed_by_the_conference(as_organiser, conference, kind):
    page = parse(as_organiser.get(f"/admin/voting/campaign/announce/{conference.pk}/{kind}/"))
    assert page.heading == conference.title
    assert page.texts("h2").count(conference.title) == 0
    assert page.texts("h2")[0] == KINDS[kind].label


def test_there_is_no_page_of_the_email_of_one_recipient(as_organiser, campaign, bob):
    assert as_organiser.get(url(campaign, f"mail/{bob.pk}")).status_code == 404


def test_html_part_is_shown_in_a_frame_that_runs_nothing(as_organiser, campaign):
    answer = as_organiser.get(url(campaign, "mail"))
    assert "Hello Organiser," in parse(answer).text
    assert "script-src 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


def test_confirmation_names_the_number(as_organiser, campaign, bob):
    assert "Approve for 2 members" in parse(as_organiser.get(url(campaign, "approve"))).buttons


def test_organiser_approves_and_the_requester_is_notified(as_organiser, campaign, bob, alice):
    page = decide(as_organiser, campaign, "approve", version=1)
    assert "Approved for 2 members." in page.text
    assert status(campaign) == "approved"
    assert mail.outbox[-1].to == [alice.user.email]


def test_approval_for_later_waits_for_its_time(as_organiser, campaign):
    later = (timezone.now() + timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M")
    decide(as_organiser, campaign, "approve", version=1, send_at=later)
    dispatch_due()
    assert status(campaign) == "approved"


def test_time_that_has_passed_is_refused(as_organiser, campaign):
    page = decide(as_organiser, campaign, "approve", version=1, send_at="2020-01-01T10:00")
    assert "This time has passed." in page.text
    assert status(campaign) == "requested"


def test_time_years_ahead_is_taken_for_a_slip(as_organiser, campaign):
    page = decide(as_organiser, campaign, "approve", version=1, send_at="2072-01-01T10:00")
    assert "This is more than two years ahead. Please check the year." in page.text
    assert status(campaign) == "requested"


@pytest.mark.parametrize("send_at", ["soon", "2026-02-30T10:00", "9999-01-01T00:00", "\0"])
def test_nonsense_time_is_refused(as_organiser, campaign, send_at):
    decide(as_organiser, campaign, "approve", version=1, send_at=send_at)
    assert status(campaign) == "requested"


def test_text_changed_since_it_was_read_is_not_approved(as_organiser, campaign):
    actions.change_campaign(
        campaign=campaign, subject="Something else", message="Ha!", by=Actor(campaign.requested_by)
    )
    assert (
        "The text has changed since you read it." in decide(as_organiser, campaign, "approve", version=1).text
    )
    assert status(campaign) == "requested"


@pytest.mark.parametrize(
    "state", ["approved", "sending", "paused", "sent", "stopped", "refused", "withdrawn"]
)
def test_decided_campaign_is_not_approved_again(as_organiser, campaign, state):
    Campaign.objects.update(status=state)
    page = decide(as_organiser, campaign, "approve", version=1)
    assert "Nothing was changed: the status of this campaign is already" in page.text
    assert status(campaign) == state


def test_second_organiser_is_notified_that_another_was_first(as_organiser, campaign, client, roles):
    decide(as_organiser, campaign, "approve", version=1)
    log_in_freshly(client, make_organiser("second@example.org"))
    page = decide(client, campaign, "refuse", reason="No.")
    assert "Nothing was changed: the status of this campaign is already “Approved”." in page.text
    assert status(campaign) == "approved"


def test_organiser_cannot_approve_their_own(as_organiser, organiser, conference):
    own = make_campaign(make_membership(conference, user=organiser))
    assert (
        "You cannot approve a campaign for yourself." in decide(as_organiser, own, "approve", version=1).text
    )
    assert status(own) == "requested"


def test_candidate_who_left_is_not_promoted(as_organiser, campaign, alice):
    Membership.objects.filter(pk=alice.pk).update(left_at=timezone.now())
    assert "can no longer be voted for" in decide(as_organiser, campaign, "approve", version=1).text


def test_sending_after_the_close_is_refused(as_organiser, campaign, conference):
    late = (conference.election.closes_at + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    assert (
        "Voting will be over by then"
        in decide(as_organiser, campaign, "approve", version=1, send_at=late).text
    )


def verbs(answer):
    page = parse(answer)
    return page.part("#verbs") if page.has("#verbs") else None


def test_buttons_change_with_what_becomes_of_the_campaign(as_organiser, campaign):
    Campaign.objects.update(status="sending")
    moved = verbs(as_organiser.get(url(campaign, "progress"), {"shown": "approved"}))
    assert moved.attributes("#verbs", "data-hx-swap-oob") == ["true"]
    assert "Pause" in moved.buttons
    assert moved.has_field("csrfmiddlewaretoken")
    Campaign.objects.update(status="sent")
    moved = verbs(as_organiser.get(url(campaign, "progress"), {"shown": "sending"}))
    assert moved
    assert not moved.mentions("Pause")
    assert not moved.mentions("Stop permanently")


def test_buttons_stay_under_a_press_while_they_are_right(as_organiser, campaign):
    Campaign.objects.update(status="sending", started_at=timezone.now())
    page = parse(as_organiser.get(url(campaign)))
    again = page.attributes("[data-hx-get]", "data-hx-get")[0]
    assert "Pause" in page.part("#verbs").buttons
    assert not page.mentions("swap-oob")
    assert verbs(as_organiser.get(again)) is None


def test_an_organiser_who_may_only_look_gets_no_buttons(client, roles, campaign):
    person = make_user("looks@example.org", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_campaign"))
    log_in_freshly(client, person)
    assert verbs(client.get(url(campaign, "progress"), {"shown": "approved"})) is None


def recipients(answer):
    page = parse(answer).part("#recipients")
    return [page.part("dt").text, page.part("dd").text]


def test_recipients_are_counted_until_sending_starts_and_the_sent_from_then_on(
    as_organiser, organiser, campaign, bob
):
    assert recipients(as_organiser.get(url(campaign))) == ["Recipients now", "2"]
    approve(campaign, organiser)
    assert recipients(as_organiser.get(url(campaign, "progress"))) == ["Recipients now", "2"]
    campaign.refresh_from_db()
    begin_campaign(campaign)
    assert recipients(as_organiser.get(url(campaign, "progress"))) == ["Sent so far", "0 of 2"]
    dispatch_due()
    assert recipients(as_organiser.get(url(campaign))) == ["Sent", "2 of 2"]


def test_what_was_refused_has_no_recipients(as_organiser, campaign):
    decide(as_organiser, campaign, "refuse", reason="Too loud")
    assert recipients(as_organiser.get(url(campaign))) == ["Recipients", "none: it was not sent"]


def test_recipients_of_a_secret_audience_are_never_counted(as_organiser, organiser, conference, bob):
    reminder = Campaign.objects.create(conference=conference, kind="reminder", requested_by=organiser)
    for started_at in (None, timezone.now()):
        Campaign.objects.filter(pk=reminder.pk).update(started_at=started_at)
        assert recipients(as_organiser.get(url(reminder))) == [
            "Recipients",
            "Members who have not voted by the time it is sent",
        ]


def test_every_state_of_the_recipients_has_a_template():
    shown = {"expected", "sending", "finished", "never_sent", "secret"}
    assert states_of(RECIPIENTS_PANEL) == shown


def test_refusal_needs_a_reason(as_organiser, campaign):
    page = decide(as_organiser, campaign, "refuse", reason="   ")
    assert page.attributes(".desk-errors a", "href") == ["#id_reason"]
    assert status(campaign) == "requested"
    decide(as_organiser, campaign, "refuse", reason="Too long.")
    assert status(campaign) == "refused"


def test_edit_is_shown_as_a_difference(as_organiser, campaign):
    page = decide(as_organiser, campaign, "edit", version=1, subject="Why Alice should speak", message="Hm.")
    assert (page.texts("del")[0], page.texts("ins")[0]) == ("I", "Alice")


def test_edit_of_a_stale_text_is_refused_and_keeps_what_was_typed(as_organiser, campaign):
    actions.change_campaign(campaign=campaign, subject="New", message="New", by=Actor(campaign.requested_by))
    page = decide(as_organiser, campaign, "edit", version=1, subject="Mine", message="Typed long.")
    assert "The text has changed since you read it." in page.text
    assert "Typed long." in page.text


def test_approved_text_is_frozen(as_organiser, campaign, organiser):
    approve(campaign, organiser)
    decide(as_organiser, campaign, "edit", version=1, subject="Another", message="Text")
    campaign.refresh_from_db()
    assert campaign.subject == "Why I should speak"


def test_pause_resume_and_stop(as_organiser, campaign, bob):
    Campaign.objects.update(status="sending", started_at=timezone.now())
    Delivery.objects.create(campaign=campaign, recipient=bob)
    seen = []
    for page in ("pause", "resume", "stop"):
        decide(as_organiser, campaign, page, reason="Enough.")
        seen.append(status(campaign))
    assert seen == ["paused", "sending", "stopped"]
    assert Delivery.objects.get().status == "skipped"


@pytest.mark.parametrize("page", ["pause", "resume", "settle"])
def test_get_changes_nothing(as_organiser, campaign, page):
    assert as_organiser.get(url(campaign, page)).status_code == 405


@pytest.mark.parametrize("wish", ["again", "leave"])
def test_organiser_settles_the_uncertain(as_organiser, campaign, bob, wish):
    Campaign.objects.update(status="sent", started_at=timezone.now())
    Delivery.objects.create(campaign=campaign, recipient=bob, status="uncertain")
    decide(as_organiser, campaign, "settle", wish=wish)
    dispatch_due()
    assert Delivery.objects.get().status == {"again": "sent", "leave": "skipped"}[wish]
    assert status(campaign) == "sent"


def test_failures_are_listed_with_addresses(as_organiser, campaign, bob):
    Campaign.objects.update(status="sent", started_at=timezone.now())
    Delivery.objects.create(campaign=campaign, recipient=bob, status="failed", error="550 no such user")
    page = parse(as_organiser.get(url(campaign)))
    assert bob.user.email in page.texts("td")
    assert "550 no such user" in page.text


@pytest.mark.parametrize("page", ["change", "approve", "refuse", "edit", "stop", "progress", "mail"])
def test_members_are_kept_out(as_alice, campaign, page):
    assert as_alice.get(url(campaign, page)).status_code in (302, 403)


def test_staff_without_the_permission_may_not_decide(client, campaign, roles, stranger):
    stranger.is_staff = True
    stranger.save()
    log_in_freshly(client, stranger)
    assert client.post(url(campaign, "approve"), {"version": 1}).status_code == 403


def announce(client, conference, kind, **typed):
    text = KINDS[kind].draft.text_for(conference)
    return parse(
        client.post(f"/admin/voting/campaign/announce/{conference.pk}/{kind}/", text | typed, follow=True)
    )


def test_combined_email_carries_every_pitch(as_organiser, conference, alice, bob, carol):
    make_pitch(alice, headline="Robots")
    make_pitch(bob, headline="Bread")
    announce(as_organiser, conference, "candidates", pitches=[alice.pk])
    campaign = Campaign.objects.get()
    assert [p["headline"] for p in campaign.pitches] == ["Robots", "Bread"]
    decide(as_organiser, campaign, "approve", version=1)
    dispatch_due()
    assert "Robots" in mail.outbox[-1].body
    assert "Bread" in mail.outbox[-1].body


def test_combined_email_needs_a_pitch(as_organiser, conference, alice):
    page = announce(as_organiser, conference, "candidates")
    assert "No candidate has a pitch" in page.text
    assert not Campaign.objects.exists()


def test_reminder_goes_to_those_who_have_not_voted(as_organiser, conference, alice, bob):
    make_vote(alice, bob)
    announce(as_organiser, conference, "reminder")
    decide(as_organiser, Campaign.objects.get(), "approve", version=1)
    dispatch_due()
    assert [m.to[0] for m in mail.outbox] == [bob.user.email]


@pytest.mark.parametrize("kind", ["candidates", "reminder"])
def test_after_the_close_no_email_that_asks_for_votes_is_written(as_organiser, conference, bob, kind):
    make_pitch(bob)
    desk, path = (
        f"/admin/voting/campaign/?conference__id__exact={conference.pk}",
        f"/announce/{conference.pk}/{kind}/",
    )
    assert any(link.endswith(path) for link in parse(as_organiser.get(desk)).links)
    Election.objects.update(closes_at=timezone.now())
    assert not parse(as_organiser.get(desk)).mentions(path)
    page = parse(as_organiser.get(f"/admin/voting/campaign{path}"))
    assert "Voting is over, so the email would come too late." in page.text
    assert not page.has_field("subject")
    announce(as_organiser, conference, kind, pitches=[bob.pk])
    assert not Campaign.objects.exists()


def test_second_reminder_is_refused_by_default(as_organiser, conference, alice):
    announce(as_organiser, conference, "reminder")
    assert (
        "This conference allows 1 reminder, and it has been used."
        in announce(as_organiser, conference, "reminder").text
    )
    Election.objects.update(reminder_limit=2)
    announce(as_organiser, conference, "reminder")
    assert Campaign.objects.count() == 2


def test_unknown_kind_is_not_found(as_organiser, conference):
    for kind in ("promotion", "nonsense"):
        answer = as_organiser.get(f"/admin/voting/campaign/announce/{conference.pk}/{kind}/")
        assert answer.status_code == 404


def test_logging_in_again_says_why_and_keeps_when_to_send(client, organiser, campaign):
    later = (timezone.now() + timedelta(hours=5)).replace(second=0, microsecond=0)
    typed = later.astimezone(campaign.conference.zone).strftime("%Y-%m-%dT%H:%M")
    log_in_freshly(client, organiser)
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        asked = client.post(url(campaign, "approve"), {"version": 1, "send_at": typed})
        page = parse(client.get(asked.url))
        assert page.texts("#why-again") == ["You are about to send an email to 1 person."]
        assert page.mentions("What you entered is kept")
        assert page.mentions("You logged in more than five minutes ago.")
        assert "Log in and continue" in page.buttons
        client.post(asked.url, {"password": PASSWORD})
    campaign.refresh_from_db()
    assert (campaign.status, campaign.send_at) == ("approved", later)


@pytest.mark.parametrize("path", ["conferences/membership", "voting/campaign"])
def test_lists_of_one_conference_do_not_repeat_it_in_each_row(as_organiser, conference, alice, path):
    make_campaign(alice)
    for query, is_repeated in (("", True), (f"?conference__id__exact={conference.pk}", False)):
        page = parse(as_organiser.get(f"/admin/{path}/{query}"))
        assert page.has("#result_list tbody tr")
        assert page.has("#result_list .field-conference") == is_repeated

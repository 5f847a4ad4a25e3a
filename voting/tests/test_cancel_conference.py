"""Cancelling a conference and the way back: what members read, what becomes of the vote, who is notified."""

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone
from icalendar import Calendar

from accounts.actors import Actor
from accounts.models import AdminAct, User
from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.tests.page import parse
from conferences.actions import deactivate_conference, join_conference, publish_conference
from conferences.changes.actions import cancel_conference, move_conference, reinstate_conference
from conferences.local_times import in_zone
from conferences.models import Conference, ConferenceChange, Role
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.teams import make_team_member
from conferences.tests.test_feed import feed_of, titles
from voting.campaigns.models import Campaign
from voting.campaigns.sending.dispatch import begin_campaign
from voting.elections import actions
from voting.elections.models import Decision, Vote, WindowChange
from voting.elections.receipts.actions import publish_closed_ballots
from voting.elections.receipts.models import PublishedBallots
from voting.tests.campaigns import dispatch_due, make_campaign
from voting.tests.consent import make_case
from voting.tests.factories import close_and_decide, close_by_clock, make_vote

pytestmark = pytest.mark.django_db
STORM, CALM = "A storm has closed the airport.", "The airport is open again."
PAGE = "/admin/conferences/conference/{}/cancel/"
BACK = "/admin/conferences/conference/{}/reinstate/"
HOUR = timedelta(hours=1)


@pytest.fixture
def cancel(conference, organiser):
    def cancel(*, reason=STORM, by=organiser, found=conference):
        return cancel_conference(conference=found, reason=reason, by=Actor(by))

    return cancel


@pytest.fixture
def reinstate(conference, organiser):
    return lambda reason=CALM: reinstate_conference(conference=conference, reason=reason, by=Actor(organiser))


def stored():
    return Conference.objects.as_of_now().select_related("election").get(slug="open-conf")


def cancelled_for(hours):
    """As if the conference had been cancelled so long ago, while voting was open."""
    Conference.objects.update(stopped_at=timezone.now() - hours * HOUR)
    update_elections(opens_at=timezone.now() - (hours + 1) * HOUR)


def overview_of(client, conference):
    return parse(client.get(f"/admin/conferences/conference/{conference.pk}/"))


def test_overview_says_why_when_and_by_whom_and_asks_for_nothing(cancel, as_organiser, conference):
    assert overview_of(as_organiser, conference).has("#checklist")
    change = cancel()
    page = overview_of(as_organiser, conference)
    for words in (STORM, str(change.by), in_zone(conference, change.at)):
        assert words in page.part("#cancelled").text
    assert not page.has("#checklist")
    assert not page.mentions("Nothing is left")


def test_overview_leads_to_the_way_back_as_long_as_there_is_one(cancel, as_organiser, client, conference):
    cancel()
    assert BACK.format(conference.pk) in overview_of(as_organiser, conference).part("#cancelled").links
    Conference.objects.update(starts_at=timezone.now() - HOUR)
    assert BACK.format(conference.pk) not in overview_of(as_organiser, conference).part("#cancelled").links


def test_overview_of_who_only_reads_has_no_way_back(cancel, client, conference):
    cancel()
    log_in_freshly(client, make_team_member(conference, Role.OBSERVER).person)
    assert overview_of(client, conference).attributes("#cancelled a", "href") == []


def sent_of(change):
    change.refresh_from_db()
    begin_campaign(change.notice)
    dispatch_due()
    return {message.to[0]: message for message in mail.outbox}


# What an organiser does


def test_cancelling_keeps_the_reason_and_is_logged(cancel, organiser):
    change = cancel()
    found = stored()
    assert (found.status, found.stop_reason, found.stopped_at) == ("cancelled", STORM, change.at)
    act = AdminAct.objects.get(act="cancel")
    assert (act.by, act.target, act.reason) == (organiser, "Open Conf", STORM)


def test_each_act_is_one_entry_of_the_audit_log(conference, cancel, reinstate):
    cancel()
    reinstate()
    entries = AdminAct.objects.filter(of_conference=conference.pk).order_by("pk")
    assert list(entries.values_list("act", flat=True)) == ["cancel", "reinstate"]


def test_the_same_request_twice_cancels_once(cancel):
    assert cancel() == cancel()
    assert Campaign.objects.filter(kind="conference").count() == 1


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"status": "draft"}, "a draft that only its team sees"),
        ({"status": "inactive"}, "off the site"),
        ({"status": "cancelled", "stopped_at": timezone.now()}, "already cancelled"),
        ({"starts_in_days": -9}, "is over"),
    ],
)
def test_only_a_published_conference_that_is_not_over_is_cancelled(organiser, columns, sentence):
    conference = make_conference(**columns)
    with pytest.raises(ValidationError, match=sentence):
        cancel_conference(conference=conference, reason=STORM, by=Actor(organiser))
    assert not ConferenceChange.objects.exists()


@pytest.mark.parametrize("reason", ["", " \n"])
def test_a_reason_is_needed(cancel, reason):
    with pytest.raises(ValidationError, match="Please give a reason"):
        cancel(reason=reason)


def test_only_the_page_with_the_reason_undoes_it(cancel, conference, organiser):
    cancel()
    for verb in (publish_conference, deactivate_conference):
        with pytest.raises(ValidationError, match="is cancelled"):
            verb(conference=conference, by=Actor(organiser))
    assert stored().status == "cancelled"


def test_it_takes_place_after_all(cancel, reinstate):
    cancel()
    assert reinstate() == reinstate()
    found = stored()
    assert (found.status, found.stopped_at, found.stop_reason) == ("active", None, CALM)
    assert Campaign.objects.filter(kind="conference").count() == 2


def test_a_conference_that_was_to_start_stays_cancelled(cancel, reinstate):
    cancel()
    Conference.objects.update(starts_at=timezone.now() - HOUR)
    with pytest.raises(ValidationError, match="can no longer be undone"):
        reinstate()


# The vote


def test_a_cancelled_conference_takes_no_vote_and_keeps_those_it_has(cancel, alice, bob, carol):
    make_vote(alice, bob)
    cancel()
    with pytest.raises(ValidationError, match="so voting has ended without a result"):
        actions.cast_vote(slug="open-conf", candidate_id=carol.pk, by=Actor(bob.user))
    with pytest.raises(ValidationError, match="This conference is cancelled"):
        actions.withdraw_vote(conference=stored(), by=Actor(alice.user))
    assert Vote.objects.get().candidate == bob


def test_no_one_joins_a_cancelled_conference(cancel, stranger):
    cancel()
    with pytest.raises(ValidationError, match="is cancelled, so you cannot join"):
        join_conference(conference=stored(), by=Actor(stranger))


def test_a_vote_that_was_cancelled_has_no_result_when_its_deadline_has_passed(cancel, alice, bob):
    make_vote(alice, bob)
    cancel()
    cancelled_for(hours=30)
    update_elections(closes_at=timezone.now() - HOUR)
    assert publish_closed_ballots() == []
    assert stored().election.state() == "cancelled"


def test_a_vote_that_had_closed_before_is_counted(cancel, alice, bob):
    make_vote(alice, bob)
    update_elections(closes_at=timezone.now() - HOUR)
    cancel()
    assert len(publish_closed_ballots()) == 1
    assert stored().election.state() == "closed"


def test_a_cancelled_conference_gets_no_speaker(cancel, conference, organiser, alice, bob):
    make_vote(alice, bob)
    update_elections(closes_at=timezone.now() - HOUR)
    cancel()
    with pytest.raises(ValidationError, match="is cancelled, so it has no speaker"):
        actions.decide_speaker(conference=conference, candidate=bob, by=Actor(organiser))
    assert not Decision.objects.exists()


def test_page_to_choose_the_speaker_tells_no_votes_of_a_cancelled_vote(
    cancel, conference, as_organiser, organiser, alice, bob
):
    """They count on if it takes place after all."""
    make_vote(alice, bob)
    cancel()
    log_in_freshly(as_organiser, organiser)
    response = as_organiser.get(f"/admin/voting/votes/{conference.pk}/decide/{bob.pk}/", follow=True)
    assert response.redirect_chain
    page = parse(response)
    assert "This conference is cancelled, so it has no speaker." in page.text
    assert "of 1 votes" not in page.text


def test_who_was_chosen_before_cannot_accept_but_can_decline(
    cancel, conference, organiser, alice, bob, client
):
    make_vote(alice, bob)
    update_elections(closes_at=timezone.now() - HOUR)
    actions.decide_speaker(conference=conference, candidate=bob, by=Actor(organiser))
    cancel()
    client.force_login(bob.user)
    page = parse(client.post("/conferences/open-conf/results/answer/", {"answer": "accept"}, follow=True))
    assert "This conference is cancelled, so it has no speaker." in page.text
    client.post("/conferences/open-conf/results/answer/", {"answer": "decline"})
    assert Decision.objects.get().answer == "declined"


def test_an_open_vote_gets_back_the_time_for_which_it_was_cancelled(cancel, reinstate, alice, bob):
    make_vote(alice, bob)
    closes = stored().election.closes_at
    cancel()
    cancelled_for(hours=10)
    reinstate()
    found = stored().election
    assert found.is_open()
    assert timedelta(0) <= found.closes_at - closes - 10 * HOUR <= timedelta(minutes=1, seconds=10)
    assert (Vote.objects.count(), PublishedBallots.objects.count()) == (1, 0)
    assert WindowChange.objects.get().closed_before == closes


def test_a_deadline_that_passed_meanwhile_does_not_end_the_vote(cancel, reinstate):
    cancel()
    cancelled_for(hours=20)
    update_elections(closes_at=timezone.now() - 5 * HOUR)
    reinstate()
    left = stored().election.closes_at - timezone.now()
    assert timedelta(hours=14, minutes=59) < left < timedelta(hours=15, minutes=1)


def test_a_vote_that_was_to_open_meanwhile_opens_for_as_long_as_planned(cancel, reinstate):
    cancel()
    Conference.objects.update(stopped_at=timezone.now() - 20 * HOUR)
    update_elections(opens_at=timezone.now() - 15 * HOUR, closes_at=timezone.now() - 5 * HOUR)
    assert stored().election.state() == "cancelled"
    reinstate()
    found = stored().election
    assert found.is_open()
    assert timedelta(0) <= found.closes_at - found.opens_at - 10 * HOUR <= timedelta(minutes=1)


@pytest.mark.parametrize("window", [(24, 48), (-48, -24), None])
def test_a_vote_that_has_lost_nothing_keeps_its_times(cancel, reinstate, window):
    times = [timezone.now() + hours * HOUR for hours in window] if window else [None, None]
    update_elections(opens_at=times[0], closes_at=times[1])
    cancel()
    Conference.objects.update(stopped_at=timezone.now() - 5 * HOUR)
    reinstate()
    found = stored().election
    assert [found.opens_at, found.closes_at] == times
    assert not WindowChange.objects.exists()


def test_a_campaign_that_is_being_sent_is_stopped(cancel, alice):
    campaign = make_campaign(alice, status="approved", send_at=timezone.now())
    begin_campaign(campaign)
    cancel()
    dispatch_due()
    campaign.refresh_from_db()
    assert (campaign.status, campaign.reason) == ("stopped", "The conference is cancelled.")


# Emails


def test_every_member_is_notified_once_in_their_language(cancel, alice, bob):
    User.objects.filter(pk=alice.user_id).update(receives_campaigns=False)
    User.objects.filter(pk=bob.user_id).update(language="de")
    messages = sent_of(cancel())
    dispatch_due()
    assert set(messages) == {alice.user.email, bob.user.email}
    assert len(mail.outbox) == 2
    message = messages[alice.user.email]
    assert message.subject == "Open Conf is cancelled"
    assert STORM in message.body
    assert "Voting has ended without a result." in message.body
    assert "Hello Bob" not in messages[bob.user.email].body


def test_who_reads_that_it_takes_place_after_all_reads_the_new_deadline(cancel, reinstate, alice):
    cancel()
    cancelled_for(hours=10)
    message = sent_of(reinstate())[alice.user.email]
    assert message.subject == "Open Conf takes place after all"
    assert CALM in message.body
    assert "Voting closes on" in message.body


# What people see


@pytest.fixture
def as_reader(cancel, alice, client):
    cancel()

    def log_in(who):
        if who == "member":
            client.force_login(alice.user)
        if who == "stranger":
            client.force_login(make_user("reader@example.org"))
        return client

    return log_in


@pytest.mark.parametrize("who", ["member", "stranger", "visitor"])
def test_the_page_stays_and_says_at_the_top_that_and_why_it_is_cancelled(as_reader, who):
    page = parse(as_reader(who).get("/conferences/open-conf/"))
    assert "This conference is cancelled." in page.part("#cancelled").text
    assert STORM in page.part("#cancelled").text
    assert "voting has ended without a result" in page.part("#voting").text
    assert not page.has("form[action$='/join/']")


def test_a_vote_that_never_opened_is_not_said_to_have_ended(client, alice, cancel):
    update_elections(opens_at=timezone.now() + HOUR)
    cancel()
    client.force_login(alice.user)
    for path, part in (("", "#voting"), ("ballot/", "[aria-labelledby=my-vote-cancelled]")):
        said = parse(client.get(f"/conferences/open-conf/{path}")).part(part).text
        assert "so there is no vote and no speaker is chosen" in said
        assert "ended" not in said


def test_a_vote_that_closed_before_is_not_said_to_be_none(client, alice, cancel):
    close_by_clock(alice.conference)
    cancel()
    client.force_login(alice.user)
    said = parse(client.get("/conferences/open-conf/")).part("#conditions").text
    assert "This conference is cancelled. Voting had closed on" in said
    assert "there is no vote" not in said


def test_page_of_the_result_says_that_the_conference_is_cancelled(as_reader):
    page = parse(as_reader("member").get("/conferences/open-conf/results/"))
    assert STORM in page.part("#cancelled").text


def test_overview_of_a_conference_cancelled_before_its_vote_says_that_there_is_none(
    as_organiser, conference, cancel
):
    update_elections(opens_at=timezone.now() + HOUR)
    cancel()
    page = parse(as_organiser.get(f"/admin/conferences/conference/{conference.pk}/"))
    assert "The conference is cancelled, so there is no vote." in page.part(".overview-state").text


def test_overview_of_a_conference_that_is_cancelled_after_its_vote_says_so(
    as_organiser, conference, organiser, bob, cancel
):
    close_and_decide(conference=conference, candidate=bob, by=organiser, reason="Best")
    cancel()
    page = parse(as_organiser.get(f"/admin/conferences/conference/{conference.pk}/"))
    assert "The conference was cancelled after its vote." in page.part(".overview-state").text


def test_dashboard_leads_to_a_cancelled_conference_and_not_to_its_turnout(as_organiser, conference, cancel):
    cancel()
    links = parse(as_organiser.get("/admin/")).part(".runs").links
    assert not [link for link in links if "turnout" in link]
    assert f"/admin/conferences/conference/{conference.pk}/" in links


@pytest.mark.parametrize("path", ["ballot/", "members/", "pitch/"])
def test_pages_of_members_stay(as_reader, path):
    assert as_reader("member").get(f"/conferences/open-conf/{path}").status_code == 200


def test_the_ballot_shows_no_candidate_to_vote_for(as_reader):
    page = parse(as_reader("member").get("/conferences/open-conf/ballot/"))
    assert "voting has ended without a result" in page.part("[aria-labelledby=my-vote-cancelled]").text
    assert not page.has("form[action$='/vote/']")


@pytest.mark.parametrize("path", ["/", "/me/"])
def test_lists_mark_it(as_reader, path):
    assert "Cancelled" in parse(as_reader("member").get(path)).part(".conference-card").text


def test_calendars_mark_it_and_know_that_it_changed(client, conference, cancel):
    Conference.objects.update(created_at=timezone.now() - HOUR, updated_at=timezone.now() - HOUR)
    update_elections(updated_at=timezone.now() - HOUR)

    def events():
        return Calendar.from_ical(client.get("/conferences/open-conf.ics").content).events

    before, _deadline = events()
    cancel()
    [after] = events()
    assert (after["status"], after["uid"]) == ("CANCELLED", before["uid"])
    assert after["sequence"] > before["sequence"]
    assert STORM in after["description"]


def test_search_engines_read_that_it_is_cancelled(as_reader):
    page = parse(as_reader("visitor").get("/conferences/open-conf/"))
    data = json.loads(page._node.css_first("script[type='application/ld+json']").text())
    assert data["eventStatus"] == "https://schema.org/EventCancelled"


def test_the_feed_marks_it(as_reader):
    assert titles(feed_of(as_reader("visitor"))) == ["Cancelled: Open Conf"]


# The pages of organisers


def test_the_page_names_the_consequences_with_numbers(as_organiser, conference, alice, bob):
    make_vote(alice, bob)
    page = parse(as_organiser.get(PAGE.format(conference.pk)))
    assert "2 members get an email" in page.text
    assert "1 vote has been cast." in page.text
    assert stored().status == "active"


def test_what_is_confirmed_is_done_and_twice_is_answered_the_same(as_organiser, conference):
    answers = [as_organiser.post(PAGE.format(conference.pk), {"reason": STORM}) for _ in range(2)]
    assert {(a.status_code, a.url) for a in answers} == {
        (302, f"/admin/conferences/conference/{conference.pk}/")
    }
    assert (stored().status, ConferenceChange.objects.count()) == ("cancelled", 1)


def test_undoing_is_confirmed_on_a_page_of_its_own(as_organiser, conference, cancel):
    cancel()
    overview = parse(as_organiser.get(f"/admin/conferences/conference/{conference.pk}/"))
    assert BACK.format(conference.pk) in overview.links
    page = parse(as_organiser.get(BACK.format(conference.pk)))
    assert "Voting goes on, with the votes that were cast before." in page.text
    for _ in range(2):
        assert as_organiser.post(BACK.format(conference.pk), {"reason": CALM}).status_code == 302
    assert (stored().status, ConferenceChange.objects.count()) == ("active", 2)


@pytest.mark.parametrize("reason", ["", "x" * 301, "\0"])
def test_bad_input_is_refused_in_words(as_organiser, conference, reason):
    page = as_organiser.post(PAGE.format(conference.pk), {"reason": reason})
    assert (page.status_code, bool(page.context["form"].errors)) == (200, True)
    assert stored().status == "active"


@pytest.mark.parametrize("path", [PAGE, BACK])
def test_only_those_who_may_change_the_conference_open_it(client, conference, roles, path):
    log_in_freshly(client, make_user("staff@example.org", is_staff=True))
    assert client.post(path.format(conference.pk), {"reason": STORM}).status_code == 403


def test_the_form_of_a_cancelled_conference_does_not_change_its_status(as_organiser, conference, cancel):
    cancel()
    page = parse(as_organiser.get(f"/admin/conferences/conference/{conference.pk}/change/"))
    assert not page.has("[name=status]")


@pytest.mark.parametrize(("state", "shown"), [("cancelled", True), ("open", False), ("closed", False)])
def test_lists_of_organisers_find_it_by_its_state(as_organiser, conference, cancel, state, shown):
    cancel()
    page = parse(as_organiser.get(f"/admin/conferences/conference/?voting={state}"))
    assert ("Open Conf" in page.part("#changelist").text) is shown


def test_the_dashboard_and_the_tally_of_a_cancelled_conference_open(as_organiser, conference, cancel):
    make_membership(conference)
    cancel()
    for path in ("/admin/", f"/admin/voting/votes/{conference.pk}/turnout/"):
        assert "Cancelled" in parse(as_organiser.get(path)).text


def test_the_team_reads_the_notice_as_members_get_it(as_organiser, cancel, alice):
    notice = cancel().notice
    page = parse(as_organiser.get(f"/admin/voting/campaign/{notice.pk}/mail/"))
    assert page.heading == "Open Conf is cancelled"
    assert f"The organisers’ reason: {STORM}" in page.text
    assert not [link for link in page.links if "/unsubscribe/" in link]


def test_the_page_says_why_it_takes_place_after_all_until_there_is_other_news(
    as_organiser, client, conference, cancel, organiser
):
    cancel()
    as_organiser.post(BACK.format(conference.pk), {"reason": CALM})
    said = parse(client.get("/conferences/open-conf/")).part("#reinstated").text
    assert said == f"This conference was cancelled, and takes place after all. The organisers’ reason: {CALM}"
    dates = {name: getattr(conference, name) for name in ("starts_at", "ends_at")}
    move_conference(conference=conference, **dates, place="Bonn", reason=STORM, by=Actor(organiser))
    page = parse(client.get("/conferences/open-conf/"))
    assert page.has("#moved")
    assert not page.has("#reinstated")


def test_cancelled_before_its_vote_opened_it_is_held_after_all_by_one_person():
    conference, case, [first, _second] = make_case("reinstate")
    hours = [Conference.objects.get(pk=conference.pk).stopped_at + timedelta(hours=n) for n in (1, 9)]
    update_elections(conference, opens_at=hours[0], closes_at=hours[1])
    case.ask(first)
    assert case.is_done()

"""The emails of the timetable: each once, when it is due by the times of its conference."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from django_tasks import default_task_backend

from accounts.actors import Actor
from accounts.models import User
from accounts.tests.factories import make_organiser, make_user
from conferences.models import Conference, Role
from conferences.tests.admission import ask, only
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.teams import make_team_member
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.sending.dispatch import begin_campaign
from voting.campaigns.subscriptions.models import Unsubscription
from voting.elections.models import Decision
from voting.elections.moderation.reporting import report_member
from voting.elections.window import close_early, move_deadline
from voting.tests.campaigns import dispatch_due, make_campaign
from voting.tests.factories import make_pitch, make_vote
from voting.tests.timetable import DAY, HOUR, MINUTE, make_vote_from, pass_time, sent_to, turn
from voting.timetable.kinds.registry import KINDS
from voting.timetable.models import Notice, SwitchedOffNotice
from voting.timetable.sending import find_due, send_due_notices
from voting.timetable.tasks import email_person

pytestmark = pytest.mark.django_db


def outcomes(conference):
    return {n.kind: (n.outcome, n.reason) for n in Notice.objects.filter(conference=conference)}


@pytest.fixture
def opened(db):
    """A vote of four days that opened a minute ago."""
    return make_vote_from(-MINUTE, 4 * DAY, title="Long Conf", slug="long-conf")


@pytest.fixture
def closing(db):
    """A vote of ten days that closes in 48 hours less a minute."""
    conference = make_vote_from(-8 * DAY - MINUTE, 2 * DAY - MINUTE, title="Late Conf")
    Notice.objects.create(
        conference=conference, kind="opened", outcome="sent", due_at=timezone.now(), at=timezone.now()
    )
    return conference


def test_members_who_may_vote_are_emailed_once_when_voting_opens(opened):
    ann, ben = make_membership(opened), make_membership(opened)
    make_membership(opened, excluded_at=timezone.now())
    assert sent_to(turn()) == sorted([ann.user.email, ben.user.email])
    assert turn() == []


def test_what_no_one_could_get_is_not_said_to_have_been_sent(opened, closing):
    make_membership(opened, excluded_at=timezone.now())
    assert turn() == []
    assert outcomes(opened)["opened"] == ("skipped", "nobody")
    assert outcomes(closing)["closes_soon"] == ("skipped", "nobody")
    assert not Campaign.objects.exists()


def test_whether_all_have_voted_decides_nothing_of_that(closing):
    ann, ben = make_membership(closing), make_membership(closing)
    make_vote(ann, ben)
    make_vote(ben, ann)
    assert turn() == []
    assert outcomes(closing)["closes_soon"] == ("sent", "")


def test_the_email_has_ballot_deadline_and_who_answers(opened, settings):
    Conference.objects.update(contact_name="The guild", contact_email="guild@example.org")
    make_membership(opened)
    [message] = turn()
    assert message.subject == "Voting at Long Conf has opened"
    assert f"Vote now: {settings.SITE_URL}/conferences/long-conf/ballot/" in message.body
    assert "The guild answers for the organisers." in message.body
    assert "Voting closes on " in message.body
    assert [kind for _content, kind in message.alternatives] == ["text/html"]


def test_nothing_is_sent_before_voting_opens(db):
    conference = make_vote_from(MINUTE, 4 * DAY)
    make_membership(conference)
    make_pitch(make_membership(conference))
    assert turn() == []
    pass_time(conference, 2 * MINUTE)
    assert len(turn()) == 2


@pytest.mark.parametrize("status", ["draft", "inactive", "cancelled"])
def test_a_conference_that_is_not_active_sends_nothing(opened, status):
    make_membership(opened)
    Conference.objects.update(status=status, stopped_at=timezone.now())
    assert (turn(), Notice.objects.count()) == ([], 0)


def test_a_vote_without_rules_sends_nothing(opened):
    make_membership(opened)
    update_elections(opened, rules_set_at=None)
    assert (turn(), Notice.objects.count()) == ([], 0)


def test_an_email_that_is_late_says_so(db):
    conference = make_vote_from(-3 * HOUR, 4 * DAY)
    make_membership(conference)
    [message] = turn()
    assert "This email is late: it was due on " in message.body
    assert outcomes(conference)["opened"] == ("reworded", "")


def test_an_email_that_leaves_late_says_so_too(opened):
    make_membership(opened)
    send_due_notices()
    Campaign.objects.update(due_at=timezone.now() - 3 * HOUR)
    dispatch_due()
    assert "This email is late" in mail.outbox[-1].body
    assert outcomes(opened)["opened"] == ("sent", "")


@pytest.mark.parametrize("window", [(-5 * DAY, -MINUTE), (-4 * DAY, 20 * DAY)])
def test_what_would_come_too_late_is_skipped_and_the_row_says_so(db, window):
    conference = make_vote_from(*window)
    make_membership(conference)
    assert turn() == []
    assert outcomes(conference)["opened"] == ("skipped", "late")


def test_a_vote_of_long_ago_is_left_alone(db):
    conference = make_vote_from(-40 * DAY, -35 * DAY)
    make_membership(conference)
    assert (turn(), Notice.objects.count()) == ([], 0)


def test_the_reminder_goes_only_to_those_who_have_not_voted(closing):
    ann, ben = make_membership(closing), make_membership(closing)
    make_vote(ann, ben)
    [message] = turn()
    assert message.to == [ben.user.email]
    assert message.subject == "Voting at Late Conf closes soon"
    [(name, content, kind)] = message.attachments
    assert (name, kind) == ("voting-closes.ics", "text/calendar")
    assert "SUMMARY:Voting closes: Late Conf" in content


def test_a_member_who_votes_just_before_the_claim_gets_no_reminder(closing):
    ann, ben = make_membership(closing), make_membership(closing)
    send_due_notices()
    begin_campaign(Campaign.objects.get())
    assert Delivery.objects.count() == 2
    make_vote(ann, ben)
    dispatch_due()
    assert sent_to(mail.outbox) == [ben.user.email]


@pytest.mark.parametrize(
    ("lasts", "before"),
    [(5 * DAY + MINUTE, 48 * HOUR), (5 * DAY, 24 * HOUR), (2 * DAY, 24 * HOUR), (2 * DAY - MINUTE, None)],
)
def test_how_long_before_the_deadline_the_reminder_goes(db, lasts, before):
    for left in (49 * HOUR, 47 * HOUR, 25 * HOUR, 23 * HOUR, HOUR):
        conference = make_vote_from(left - lasts, left)
        codes = {code for pk, code in find_due(timezone.now()) if pk == conference.pk}
        assert ("closes_soon" in codes) is (before is not None and left < before)


def test_the_one_query_finds_at_any_time_what_each_kind_finds(opened, closing):
    make_campaign(make_membership(opened))
    found = []
    for days in (-9, 0, 1, 3, 5, 12):
        now = timezone.now() + days * DAY
        each = {(row.pk, kind.code) for kind in KINDS.values() for row in kind.due(now)}
        assert set(find_due(now)) == each
        found += each
    assert {code for _pk, code in found} >= {"opened", "closes_soon", "undecided", "undecided_7", "waiting"}


def test_moving_the_deadline_moves_the_reminder(closing, organiser):
    make_membership(closing)
    move_deadline(
        conference=closing, closes_at=timezone.now() + 4 * DAY, reason="More time", by=Actor(organiser)
    )
    assert [message.subject for message in turn()] == ["The voting deadline at Late Conf was moved"]
    pass_time(closing, 2 * DAY)
    update_elections(closing, window_changed_at=timezone.now() - 2 * DAY)
    assert [message.subject for message in turn()] == ["Voting at Late Conf closes soon"]


def test_moving_the_deadline_after_the_reminder_sends_no_second_one(closing, organiser):
    make_membership(closing)
    assert len(turn()) == 1
    update_elections(closing, closes_at=timezone.now() + 6 * DAY)
    pass_time(closing, 5 * DAY)
    assert turn() == []


def test_a_deadline_that_is_moved_to_so_soon_is_no_second_email(db, organiser):
    conference = make_vote_from(-6 * DAY, 5 * DAY)
    make_membership(conference)
    turn()
    mail.outbox.clear()
    move_deadline(
        conference=conference, closes_at=timezone.now() + 9 * HOUR, reason="The hall", by=Actor(organiser)
    )
    assert len(turn()) == 1
    assert outcomes(conference)["closes_soon"] == ("skipped", "changed")


def test_people_switch_these_emails_off_apart_from_campaigns(opened):
    ann, ben, cleo = (make_membership(opened) for _ in range(3))
    User.objects.filter(pk=ann.user_id).update(receives_notices=False)
    User.objects.filter(pk=ben.user_id).update(receives_campaigns=False)
    Unsubscription.objects.create(conference=opened, user=cleo.user)
    assert sent_to(turn()) == sorted([ben.user.email, cleo.user.email])


def test_the_link_in_the_email_switches_off_these_emails_alone(opened, client):
    ann = make_membership(opened)
    [message] = turn()
    url = message.extra_headers["List-Unsubscribe"].strip("<>")
    assert url in message.body
    path = "/" + url.split("/", 3)[3]
    assert client.get(path).status_code == 200
    assert User.objects.get(pk=ann.user_id).receives_notices
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    person = User.objects.get(pk=ann.user_id)
    assert (person.receives_notices, person.receives_campaigns) == (False, True)
    client.post(path, {"wish": "subscribe"})
    assert User.objects.get(pk=ann.user_id).receives_notices


def test_each_member_gets_it_in_their_own_language(opened):
    ann, ben = make_membership(opened), make_membership(opened)
    User.objects.filter(pk=ben.user_id).update(language="de")
    found = {message.to[0]: message.body for message in turn()}
    assert "Hello" in found[ann.user.email]
    assert "Guten Tag" in found[ben.user.email]


def test_what_is_switched_off_is_not_sent(opened):
    make_membership(opened)
    SwitchedOffNotice.objects.create(conference=opened, kind="opened")
    assert turn() == []
    assert outcomes(opened)["opened"] == ("skipped", "off")


def test_the_team_is_asked_when_no_one_stands_three_days_before(organiser):
    conference = make_vote_from(3 * DAY - MINUTE, 6 * DAY, title="Quiet Conf")
    make_membership(conference)
    [message] = turn()
    assert (message.to, message.subject) == (
        [organiser.email],
        "No one has written a pitch for Quiet Conf yet",
    )
    assert turn() == []


def test_no_one_is_asked_after_candidates_when_there_is_a_pitch(organiser):
    conference = make_vote_from(3 * DAY - MINUTE, 6 * DAY)
    make_pitch(make_membership(conference))
    assert turn() == []
    assert outcomes(conference)["no_candidates"] == ("skipped", "pitched")


def test_a_vote_that_was_set_up_late_has_a_day_to_find_candidates(organiser):
    conference = make_vote_from(2 * DAY, 6 * DAY, rules_set_at=timezone.now() - HOUR)
    assert turn() == []
    update_elections(conference, rules_set_at=timezone.now() - DAY - MINUTE)
    assert len(turn()) == 1


def test_the_team_is_asked_to_decide_at_once_and_after_two_and_seven_days(organiser):
    conference = make_vote_from(-DAY - HOUR, -MINUTE, title="Closed Conf")
    asked = []
    for day in range(9):
        asked += [(day, message.subject) for message in turn()]
        pass_time(conference, DAY)
    subject = "Voting at Closed Conf has closed: please choose the speaker"
    assert asked == [(0, subject), (2, subject), (7, subject)]


@pytest.fixture
def left_in_the_queue(organiser, settings):
    """The email to the team when voting closed, with the workers stopped; what passes until it leaves."""
    conference = make_vote_from(-DAY - HOUR, -MINUTE, title="Closed Conf")
    at_once = settings.TASKS
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend", "QUEUES": []}}
    send_due_notices()
    [waiting] = default_task_backend.results
    settings.TASKS = at_once

    def leave_after(time):
        pass_time(conference, time)
        facts = waiting.kwargs | {"due_at": (timezone.now() - MINUTE - time).isoformat()}
        Notice.objects.update(due_at=facts["due_at"])
        email_person.enqueue(**facts)
        return mail.outbox, outcomes(conference)["undecided"]

    return leave_after


def test_an_email_to_the_team_that_leaves_in_time_does_not_say_that_it_is_late(left_in_the_queue):
    [message], outcome = left_in_the_queue(HOUR)
    assert "This email is late" not in message.body
    assert outcome == ("sent", "")


def test_an_email_to_the_team_that_leaves_late_says_so_and_so_does_the_row(left_in_the_queue):
    [message], outcome = left_in_the_queue(3 * HOUR)
    assert "This email is late: it was due on " in message.body
    assert outcome == ("reworded", "")


def test_an_email_to_the_team_that_would_leave_too_late_is_skipped_and_the_row_says_so(left_in_the_queue):
    assert left_in_the_queue(2 * DAY) == ([], ("skipped", "late"))


def test_an_email_to_the_team_that_is_no_longer_needed_does_not_leave(left_in_the_queue):
    update_elections(decided_at=timezone.now())
    assert left_in_the_queue(HOUR)[0] == []


def test_an_email_to_someone_who_has_left_the_team_does_not_leave(left_in_the_queue, organiser):
    User.objects.filter(pk=organiser.pk).update(is_staff=False)
    assert left_in_the_queue(HOUR)[0] == []


def test_all_of_an_email_to_the_team_is_in_the_language_of_its_reader(organiser):
    User.objects.update(language="de")
    make_vote_from(-DAY - HOUR, -MINUTE)
    [message] = turn()
    assert "Fragen?" in message.body
    assert "Questions?" not in message.body


def test_no_one_is_asked_to_decide_what_is_decided(organiser):
    conference = make_vote_from(-DAY - HOUR, -MINUTE)
    update_elections(conference, decided_at=timezone.now())
    assert turn() == []
    assert outcomes(conference)["undecided"] == ("skipped", "decided")


def test_closing_early_notifies_members_once_and_asks_the_team(opened, organiser):
    member = make_membership(opened)
    turn()
    mail.outbox.clear()
    close_early(conference=opened, reason="All have voted", by=Actor(organiser))
    assert sent_to(turn()) == sorted([member.user.email, organiser.email])


def test_the_team_is_notified_when_the_chosen_member_has_not_answered_for_three_days(organiser):
    conference = make_conference(voting="closed", title="Chosen Conf")
    decision = Decision.objects.create(
        election=conference.election,
        speaker=make_membership(conference, name="Dora"),
        speaker_name="Dora",
        decided_by=organiser,
        tally={},
    )
    update_elections(conference, decided_at=decision.decided_at)
    turn()
    mail.outbox.clear()
    assert turn() == []
    Decision.objects.update(decided_at=timezone.now() - 3 * DAY)
    [message] = turn()
    assert message.subject == "The member chosen to speak at Chosen Conf has not answered"
    assert turn() == []


@pytest.fixture
def asking(organiser):
    """A conference that lets people in by approval, and whose vote is not set up."""
    return only(make_conference(title="Conf 26"), approval=True)


def test_one_digest_has_all_that_waits(asking, organiser):
    ask(asking, make_user("ada@example.org", name="Ada"), "Secret words")
    ask(asking, make_user("grace@example.org"))
    make_campaign(make_membership(asking))
    [message] = turn()
    assert message.to == [organiser.email]
    assert "1 campaign to review" in message.body
    assert "2 requests to join" in message.body
    assert f"/admin/conferences/conference/{asking.pk}/joining/" in message.body
    assert "Secret words" not in message.body
    assert "Ada" not in message.body
    assert turn() == []


def test_digest_has_reports_but_not_for_the_one_who_is_reported(asking, organiser):
    reviewer = make_team_member(asking, Role.REVIEWER).person
    ada, mine = make_membership(asking), make_membership(asking, user=reviewer)
    for member in (ada, mine):
        make_pitch(member)
        by = Actor(make_membership(asking).user)
        report_member(membership=member, subject="pitch", reason="insult", text="Secret words", by=by)
    owner = make_team_member(asking, Role.OWNER).person
    found = {message.to[0]: message.body for message in turn()}
    assert "1 report of a member" in found[reviewer.email]
    assert "2 reports of members" in found[owner.email]
    assert f"/admin/conferences/conference/{asking.pk}/moderation/" in found[owner.email]
    assert "Secret words" not in found[owner.email]
    assert turn() == []


def test_there_is_at_most_one_digest_an_hour(asking):
    ask(asking, make_user("ada@example.org"))
    assert len(turn()) == 1
    ask(asking, make_user("grace@example.org"))
    assert turn() == []
    Notice.objects.update(at=timezone.now() - HOUR)
    assert len(turn()) == 1
    Notice.objects.update(at=timezone.now() - HOUR)
    assert turn() == []


def test_a_turn_within_the_hour_runs_two_queries(asking, django_assert_num_queries):
    ask(asking, make_user("ada@example.org"))
    turn()
    ask(asking, make_user("grace@example.org"))
    with django_assert_num_queries(2):
        send_due_notices()


def test_no_one_is_asked_to_review_what_they_wrote(asking, organiser):
    Campaign.objects.create(conference=asking, kind="reminder", requested_by=organiser, subject="Vote")
    assert turn() == []
    second = make_organiser("second@example.org")
    Notice.objects.all().delete()
    assert sent_to(turn()) == [second.email]


def test_only_those_are_asked_who_can_answer(asking, organiser):
    make_user("staff@example.org", is_staff=True)
    ask(asking, make_user("ada@example.org"))
    assert sent_to(turn()) == [organiser.email]


def test_one_that_cannot_be_written_keeps_back_no_other(opened, monkeypatch):
    other = make_vote_from(-MINUTE, 4 * DAY)
    for conference in (opened, other):
        make_membership(conference)

    def fail_for_one(self, election, due_at):
        if election.pk == opened.pk:
            raise ValueError
        return election.closes_at

    monkeypatch.setattr("voting.timetable.kinds.members.VotingOpened.too_late_from", fail_for_one)
    assert len(turn()) == 1
    assert outcomes(other)["opened"] == ("sent", "")
    assert "opened" not in outcomes(opened)


@pytest.mark.parametrize("number", [3, 300])
def test_a_turn_without_anything_due_runs_two_queries(django_assert_num_queries, number):
    now = timezone.now()
    for n in range(number):
        make_conference(
            opens_at=now - timedelta(days=100 + n), closes_at=now - 99 * DAY, rules_set_at=now - 200 * DAY
        )
    with django_assert_num_queries(2):
        send_due_notices()


def test_what_is_due_costs_the_same_among_many_others(opened, django_assert_max_num_queries):
    now = timezone.now()
    for _ in range(100):
        make_conference(opens_at=now + 10 * DAY, closes_at=now + 11 * DAY, rules_set_at=now)
    with django_assert_max_num_queries(18):
        send_due_notices()
    assert {notice.conference_id for notice in Notice.objects.all()} == {opened.pk}

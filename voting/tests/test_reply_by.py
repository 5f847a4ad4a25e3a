"""Until when a chosen member is asked to answer, the reminder before it, and why they decline."""

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.my_data.export import everything_about
from accounts.tests.factories import log_in_freshly
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from conferences.consent.actions import confirm_request
from conferences.local_times import in_zone
from conferences.models import Conference, ConsentRequest, Role
from conferences.tests.teams import make_team_member
from voting.elections.actions import decide_speaker
from voting.elections.answers import answer_decision, take_back_decision
from voting.elections.election.models import Election
from voting.elections.models import Decision
from voting.elections.my_data import delete
from voting.elections.reply_by import move_reply_by
from voting.tests.consent import make_team
from voting.tests.factories import close_by_clock, make_vote
from voting.tests.timetable import DAY, HOUR, MINUTE
from voting.timetable.models import Notice
from voting.timetable.sending import send_due_notices

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(organiser):
    return Actor(organiser)


@pytest.fixture
def decide(conference, alice, bob, by):
    """Bob is chosen at Open Conf, which starts after this time."""

    def decide(starts=30 * DAY, **options):
        now = timezone.now()
        Conference.objects.update(starts_at=now + starts, ends_at=now + starts + DAY)
        make_vote(alice, bob)
        close_by_clock(conference)
        found = Conference.objects.select_related("election").get(pk=conference.pk)
        return decide_speaker(conference=found, candidate=bob, by=by, **options)

    return decide


@pytest.mark.parametrize(("starts", "days"), [(30 * DAY, 7), (3 * DAY, 3)])
def test_a_chosen_member_has_a_week_but_not_longer_than_until_the_conference_starts(decide, starts, days):
    decision = decide(starts)
    assert abs(decision.reply_by - timezone.now() - days * DAY) < 2 * MINUTE


def test_a_member_chosen_after_the_start_is_asked_to_answer_by_no_time(decide):
    assert decide(-HOUR).reply_by is None
    assert "Please answer by" not in mail.outbox[-1].body


@pytest.mark.parametrize(
    ("after", "refusal"),
    [(31 * DAY, "before the conference starts"), (MINUTE, "at least an hour"), (-DAY, "at least an hour")],
)
def test_a_time_that_is_too_soon_or_too_late_is_refused(decide, after, refusal):
    with pytest.raises(ValidationError, match=refusal):
        decide(reply_by=timezone.now() + after)
    assert not Decision.objects.exists()


def test_the_email_to_the_chosen_member_congratulates_and_has_when_where_and_the_deadline(decide):
    Conference.objects.update(place="Lyon", time_zone="Asia/Kolkata")
    decision = decide()
    message = mail.outbox[-1]
    assert message.subject == "Congratulations: you have been chosen to speak at Open Conf"
    conference = Conference.objects.get()
    assert f"Please answer by {in_zone(conference, decision.reply_by)}." in message.body
    assert "(Asia/Kolkata)" in message.body
    assert "Where: Lyon" in message.body


def test_the_chosen_member_sees_the_time_on_the_page(client, decide, bob):
    decision = decide()
    client.force_login(bob.user)
    page = parse(client.get("/conferences/open-conf/results/"))
    assert (
        f"Please answer by {in_zone(Conference.objects.get(), decision.reply_by)}."
        in page.part("#answer").text
    )


def test_moving_the_time_is_logged_and_emailed_once(decide, by):
    decision, until = decide(), (timezone.now() + 9 * DAY).replace(second=0, microsecond=0)
    mail.outbox.clear()
    moves = [move_reply_by(decision=decision, reply_by=until, by=by) for _ in range(2)]
    assert moves == [Change.MADE, Change.NONE]
    (message,) = mail.outbox
    assert in_zone(Conference.objects.get(), until) in message.body
    assert LogEntry.objects.filter(change_message__contains="requested by").count() == 1


def test_once_the_member_has_answered_the_time_stays(decide, by, bob):
    decision = decide()
    answer_decision(decision=decision, accept=True, by=Actor(bob.user))
    until = timezone.now() + 9 * DAY
    assert move_reply_by(decision=decision, reply_by=until, by=by) is Change.NONE
    assert Decision.objects.get().reply_by == decision.reply_by


def test_the_team_changes_the_time_on_the_desk(decide, as_organiser, conference):
    decision = decide()
    desk = f"/admin/voting/votes/{conference.pk}/decision/"
    path = f"/admin/voting/votes/{conference.pk}/reply-by/{decision.pk}/"
    assert path in parse(as_organiser.get(desk)).links
    until = (timezone.now() + 10 * DAY).strftime("%Y-%m-%dT%H:%M")
    assert as_organiser.post(path, {"reply_by": until}).status_code == 302
    assert Decision.objects.get().reply_by.strftime("%Y-%m-%dT%H:%M") == until
    refused = parse(as_organiser.post(path, {"reply_by": "2199-01-01T00:00"}))
    assert "before the conference starts" in refused.text
    assert refused.field("reply_by")["value"] == "2199-01-01T00:00"


# With a second person.


def picked(conference, candidate):
    return f"/admin/voting/votes/{conference.pk}/decide/{candidate.pk}/"


@pytest.fixture
def asked(client, conference, alice, bob):
    """One of two organisers has asked the other to confirm that Bob is chosen and answers by this time."""
    make_vote(alice, bob)
    close_by_clock(conference)
    first, second = make_team(conference, "decision")
    until = (timezone.now() + 3 * DAY).replace(second=0, microsecond=0)
    form = {"reason": "", "reply_by": until.strftime("%Y-%m-%dT%H:%M")}
    for _ in range(2):
        log_in_freshly(client, first).post(picked(conference, bob), form)
    return ConsentRequest.objects.get(), second, until


def test_the_time_that_the_first_person_chose_is_kept_when_a_second_confirms(client, asked):
    request, second, until = asked
    path = reverse("admin:conferences_consent_request", args=[request.conference_id, request.pk])
    page = parse(log_in_freshly(client, second).get(path))
    assert in_zone(Conference.objects.get(), until) in page.part("#consent-request").text
    confirm_request(asked=request, by=Actor(second))
    assert Decision.objects.get().reply_by == until


def test_a_request_expires_with_the_time_to_answer(client, conference, alice, bob):
    make_vote(alice, bob)
    close_by_clock(conference)
    first, _second = make_team(conference, "decision")
    until = (timezone.now() + 3 * HOUR).replace(second=0, microsecond=0)
    form = {"reason": "", "reply_by": until.strftime("%Y-%m-%dT%H:%M")}
    log_in_freshly(client, first).post(picked(conference, bob), form)
    assert ConsentRequest.objects.get().expires_at == until


def test_a_request_from_before_the_time_was_asked_for_can_be_confirmed(asked):
    request, second, _until = asked
    ConsentRequest.objects.update(payload={"candidate": request.payload["candidate"]})
    confirm_request(asked=request, by=Actor(second))
    assert abs(Decision.objects.get().reply_by - timezone.now() - 7 * DAY) < 2 * MINUTE


# The reminder.


def reminded():
    mail.outbox.clear()
    send_due_notices()
    return [message for message in mail.outbox if "Will you speak" in message.subject]


def brought_forward(decision, left, since=3 * DAY):
    now = timezone.now()
    columns = {"reply_by": now + left, "reply_by_set_at": now - since}
    Decision.objects.filter(pk=decision.pk).update(**columns)


def test_a_day_before_the_time_the_chosen_member_is_reminded_once(decide, bob):
    decision = decide()
    brought_forward(decision, DAY + HOUR)
    assert reminded() == []
    brought_forward(decision, DAY - MINUTE)
    (message,) = reminded()
    assert message.to == [bob.user.email]
    assert reminded() == []
    assert Notice.objects.get(kind="reply_soon").outcome == "sent"


@pytest.mark.parametrize("end", ["answered", "withdrawn"])
def test_no_one_is_reminded_of_what_is_over(decide, by, bob, end):
    decision = decide()
    brought_forward(decision, DAY - MINUTE)
    if end == "answered":
        answer_decision(decision=decision, accept=False, by=Actor(bob.user))
    else:
        take_back_decision(decision=decision, by=by)
    assert reminded() == []


def test_a_time_that_is_moved_takes_its_reminder_along(decide, by):
    decision = decide()
    brought_forward(decision, DAY - MINUTE)
    move_reply_by(decision=decision, reply_by=timezone.now() + 5 * DAY, by=by)
    assert reminded() == []


def test_a_time_that_was_set_for_tomorrow_needs_no_reminder(decide):
    brought_forward(decide(), 20 * HOUR, since=HOUR)
    assert reminded() == []


# Once it has passed.


def about_no_answer():
    mail.outbox.clear()
    send_due_notices()
    return [message for message in mail.outbox if "did not answer in time" in message.subject]


def test_the_team_is_notified_at_once_when_the_time_has_passed(decide, conference):
    owner = make_team_member(conference, Role.OWNER).person
    make_team_member(conference, Role.OBSERVER)
    decision = decide()
    brought_forward(decision, MINUTE)
    assert about_no_answer() == []
    brought_forward(decision, -MINUTE)
    (message,) = about_no_answer()
    assert message.to == [owner.email]
    assert f"/admin/voting/votes/{conference.pk}/decision/" in message.body
    assert about_no_answer() == []


def test_the_team_is_notified_again_when_the_time_that_they_gave_has_passed_too(decide, by):
    decision = decide()
    brought_forward(decision, -MINUTE)
    assert len(about_no_answer()) == 1
    move_reply_by(decision=decision, reply_by=timezone.now() + 2 * DAY, by=by)
    assert about_no_answer() == []
    brought_forward(decision, 0 * DAY)
    assert len(about_no_answer()) == 1


@pytest.mark.parametrize("end", ["answered", "withdrawn", "cancelled"])
def test_the_team_is_not_notified_of_what_is_over(decide, by, bob, end):
    decision = decide()
    brought_forward(decision, -MINUTE)
    if end == "answered":
        answer_decision(decision=decision, accept=True, by=Actor(bob.user))
    elif end == "withdrawn":
        take_back_decision(decision=decision, by=by)
    else:
        Conference.objects.update(status="cancelled", stopped_at=timezone.now())
    assert about_no_answer() == []


def test_no_one_reads_after_three_days_what_they_have_read_before(decide):
    decision = decide()
    Decision.objects.update(decided_at=timezone.now() - 3 * DAY)
    brought_forward(decision, -DAY)
    assert len(about_no_answer()) == 1
    assert not [message for message in mail.outbox if "has not answered" in message.subject]


def test_what_to_do_next_is_on_the_organisers_pages(client, decide, conference):
    owner = make_team_member(conference, Role.OWNER).person
    decision = decide()
    brought_forward(decision, -MINUTE)
    log_in_freshly(client, owner)
    for path in ("/admin/", f"/admin/conferences/conference/{conference.pk}/"):
        page = parse(client.get(path))
        assert "The chosen member did not answer in time" in page.text
        assert f"/admin/voting/votes/{conference.pk}/decision/" in page.links
    found = parse(client.get(f"/admin/voting/votes/{conference.pk}/decision/")).part("#choice")
    desk = f"/admin/voting/votes/{conference.pk}/"
    assert found.links == [f"{desk}reply-by/{decision.pk}/", f"{desk}take-back/{decision.pk}/"]


def test_an_observer_reads_that_there_is_no_answer_and_is_offered_nothing(client, decide, conference):
    brought_forward(decide(), -MINUTE)
    log_in_freshly(client, make_team_member(conference, Role.OBSERVER).person)
    assert "did not answer in time" not in parse(client.get("/admin/")).text
    found = parse(client.get(f"/admin/voting/votes/{conference.pk}/decision/")).part("#choice")
    assert ("has not answered" in found.text, found.links) == (True, [])


# Why they decline.


def decline(client, member, reason):
    client.force_login(member.user)
    path = "/conferences/open-conf/results/answer/"
    return client.post(path, {"answer": "decline", "decline_reason": reason}, follow=True)


def test_the_team_reads_why_the_member_declined_and_no_one_else_does(client, decide, conference, alice, bob):
    decide()
    mail.outbox.clear()
    decline(client, bob, "I will be in Peru.\r\nSorry!")
    assert Decision.objects.get().decline_reason == "I will be in Peru.\nSorry!"
    assert "Their reason: I will be in Peru." in mail.outbox[0].body
    desk = f"/admin/voting/votes/{conference.pk}/decision/"
    for role, sees in ((Role.ORGANISER, True), (Role.OBSERVER, False)):
        person = make_team_member(conference, role).person
        assert parse(log_in_freshly(client, person).get(desk)).mentions("Peru") is sees
    client.force_login(alice.user)
    assert not parse(client.get("/conferences/open-conf/results/")).mentions("Peru")


def test_a_reason_is_optional_and_limited(client, decide, bob):
    decide()
    decline(client, bob, "x" * 1001)
    assert Decision.objects.get().answer == "pending"
    decline(client, bob, "")
    assert Decision.objects.get().answer == "declined"


def test_a_reason_that_is_too_long_is_kept_and_the_page_says_by_how_much(client, decide, bob):
    decide()
    page = parse(decline(client, bob, "x" * 1023))
    assert page.part("#id_decline_reason").text == "x" * 1023
    assert page.part("#reason-error").text == "This can have 1000 characters at most, and has 1023."


def test_the_reason_is_in_the_members_own_data_and_goes_with_the_account(decide, by, bob):
    decision = decide()
    answer_decision(decision=decision, accept=False, by=Actor(bob.user), reason="Peru")
    assert "Peru" in str(everything_about(bob.user))
    assert "Peru" not in str(everything_about(by.user))
    delete(bob.user)
    assert Decision.objects.get().decline_reason == ""


@pytest.mark.parametrize("answer", ["declined", "taken_back", ""])
def test_reason_of_the_next_decision_warns_of_a_decline_that_was_for_organisers(
    as_organiser, decide, conference, alice, bob, answer
):
    if answer:
        decision = decide()
        Decision.objects.filter(pk=decision.pk).update(answer=answer)
        Election.objects.update(decided_at=None, speaker=None)
    else:
        close_by_clock(conference)
    page = parse(as_organiser.get(f"/admin/voting/votes/{conference.pk}/decide/{alice.pk}/"))
    warned = "please leave it out" in page.part("#id_reason_helptext").text
    assert warned is (answer == "declined")

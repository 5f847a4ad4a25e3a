"""A rehearsal: a hidden twin with invented voters that plays the vote in minutes and leaves nothing."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.actors import Actor
from accounts.models import AdminAct, User
from accounts.tests.factories import make_user
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from conferences.actions import join_conference
from conferences.changes.deletion import delete_conference
from conferences.models import Conference, Membership, Role, TeamMember
from conferences.tests.factories import make_conference
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_series, make_team_member
from voting.campaigns.recipients import can_be_invited
from voting.elections.actions import decide_speaker
from voting.elections.models import Vote
from voting.elections.receipts.actions import publish_closed_ballots
from voting.elections.roll.actions import freeze_opened_rolls
from voting.rehearsal.actions import MOST_A_DAY, end_rehearsal, start_rehearsal
from voting.rehearsal.playing import play_rehearsals
from voting.rehearsal.script import LASTS, NAMES, votes_after
from voting.tests.timetable import pass_time, sent_to, turn

pytestmark = pytest.mark.django_db
# That it was started and ended, and what belongs to no conference.
KEPT = {"accounts.AdminAct", "admin.LogEntry", "contenttypes.ContentType", "django_tasks_db.DBTaskResult"}
SECONDS = timedelta(seconds=1)


@pytest.fixture
def conference(db):
    return make_conference(title="PyCon Example", status="draft", voting=None)


@pytest.fixture
def owner(conference):
    return make_team_member(conference, Role.OWNER)


@pytest.fixture
def helper(conference, owner):
    return make_team_member(conference, Role.HELP_DESK)


@pytest.fixture
def twin(conference, owner, helper):
    start_rehearsal(conference=conference, by=Actor(owner.person))
    return Conference.objects.get(rehearses=conference)


def work():
    """A turn of the worker. Returns the emails that it sent."""
    freeze_opened_rolls()
    play_rehearsals()
    publish_closed_ballots()
    return turn()


def rows():
    return {m._meta.label: {*m._base_manager.values_list("pk", flat=True)} for m in apps.get_models()}


def play(twin, seconds):
    pass_time(twin, seconds * SECONDS)
    return work()


def votes(twin):
    return Vote.objects.filter(election=twin.pk)


def test_invented_people_join_stand_and_vote_as_the_minutes_pass(twin):
    members = twin.memberships.filter(user__email__endswith=".invalid")
    play(twin, 20)
    assert members.count() == 11
    play(twin, 25)
    assert (members.count(), members.filter(pitch__isnull=False).count()) == (len(NAMES), 3)
    play(twin, 75)
    part = votes(twin).count()
    play(twin, 105)
    assert 0 < part < votes(twin).count() == sum(votes_after(n) is not None for n in range(len(NAMES)))


def test_the_same_turn_again_changes_nothing(twin):
    play(twin, 150)
    before = (twin.memberships.count(), votes(twin).count())
    assert (work(), twin.memberships.count(), votes(twin).count()) == ([], *before)


def test_emails_go_to_the_team_alone_and_say_that_it_is_a_rehearsal(twin, owner, helper):
    sent = [message for seconds in (50, 20, 115, 70) for message in play(twin, seconds)]
    team = sorted([owner.person.email, helper.person.email])
    subjects = [message.subject for message in sent]
    assert "Voting at PyCon Example (rehearsal) has opened" in subjects
    assert set(sent_to(sent)) == set(team)
    assert [subject for subject in subjects if "rehearsal" not in subject] == []
    assert all("This is a rehearsal" in message.body for message in sent)
    assert len(set(subjects)) == 3, subjects


def test_an_invented_speaker_accepts_and_no_one_else_hears_of_it(twin, owner, helper):
    for seconds in (50, 20, 115, 70):
        play(twin, seconds)
    leader = Membership.objects.filter(conference=twin, pitch__isnull=False).first()
    mail.outbox.clear()
    decide_speaker(conference=twin, candidate=leader, by=Actor(owner.person), reason="To try it out.")
    twin.election.decisions.update(decided_at=twin.created_at - 60 * SECONDS)
    work()
    twin.election.refresh_from_db()
    assert twin.election.speaker == leader
    assert {message.to[0] for message in mail.outbox} <= {owner.person.email, helper.person.email}


def test_a_team_member_votes_in_it(twin, helper):
    play(twin, 70)
    candidate = twin.memberships.filter(pitch__isnull=False).first()
    client = Client()
    client.force_login(helper.person)
    client.post(f"/conferences/{twin.slug}/vote/", {"candidate": candidate.pk})
    assert votes(twin).filter(voter__user=helper.person).exists()


@pytest.mark.parametrize("ends", ["by the person", "after a day", "with its conference"])
def test_nothing_of_it_is_left(conference, owner, helper, ends):
    before = rows()
    start_rehearsal(conference=conference, by=Actor(owner.person))
    twin = Conference.objects.get(rehearses=conference)
    for seconds in (50, 20, 115, 70):
        play(twin, seconds)
    leader = Membership.objects.filter(conference=twin, pitch__isnull=False).first()
    decide_speaker(conference=twin, candidate=leader, by=Actor(owner.person), reason="To try it out.")
    if ends == "by the person":
        end_rehearsal(conference=conference, by=Actor(owner.person))
    elif ends == "after a day":
        Conference.objects.filter(pk=twin.pk).update(created_at=twin.created_at - LASTS)
        play_rehearsals()
    else:
        delete_conference(conference=conference, title=conference.title, by=Actor(owner.person))
    after = rows()
    kept = {
        "accounts.AdminAct",
        "admin.LogEntry",
        "contenttypes.ContentType",
        "django_tasks_database.DBTaskResult",
    }
    new = {name: set(rows) - set(before[name]) for name, rows in after.items() if name not in kept}
    assert {name: keys for name, keys in new.items() if keys} == {}
    assert not AdminAct.objects.filter(of_conference=twin.pk).exists()
    assert not LogEntry.objects.filter(object_id=str(twin.pk), object_repr=twin.title).exists()


def test_starting_and_ending_stand_in_the_audit_log_of_the_conference(conference, owner, twin):
    end_rehearsal(conference=conference, by=Actor(owner.person))
    acts = AdminAct.objects.filter(of_conference=conference.pk).order_by("pk")
    assert [act.act for act in acts] == ["start rehearsal", "end rehearsal"]


def test_starting_again_changes_nothing(conference, owner, twin):
    assert start_rehearsal(conference=conference, by=Actor(owner.person)) is Change.NONE
    assert Conference.objects.filter(rehearses=conference).count() == 1


def test_a_team_has_few_rehearsals_a_day(owner, conference):
    for _n in range(MOST_A_DAY):
        start_rehearsal(conference=conference, by=Actor(owner.person))
        end_rehearsal(conference=conference, by=Actor(owner.person))
    with pytest.raises(ValidationError):
        start_rehearsal(conference=conference, by=Actor(owner.person))


def test_a_rehearsal_is_not_rehearsed(twin, owner):
    with pytest.raises(ValidationError):
        start_rehearsal(conference=twin, by=Actor(owner.person))


def test_no_one_joins_it_and_no_one_is_invited_to_it(twin):
    twin.admission.everyone = True
    twin.admission.save()
    entry = make_entry(twin, "nia@example.org")
    with pytest.raises(ValidationError):
        join_conference(conference=twin, by=Actor(make_user("stranger@example.org")))
    assert not can_be_invited(entry)


def test_no_one_logs_in_as_an_invented_person(twin):
    person = User.objects.invented().get(name=NAMES[0])
    person.set_password("correct-horse-battery")
    person.save()
    assert not Client().login(email=person.email, password="correct-horse-battery")


def test_the_team_of_a_series_runs_the_rehearsals_of_its_conferences():
    series = make_series()
    member = make_team_member(series, Role.ORGANISER)
    conference = make_conference(series=series)
    start_rehearsal(conference=conference, by=Actor(member.person))
    twin = Conference.objects.get(rehearses=conference)
    assert Conference.objects.managed_by(member.person).filter(pk=twin.pk).exists()
    assert not TeamMember.objects.filter(conference=twin).exists()


@pytest.fixture
def as_owner(owner):
    client = Client()
    client.force_login(owner.person)
    return client


def test_the_page_starts_it_shows_it_and_ends_it(conference, as_owner):
    path = f"/admin/conferences/conference/{conference.pk}/rehearsal/"
    assert parse(as_owner.get(path)).has("button[value=start]")
    page = parse(as_owner.post(path, {"wish": "start"}, follow=True))
    assert page.has("#live[data-hx-get]")
    assert page.has('noscript meta[http-equiv="refresh"]') or page.has('meta[http-equiv="refresh"]')
    assert page.number_of("#live > ol > li") == 8
    assert parse(as_owner.post(path, {"wish": "end"}, follow=True)).has("button[value=start]")


def test_the_page_of_the_twin_leads_to_that_of_its_conference(conference, twin, as_owner):
    answer = as_owner.get(f"/admin/conferences/conference/{twin.pk}/rehearsal/")
    assert answer.headers["Location"] == f"/admin/conferences/conference/{conference.pk}/rehearsal/"


def test_who_only_reads_does_not_start_one(conference):
    observer = make_team_member(conference, Role.OBSERVER)
    client = Client()
    client.force_login(observer.person)
    answer = client.post(f"/admin/conferences/conference/{conference.pk}/rehearsal/", {"wish": "start"})
    assert answer.status_code == 403

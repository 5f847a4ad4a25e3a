"""Deleting a conference that no one outside its team has joined."""

import pytest
from django.core.exceptions import ValidationError
from django.db.models import CASCADE, PROTECT
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly
from confbox.kit.tests.page import parse
from conferences.api_access.models import ApiToken
from conferences.changes.actions import cancel_conference
from conferences.changes.deletion import delete_conference
from conferences.models import Conference, Membership, TeamMember
from conferences.outbox.models import WebhookEndpoint
from conferences.tests.api_tokens import make_api_token
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_team_member
from conferences.tests.webhooks import make_endpoint, make_event
from voting.campaigns.sending.dispatch import begin_campaign
from voting.elections.models import Vote
from voting.tests.campaigns import make_campaign
from voting.tests.factories import close_and_decide, make_pitch, make_vote
from voting.timetable.models import Notice

pytestmark = pytest.mark.django_db
PAGE = "/admin/conferences/conference/{}/delete-with-team/"


@pytest.fixture
def team(conference):
    """Two people of the team who have tried everything: a vote, a decision, campaigns, a roster, a notice.

    And a program that votes, and one that is told of it.
    """
    people = [make_team_member(conference).person for _ in range(2)]
    first, second = (make_membership(conference, user=person) for person in people)
    make_pitch(second)
    make_vote(first, second)
    make_entry(conference, "listed@example.org")
    campaign = make_campaign(second, status="approved")
    begin_campaign(campaign)
    close_and_decide(conference=conference, candidate=second, by=people[0])
    opened = {"kind": "opened", "due_at": timezone.now(), "outcome": "sent", "at": timezone.now()}
    Notice.objects.create(conference=conference, campaign=campaign, **opened)
    cancel_conference(conference=conference, reason="A rehearsal.", by=Actor(people[0]))
    make_api_token(people[0], conferences=[conference])
    message = make_event(make_endpoint(conference))
    message.tries.create(at=timezone.now(), milliseconds=1, request="POST")
    return people


def test_a_conference_of_its_team_alone_goes_with_all_that_belongs_to_it(conference, team, organiser):
    delete_conference(conference=conference, title="Open Conf", by=Actor(organiser))
    assert not Conference.objects.exists()
    assert (Membership.objects.count(), Vote.objects.count()) == (0, 0)
    assert not WebhookEndpoint.objects.exists()
    assert not ApiToken.objects.get().conferences.exists()
    act = AdminAct.objects.get(act="delete")
    assert (act.by, act.target) == (organiser, "Open Conf")


def protecting(model, found):
    """The models whose rows keep one of this model from being deleted, and theirs."""
    for relation in model._meta.get_fields(include_hidden=True):
        if getattr(relation, "on_delete", None) not in (CASCADE, PROTECT) or relation.concrete:
            continue
        if (name := relation.related_model._meta.label) in found:
            continue
        found.add(name)
        protecting(relation.related_model, found)
    return found


def test_every_table_that_protects_a_conference_is_one_that_goes_with_it(conference, team, organiser):
    """A new one is deleted in `voting.campaigns.deletion` or the like, and added here."""
    deleted = {"Campaign", "Delivery", "WindowChange", "Decision", "Vote", "PublishedBallots", "RollChange"}
    deleted |= {"RollEntry", "Notice", "ConferenceChange", "Membership"}
    cascading = {
        "TeamMember",
        "TeamInvitation",
        "Pitch",
        "Admission",
        "JoinCode",
        "JoinRequest",
        "RosterEntry",
    }
    cascading |= {"ConsentRequest", "Election", "Unsubscription", "SwitchedOffNotice", "SendingSlot"}
    cascading |= {"KeptFigure", "WebhookEndpoint", "WebhookEvent", "WebhookMessage", "WebhookAttempt"}
    # That this token is for it; the token stays.
    cascading |= {"ApiToken_conferences"}
    # A rehearsal ends before its conference can be deleted.
    cascading |= {
        "ExcludedMailbox",
        "OldAddress",
        "OldEntry",
        "OldMembership",
        "EmailTest",
        "Report",
        "Conference",
    }
    found = {name.split(".")[1] for name in protecting(Conference, set())}
    assert found - deleted - cascading == set()


@pytest.mark.parametrize("columns", [{}, {"left_at": "2026-01-01T00:00Z"}])
def test_not_if_a_person_outside_the_team_has_joined(conference, team, organiser, columns):
    make_membership(conference, **columns)
    with pytest.raises(ValidationError, match="1 person outside its team has joined"):
        delete_conference(conference=conference, title="Open Conf", by=Actor(organiser))
    assert Vote.objects.exists()


def test_the_title_is_typed_to_confirm(as_organiser, conference, team):
    page = as_organiser.post(PAGE.format(conference.pk), {"title": "Open"})
    assert "This is not the title of the conference." in parse(page).text
    assert Conference.objects.exists()
    assert "2 members of its team leave it." in parse(page).text
    assert as_organiser.post(PAGE.format(conference.pk), {"title": "Open Conf"}).status_code == 302
    assert not Conference.objects.exists()


@pytest.fixture
def own(conference):
    """An organiser who is no owner, with a draft of their own."""
    author = make_team_member(conference).person
    Conference.objects.update(created_by=author, status="draft")
    return author


def test_who_created_a_draft_can_throw_it_away(client, conference, own):
    log_in_freshly(client, own)
    url = PAGE.format(conference.pk)
    assert url in parse(client.get(f"/admin/conferences/conference/{conference.pk}/")).links
    assert client.post(url, {"title": "Open Conf"}).status_code == 302
    assert not Conference.objects.exists()


@pytest.mark.parametrize("columns", [{"status": "active"}, {"status": "inactive"}, {"created_by": None}])
def test_not_once_it_was_published_or_if_another_one_created_it(client, conference, own, columns):
    Conference.objects.update(**columns)
    log_in_freshly(client, own)
    assert client.post(PAGE.format(conference.pk), {"title": "Open Conf"}).status_code == 403
    assert Conference.objects.exists()


def test_not_after_leaving_its_team(client, conference, own):
    TeamMember.objects.filter(person=own).delete()
    make_team_member(make_conference(), user=own)
    log_in_freshly(client, own)
    assert client.post(PAGE.format(conference.pk), {"title": "Open Conf"}).status_code == 403
    assert Conference.objects.filter(pk=conference.pk).exists()


def test_not_a_draft_that_others_have_joined(client, conference, own):
    make_membership(conference)
    log_in_freshly(client, own)
    url = PAGE.format(conference.pk)
    assert url not in parse(client.get(f"/admin/conferences/conference/{conference.pk}/")).links
    assert "1 person outside its team has joined" in parse(client.post(url, {"title": "Open Conf"})).text


def test_an_organiser_of_the_team_does_not_delete_it(client, conference, team):
    log_in_freshly(client, team[0])
    assert client.post(PAGE.format(conference.pk), {"title": "Open Conf"}).status_code == 403
    assert Conference.objects.exists()

"""An organiser who is a member of their own conference decides nothing in their own favour."""

import pytest
from django.core.exceptions import ValidationError

from accounts.actors import Actor
from accounts.tests.factories import log_in_freshly, make_organiser
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from conferences.models import Role
from conferences.tests.factories import make_membership
from conferences.tests.teams import make_team_member
from voting.elections.actions import decide_speaker
from voting.elections.exclusions import exclude_member, readmit_member
from voting.elections.models import Decision
from voting.tests.campaigns import make_campaign
from voting.tests.factories import close_and_decide, close_by_clock, make_pitch, make_vote

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["owner of the team", "organiser of the site"])
def candidate(request, conference, roles):
    """A member with a pitch who may decide there."""
    if request.param == "owner of the team":
        person = make_team_member(conference, Role.OWNER, name="Olga Owner").person
    else:
        person = make_organiser("site@example.org", name="Olga Owner")
    member = make_membership(conference, user=person)
    make_pitch(member)
    return member


@pytest.fixture
def others_lead(conference, alice, bob, carol):
    make_vote(alice, bob)
    make_vote(carol, bob)
    close_by_clock(conference)


def choose(conference, candidate, reason="I know the subject."):
    return close_and_decide(conference=conference, candidate=candidate, by=candidate.user, reason=reason)


@pytest.mark.usefixtures("others_lead")
def test_no_one_chooses_themselves_whom_the_count_does_not(conference, candidate):
    with pytest.raises(ValidationError, match="You cannot choose yourself"):
        choose(conference, candidate)
    assert not Decision.objects.exists()


def test_no_one_breaks_a_tie_for_themselves(conference, candidate, alice, bob):
    make_vote(alice, candidate)
    make_vote(candidate, bob)
    close_by_clock(conference)
    with pytest.raises(ValidationError, match="You cannot choose yourself"):
        choose(conference, candidate)


def test_sole_leader_of_the_count_may_be_chosen_by_themselves(conference, candidate, alice):
    make_vote(alice, candidate)
    close_by_clock(conference)
    assert choose(conference, candidate, reason="").speaker == candidate


@pytest.mark.usefixtures("others_lead")
def test_another_organiser_chooses_them(conference, candidate):
    second = make_team_member(conference, Role.ORGANISER).person
    decision = close_and_decide(conference=conference, candidate=candidate, by=second, reason="Bob is ill.")
    assert decision.speaker == candidate


@pytest.mark.usefixtures("others_lead")
def test_page_to_choose_oneself_says_why_and_has_no_button(client, conference, candidate):
    log_in_freshly(client, candidate.user)
    path = f"/admin/voting/votes/{conference.pk}/decide/{candidate.pk}/"
    page = parse(client.get(path)).part("#decision")
    assert "You cannot choose yourself" in page.text
    assert not page.has("form")
    assert "You cannot choose yourself" in parse(client.post(path, {"reason": "I can."})).text
    assert not Decision.objects.exists()


def test_no_one_readmits_themselves(conference, candidate):
    second = make_team_member(conference, Role.ORGANISER).person
    exclude_member(membership=candidate, by=Actor(second), reason="Bought votes.")
    with pytest.raises(ValidationError, match="You cannot readmit yourself"):
        readmit_member(membership=candidate, by=Actor(candidate.user), reason="I did not.")
    candidate.refresh_from_db()
    assert candidate.excluded_at
    assert readmit_member(membership=candidate, by=Actor(second), reason="A mistake.") is Change.MADE


@pytest.mark.usefixtures("others_lead")
def test_no_one_is_the_second_person_for_themselves(conference, candidate):
    second = make_team_member(conference, Role.ORGANISER).person
    for by in (Actor(candidate.user, asked_by=second), Actor(second, asked_by=candidate.user)):
        with pytest.raises(ValidationError, match="You cannot choose yourself"):
            decide_speaker(conference=conference, candidate=candidate, by=by, reason="I can.")
    assert not Decision.objects.exists()


def test_no_one_approves_their_own_campaign(client, candidate):
    campaign = make_campaign(candidate)
    log_in_freshly(client, candidate.user)
    page = parse(client.get(f"/admin/voting/campaign/{campaign.pk}/change/"))
    assert "You cannot approve a campaign for yourself" in page.text
    client.post(f"/admin/voting/campaign/{campaign.pk}/approve/", {"version": campaign.version})
    campaign.refresh_from_db()
    assert campaign.status == "requested"


def test_reviewer_who_is_a_candidate_does_not_approve_their_own_campaign(client, conference):
    reviewer = make_team_member(conference, Role.REVIEWER).person
    campaign = make_campaign(make_membership(conference, user=reviewer))
    log_in_freshly(client, reviewer)
    assert "You cannot approve" in parse(client.get(f"/admin/voting/campaign/{campaign.pk}/change/")).text

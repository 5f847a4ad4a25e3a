"""What members do is in the audit log by who did what, without IP address and words. Votes never are."""

from types import SimpleNamespace

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.my_data.actions import delete_account
from conferences.actions import join_conference
from conferences.models import Membership
from conferences.tests.factories import make_membership
from voting.campaigns import actions as campaign_actions
from voting.campaigns.models import Campaign
from voting.elections import actions, pitches
from voting.elections.listing import set_listed
from voting.elections.models import Pitch
from voting.elections.sharing.actions import share_pitch, unshare_pitch
from voting.elections.statements import Cast
from voting.tests.campaigns import make_campaign
from voting.tests.factories import close_and_decide, make_pitch

pytestmark = pytest.mark.django_db

WHERE = "192.0.2.7"


def joined(cast):
    return join_conference(conference=cast.conference, by=cast.stranger)


def left(cast):
    return actions.leave_conference(membership=cast.alice, by=cast.by)


def opted_out(cast):
    return pitches.set_accepts_votes(membership=cast.alice, accepts_votes=False, by=cast.by)


def opted_in(cast):
    Membership.objects.filter(pk=cast.alice.pk, user__admin_acts=None).update(accepts_votes=False)
    return pitches.set_accepts_votes(membership=cast.alice, accepts_votes=True, by=cast.by)


def was_listed(cast):
    return set_listed(membership=cast.alice, is_listed=True, by=cast.by)


def was_hidden(cast):
    return set_listed(membership=cast.alice, is_listed=False, by=cast.by)


def wrote_pitch(cast):
    texts = {"headline": "Secret plans", "statement": "In few words."}
    return pitches.save_pitch(membership=cast.alice, **texts, accepts_votes=True, by=cast.by)


def shared_pitch(cast):
    Pitch.objects.get_or_create(membership=cast.alice, headline="Secret plans")
    return share_pitch(membership=cast.alice, by=cast.by)


def stopped_sharing(cast):
    if not AdminAct.objects.exists():
        make_pitch(cast.alice, headline="Secret plans")
        Pitch.objects.update(shared_at=timezone.now())
    return unshare_pitch(membership=cast.alice, by=cast.by)


def requested_campaign(cast):
    texts = {"subject": "Vote for me", "message": "In few words."}
    return campaign_actions.request_campaign(membership=cast.alice, **texts, by=cast.by)


def withdrew_campaign(cast):
    asked = Campaign.objects.first() or make_campaign(cast.alice)
    return campaign_actions.withdraw_campaign(campaign=asked, by=cast.by)


def _decision(cast):
    decided = cast.alice.decisions.first()
    decided = decided or close_and_decide(
        conference=cast.conference, candidate=cast.alice, by=cast.organiser, reason="Best"
    )
    AdminAct.objects.filter(by=cast.organiser).delete()
    return decided


def accepted(cast):
    return actions.answer_decision(decision=_decision(cast), accept=True, by=cast.by)


def declined(cast):
    return actions.answer_decision(decision=_decision(cast), accept=False, by=cast.by)


ACTS = {
    joined: ("join", "conference"),
    left: ("leave", "conference"),
    opted_out: ("opt out", "conference"),
    opted_in: ("opt in", "conference"),
    was_listed: ("be listed", "conference"),
    was_hidden: ("be hidden", "conference"),
    wrote_pitch: ("write pitch", "conference"),
    shared_pitch: ("share pitch", "conference"),
    stopped_sharing: ("stop sharing pitch", "conference"),
    requested_campaign: ("request campaign", "campaign"),
    withdrew_campaign: ("withdraw campaign", "campaign"),
    accepted: ("accept to speak", "election"),
    declined: ("decline to speak", "election"),
}


@pytest.fixture
def cast(conference, alice, bob, carol, stranger, organiser):
    return SimpleNamespace(
        conference=conference,
        alice=alice,
        bob=bob,
        carol=carol,
        organiser=organiser,
        by=Actor(alice.user, WHERE),
        stranger=Actor(stranger, WHERE),
    )


def logged():
    return list(AdminAct.objects.order_by("pk").values_list("act", "kind", "address", "reason"))


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_act_is_in_the_log_without_ip_address_and_words(cast, act):
    act(cast)
    assert logged() == [(*ACTS[act], None, "")]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_act_that_is_repeated_is_in_the_log_once(cast, act):
    act(cast)
    try:
        act(cast)
    except ValidationError:
        assert act is withdrew_campaign
    assert logged() == [(*ACTS[act], None, "")]


def test_changed_campaign_and_resignation_are_in_the_log(cast):
    campaign = make_campaign(cast.alice)
    campaign_actions.change_campaign(campaign=campaign, subject="Other", message="Words", by=cast.by)
    accepted(cast)
    actions.step_down(decision=cast.alice.decisions.get(), by=cast.by)
    assert [act for act, *_more in logged()] == ["change campaign", "accept to speak", "step down"]


def test_refused_act_is_not_in_the_log(cast):
    close_and_decide(conference=cast.conference, candidate=cast.bob, by=cast.organiser, reason="Best")
    AdminAct.objects.all().delete()
    with pytest.raises(ValidationError):
        opted_out(cast)
    assert logged() == []


def vote(cast):
    slug, by = cast.conference.slug, cast.by
    yield actions.cast_vote(slug=slug, candidate_id=cast.bob.pk, by=by)
    yield actions.cast_vote(slug=slug, candidate_id=cast.bob.pk, by=by)
    yield actions.cast_vote(slug=slug, candidate_id=cast.carol.pk, by=by)
    yield actions.withdraw_vote(conference=cast.conference, by=by)


def test_votes_are_never_in_the_log(cast):
    assert list(vote(cast))[:3] == [Cast.FIRST, Cast.UNCHANGED, Cast.MOVED]
    assert (logged(), LogEntry.objects.count()) == ([], 0)


def test_control_an_act_of_the_voter_would_be_seen(cast):
    list(vote(cast))
    opted_out(cast)
    assert logged() == [("opt out", "conference", None, "")]


def test_log_of_a_deleted_account_has_nothing_of_the_person(cast):
    requested_campaign(cast)
    wrote_pitch(cast)
    secrets = [cast.alice.user.name, cast.alice.user.email, "Vote for me", "Secret plans", WHERE]
    delete_account(by=cast.by)
    rows = list(AdminAct.objects.filter(by=cast.alice.user).values_list())
    assert [act.act for act in AdminAct.objects.order_by("pk")][-1] == "delete account"
    assert [text for text in secrets if text in str(rows)] == []


def test_leaving_is_logged_once_for_each_conference_of_a_deleted_account(cast):
    make_membership(cast.conference, name="Zoe")
    delete_account(by=cast.by)
    acts = AdminAct.objects.filter(by=cast.alice.user).order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["leave", "delete account"]

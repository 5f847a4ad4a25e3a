from typing import ClassVar

import pytest
from django.core.exceptions import ValidationError
from django.shortcuts import render
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct
from confbox.kit.tests.page import parse
from conferences.models import Conference
from conferences.tests.factories import make_conference, make_membership
from voting.desk.access import page_context
from voting.desk.forms import RulesForm
from voting.elections import actions
from voting.elections.election.electorate import ENTITLED
from voting.elections.election.models import Election, VotingState
from voting.elections.models import Decision, Vote
from voting.elections.receipts.actions import publish_closed_ballots
from voting.elections.rules.actions import set_rules
from voting.tests.factories import close_and_decide, close_by_clock, make_vote

pytestmark = pytest.mark.django_db

LAX = {"results_visibility": "live", "late_joiners": "may_vote", "ties": "any_member"}
STRICT = {"results_visibility": "after_decision", "late_joiners": "may_not_vote", "ties": "tied_only"}


def rule(conference, organiser=None, **rules):
    set_rules(conference=conference, by=Actor(organiser), **{**LAX, **rules})


def refused(conference, **rules):
    with pytest.raises(ValidationError) as refusal:
        rule(conference, **rules)
    return {name: messages[0] for name, messages in refusal.value.message_dict.items()}


def test_voting_does_not_open_before_the_rules_are_set():
    conference = make_conference(voting="open", rules_set_at=None)
    voter, candidate = make_membership(conference), make_membership(conference)
    assert conference.election.state() == VotingState.UNSCHEDULED
    with pytest.raises(ValidationError, match="have not set the rules of this vote yet"):
        actions.cast_vote(by=Actor(voter.user), slug=conference.slug, candidate_id=candidate.pk)
    assert not Vote.objects.exists()


def test_voting_opens_once_the_rules_are_set():
    conference = make_conference(voting="open", rules_set_at=None)
    rule(conference)
    assert conference.election.is_open()


def test_setting_the_rules_is_on_record(organiser):
    rule(make_conference(), organiser)
    act = AdminAct.objects.get()
    assert (act.act, act.by) == ("rules", organiser)
    assert "Members see results: Live, while voting is open" in act.what


def test_before_voting_opens_rules_can_become_laxer():
    conference = make_conference(voting="scheduled")
    rule(conference, **STRICT)
    rule(conference, **LAX)
    assert conference.election.results_visibility == "live"


@pytest.mark.parametrize("voting", ["open", "closed"])
def test_once_voting_has_opened_rules_cannot_become_laxer(voting):
    conference = make_conference(voting=voting, **STRICT, publishes_participants=False)
    refusals = refused(conference, publishes_participants=True)
    assert set(refusals) == {*STRICT, "publishes_participants"}
    assert set(refusals.values()) == {"Voting has opened, so this rule can only become stricter."}
    assert Conference.objects.get().election.results_visibility == "after_decision"


@pytest.mark.parametrize("voting", ["open", "closed"])
def test_once_voting_has_opened_organisers_do_not_begin_to_see_the_tally(voting):
    conference = make_conference(voting=voting, **STRICT)
    refusals = refused(conference, **STRICT, organisers_see_tally="live")
    assert refusals == {"organisers_see_tally": "Voting has opened, so this rule can only become stricter."}


def test_once_voting_has_opened_rules_can_become_stricter():
    conference = make_conference(voting="open", **LAX, publishes_participants=True)
    rule(conference, **STRICT)
    assert (conference.election.ties, conference.election.publishes_participants) == ("tied_only", False)


def test_votes_of_late_joiners_are_not_taken_away(conference, alice, bob):
    make_vote(alice, bob)
    refusals = refused(conference, results_visibility="after_decision", late_joiners="may_not_vote")
    assert refusals == {"late_joiners": "Members have joined since voting opened, and their votes count."}


def test_late_joiners_vote_unless_the_rules_forbid_it(conference, alice, bob):
    actions.cast_vote(by=Actor(alice.user), slug="open-conf", candidate_id=bob.pk)
    assert Vote.objects.count() == 1


def test_late_joiners_do_not_vote_where_the_rules_forbid_it():
    conference = make_conference(voting="open", late_joiners="may_not_vote")
    late, early = make_membership(conference), make_membership(conference)
    conference.memberships.filter(pk=early.pk).update(joined_at=conference.election.opens_at)
    with pytest.raises(ValidationError, match="You joined after voting had opened"):
        actions.cast_vote(by=Actor(late.user), slug=conference.slug, candidate_id=early.pk)
    actions.cast_vote(by=Actor(early.user), slug=conference.slug, candidate_id=late.pk)
    assert Vote.objects.get().voter == early


def test_the_electorate_is_who_may_vote():
    conference = make_conference(voting="open", late_joiners="may_not_vote")
    make_membership(conference)
    early = make_membership(conference, joined_at=conference.election.opens_at)
    make_membership(conference, joined_at=conference.election.opens_at, excluded_at=timezone.now())
    assert list(conference.memberships.filter(ENTITLED)) == [early]


def decide(conference, candidate, by):
    return close_and_decide(conference=conference, candidate=candidate, by=by, reason="Because.")


@pytest.fixture
def tie(conference, alice, bob, carol):
    make_vote(alice, bob)
    make_vote(bob, alice)
    close_by_clock(conference)
    Election.objects.update(ties="tied_only")
    return conference


def test_where_the_rules_say_so_one_of_the_tied_is_chosen(tie, carol, alice, organiser):
    with pytest.raises(ValidationError, match="one of the tied members has to be chosen"):
        decide(tie, carol, organiser)
    assert decide(tie, alice, organiser).speaker == alice


def test_those_who_declined_are_not_waited_for(tie, alice, bob, carol, organiser):
    for candidate in (alice, bob):
        actions.answer_decision(
            decision=decide(tie, candidate, organiser),
            accept=False,
            by=Actor(candidate.user),
        )
    assert decide(tie, carol, organiser).speaker == carol
    assert Decision.objects.count() == 3


def test_the_ballot_states_the_rules(as_alice, conference):
    Election.objects.update(results_visibility="after_close", ties="tied_only")
    shown = parse(as_alice.get("/conferences/open-conf/ballot/"))
    assert "Members see the count after voting has closed." in shown.text
    assert "the organisers choose one of the tied members and give a reason." in shown.text


def test_a_vote_whose_times_passed_without_rules_was_none(organiser):
    conference = make_conference(voting="closed", rules_set_at=None)
    assert conference.election.state() == VotingState.UNSCHEDULED
    assert publish_closed_ballots() == []
    with pytest.raises(ValidationError, match="Set new times in the conference first"):
        rule(conference)


def test_a_vote_whose_times_passed_without_rules_can_have_new_times(as_organiser):
    conference = make_conference(voting="closed", rules_set_at=None)
    page = f"/admin/conferences/conference/{conference.pk}/change/"
    assert "voting_opens_at" in as_organiser.get(page).context["adminform"].form.fields
    assert as_organiser.get(page).context["adminform"].form.fixed == ()


def test_the_admin_lists_a_vote_without_rules_as_not_scheduled(as_organiser):
    make_conference(title="Forgotten", voting="closed", rules_set_at=None)
    assert "Forgotten" in parse(as_organiser.get("/admin/voting/votes/?voting=unscheduled")).text
    assert not parse(as_organiser.get("/admin/voting/votes/?voting=closed")).mentions("Forgotten")


def test_a_refusal_does_not_tell_whether_a_late_joiner_has_voted(conference, alice):
    refusals = refused(conference, results_visibility="after_decision", late_joiners="may_not_vote")
    assert refusals == {"late_joiners": "Members have joined since voting opened, and their votes count."}


def test_organisers_do_not_see_the_tally_live_unless_the_rules_say_so(conference):
    assert Election._meta.get_field("organisers_see_tally").default == "after_close"
    assert refused(conference, organisers_see_tally="live", results_visibility="after_decision") == {
        "organisers_see_tally": "Voting has opened, so this rule can only become stricter."
    }


def test_the_ballot_states_what_organisers_see(as_alice, conference):
    shown = parse(as_alice.get("/conferences/open-conf/ballot/")).texts("li")
    assert (
        "While voting is open, organisers see how many members have voted. "
        "They see the votes of each candidate only after it has closed."
    ) in shown


@pytest.mark.parametrize("rule", [{"organisers_see_tally": "live"}, {"results_visibility": "live"}])
def test_the_ballot_states_that_organisers_see_the_tally_live(as_alice, conference, rule):
    Election.objects.update(**rule)
    shown = parse(as_alice.get("/conferences/open-conf/ballot/")).texts("li")
    assert "Organisers see the votes of each candidate while voting is open." in shown


@pytest.mark.parametrize("choice", ["tied", "", None, 5])
def test_a_choice_that_a_rule_does_not_have_is_refused_by_its_name(conference, choice):
    assert set(refused(conference, ties=choice)) == {"ties"}
    assert Election.objects.get().ties == "any_member"


class FormWithNumber(RulesForm):
    """As if a number were one of the rules."""

    class Meta(RulesForm.Meta):
        fields: ClassVar = [*RulesForm.Meta.fields, "reminder_limit"]


@pytest.mark.parametrize("number", ["-1", "99999999999999999999", "1.5", "many", ""])
def test_a_number_out_of_range_is_an_error_of_the_form(conference, number):
    form = FormWithNumber(STRICT | {"reminder_limit": number}, instance=conference.election)
    assert set(form.errors) == {"reminder_limit"}


def test_a_number_has_its_label_before_it(rf, conference, organiser):
    request = rf.get("/")
    request.user = organiser
    context = page_context(request, conference) | {"form": FormWithNumber(instance=conference.election)}
    page = parse(render(request, "admin/voting/tally/rules.html", context))
    assert page.texts("label[for=id_reminder_limit]") == ["Reminders to vote"]
    assert page.part("label:has(#id_publishes_participants)").text == "Publish who voted"
    assert not page.has("label #id_reminder_limit")

"""Each choice of each rule of a vote, and what voters read about it on the ballot."""

import pytest

from conferences.models import Conference
from conferences.tests.factories import make_conference
from voting.elections.election.models import Election
from voting.elections.rules.registry import RULES, rules_in_words

pytestmark = pytest.mark.django_db

# A row for each choice. A rule without a sentence for a choice has the beginning of none.
WORDS = [
    ("who_votes", "members", "Members who join before voting closes may vote."),
    ("who_votes", "roster", "Only members who are on the organisers’ list of participants may vote."),
    ("results_visibility", "live", "Members see the count while voting is open."),
    ("results_visibility", "after_close", "Members see the count after voting has closed."),
    ("results_visibility", "after_decision", "Members see the count after the chosen speaker has accepted."),
    ("organisers_see_tally", "live", "Organisers see the votes of each candidate while voting is open."),
    (
        "organisers_see_tally",
        "after_close",
        "While voting is open, organisers see how many members",
    ),
    ("late_joiners", "may_vote", "Members who join before voting closes may vote."),
    ("late_joiners", "may_not_vote", "Only members who joined before voting opened may vote:"),
    ("ties", "any_member", "If there is a tie, the organisers choose any member"),
    ("ties", "tied_only", "If there is a tie, the organisers choose one of the tied members"),
    (
        "publishes_participants",
        True,
        "No member or organiser learns whom you voted for. With the result,",
    ),
    ("publishes_participants", False, "No member or organiser learns whom you voted for, and members"),
    (
        "window_needs_consent",
        True,
        "Organisers can change the deadline or close voting early only if",
    ),
    ("window_needs_consent", False, ""),
]


def choices_of(name):
    field = Election._meta.get_field(name)
    return {value for value, _label in field.choices} if field.choices else {True, False}


@pytest.mark.parametrize(("name", "choice", "sentence"), WORDS)
def test_voters_read_what_was_chosen(name, choice, sentence):
    make_conference(voting="open", **{name: choice})
    read = [line for line in rules_in_words(Conference.objects.get()) if line.startswith(sentence or "-")]
    assert len(read) == bool(sentence)


def test_each_choice_of_each_rule_has_a_row():
    assert {(name, choice) for name, choice, _ in WORDS} == {
        (rule.field, choice) for rule in RULES for choice in choices_of(rule.field)
    }


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.field)
def test_each_choice_of_a_rule_has_a_strictness_of_its_own(rule):
    choices = choices_of(rule.field)
    assert len({rule.strictness(choice) for choice in choices}) == len(choices)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.field)
def test_the_default_of_a_rule_is_one_of_its_choices(rule):
    assert Election._meta.get_field(rule.field).get_default() in choices_of(rule.field)

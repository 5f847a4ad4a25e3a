"""The pages of a roster, by what they have to show."""

from datetime import timedelta

import pytest
from django.utils import timezone

from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of
from conferences.local_times import in_zone
from conferences.roster.actions import remove_entry
from conferences.roster.panels import ENTRIES_PANEL, PLAN_PANEL
from conferences.tests.factories import update_elections
from conferences.tests.rosters.entries import BY_COMMAND, imported, make_entry

pytestmark = pytest.mark.django_db

LISTS = [
    ("empty", "", "", "No one is on the roster now.", 0),
    ("found", "ada@example.org", "", "ada@example.org", 1),
    ("found", "ada@example.org", "?q=ada", "ada@example.org", 1),
    ("none_found", "ada@example.org", "?q=grace", "No one on the roster matches.", 0),
    ("none_found", "ada@example.org", "?state=removed", "No one on the roster matches.", 0),
]


@pytest.mark.parametrize(("state", "text", "query", "words", "rows"), LISTS)
def test_roster_of_a_conference(as_organiser, conference, state, text, query, words, rows):
    if text:
        imported(conference, text)
    answer = as_organiser.get(f"/admin/conferences/conference/{conference.pk}/roster/{query}")
    assert answer.context["panel"].state == state
    page = parse(answer).part("#content")
    assert words in page.text
    assert page.number_of("tbody tr") == rows
    assert page.has("form[role=search]") == (state != "empty")


EVERYONE = {"everyone": True, "roster": False}
ROSTER = {"everyone": False, "roster": True}
EMPTY = [
    (EVERYONE, "members", "Everyone may join, whether there is a roster or not.", "All members can vote"),
    (ROSTER, "roster", "Only people on the roster may join, so no one can join now.", "so no one can vote."),
    (ROSTER | {"approval": True}, "members", "People can join by the other rules.", "All members can vote"),
    (
        {"everyone": False, "roster": False, "approval": True},
        "roster",
        "The roster lets no one in; the other rules decide who may join.",
        "Only members on the roster may vote, so no one can vote.",
    ),
    ({"everyone": False, "roster": False}, "members", "No rule lets anyone in", "All members can vote"),
]


@pytest.mark.parametrize(("rules", "who_votes", "joins", "votes"), EMPTY)
def test_an_empty_roster_says_who_may_join_and_who_votes(
    as_organiser, conference, rules, who_votes, joins, votes
):
    type(conference.admission).objects.filter(conference=conference).update(**rules)
    type(conference.election).objects.filter(conference=conference).update(who_votes=who_votes)
    page = parse(as_organiser.get(f"/admin/conferences/conference/{conference.pk}/roster/"))
    said = page.part("#empty-roster").text
    assert (joins in said, votes in said) == (True, True)


def test_a_roster_from_which_everyone_was_removed_says_the_same(as_organiser, conference):
    remove_entry(entry=make_entry(conference), reason="Ticket returned", by=BY_COMMAND)
    page = parse(as_organiser.get(f"/admin/conferences/conference/{conference.pk}/roster/"))
    assert "No one is on the roster now." in page.part("#empty-roster").text


def test_after_the_vote_the_roster_promises_no_vote(as_organiser, conference):
    update_elections(conference, closes_at=timezone.now() - timedelta(seconds=1))
    url = f"/admin/conferences/conference/{conference.pk}/roster/"
    assert "can vote" not in parse(as_organiser.get(url)).part("#empty-roster").text
    make_entry(conference)
    said = parse(as_organiser.get(url)).part("#who-votes").text
    assert "Voting has closed. People can still join, but no longer vote." in said


PLANS = [
    ("to_confirm", "ada@example.org\ngrace@example.org", ["Import"]),
    ("to_confirm", "grace@example.org", ["Import"]),
    ("some_refused", "grace@example.org\nnowhere", ["Import"]),
    ("refused", "ada@example.org\nnowhere", []),
    ("nothing", "ADA@example.org", []),
]


@pytest.mark.parametrize(("state", "text", "buttons"), PLANS)
def test_page_to_confirm_an_import(as_organiser, conference, state, text, buttons):
    imported(conference, "ada@example.org")
    url = f"/admin/conferences/conference/{conference.pk}/roster/import/"
    answer = as_organiser.post(url, {"text": text}, follow=True)
    assert answer.context["panel"].state == state
    assert parse(answer).part("#plan").attributes("input[type=submit]", "value") == buttons


def test_entry_shows_since_when_it_is_in_its_state_and_why_it_was_removed(as_organiser, conference):
    entry = make_entry(conference, "ada@example.org")
    assert entry.in_state_since == entry.listed_at
    remove_entry(entry=entry, reason="Returned", by=BY_COMMAND)
    entry.refresh_from_db()
    assert entry.in_state_since == entry.removed_at
    page = parse(as_organiser.get(f"/admin/conferences/conference/{conference.pk}/roster/"))
    assert page.texts("tbody td > p") == [in_zone(conference, entry.removed_at), "Reason: Returned"]


def test_every_state_has_a_row_and_a_template():
    assert states_of(ENTRIES_PANEL) == {state for state, *_ in LISTS}
    assert states_of(PLAN_PANEL) == {state for state, *_ in PLANS}

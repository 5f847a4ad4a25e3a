"""Importing a roster: what the plan shows is what is written, all or nothing, and never twice."""

import pytest
from django.core.exceptions import ValidationError

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.tests.factories import make_organiser
from conferences.models import RosterEntry
from conferences.roster.actions import remove_entry
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import BY_COMMAND, imported, make_entry, plan, roster_of

pytestmark = pytest.mark.django_db

TABLE = "Email,Name,Reference\n"


@pytest.fixture
def conference(db):
    return make_conference(slug="conf-26")


def emails(rows):
    return [row.email for row in rows]


def present(conference):
    return [(e.email, e.name, e.reference) for e in roster_of(conference) if not e.removed_at]


def test_everyone_of_a_list_is_on_the_roster(conference, roles):
    organiser = make_organiser("organiser@example.org")
    imported(conference, "Ada <Ada@example.org>\ngrace@example.org", by=Actor(organiser))
    assert present(conference) == [("Ada@example.org", "Ada", ""), ("grace@example.org", "", "")]
    assert {entry.created_by for entry in roster_of(conference)} == {organiser}


def test_an_import_is_one_entry_of_the_log(conference):
    imported(conference, "ada@example.org\ngrace@example.org")
    act = AdminAct.objects.get()
    assert (act.act, act.target) == ("change", str(conference))
    assert act.what == "Roster imported from pasted list. New: 2."


def test_a_plan_writes_nothing(conference):
    found = plan(conference, "ada@example.org")
    assert (emails(found.new), roster_of(conference)) == (["ada@example.org"], [])


def test_the_same_list_again_changes_nothing(conference):
    text = f"{TABLE}ada@example.org,Ada,T-1\ngrace@example.org,,\n"
    imported(conference, text)
    before = list(RosterEntry.objects.values())
    again = imported(conference, text)
    assert (len(again.known), again.changes_anything()) == (2, False)
    assert list(RosterEntry.objects.values()) == before
    assert AdminAct.objects.count() == 1


def test_one_bad_row_keeps_all_out(conference):
    with pytest.raises(ValidationError) as refusal:
        imported(conference, "ada@example.org\nnowhere\n@example.org")
    assert refusal.value.messages == [
        "Line 2 (nowhere): There is no email address on this line.",
        "Line 3 (@example.org): This is not an email address.",
    ]
    assert roster_of(conference) == []


def test_refused_rows_are_left_out_where_that_was_chosen_and_the_log_counts_them(conference):
    imported(conference, "ada@example.org\nnowhere\n@example.org", leaves_out_refused=True)
    assert present(conference) == [("ada@example.org", "", "")]
    reason = "Roster imported from pasted list. New: 1, refused and left out: 2."
    assert AdminAct.objects.get().what == reason


def test_a_mailbox_that_comes_twice_is_listed_once_as_it_came_first(conference):
    found = imported(conference, "ada@example.org\nAda <ADA@example.org>\nada@example.org")
    assert present(conference) == [("ada@example.org", "", "")]
    repeated = [(r.row.line, r.first.line, r.is_spelled_otherwise) for r in found.repeated]
    assert repeated == [(2, 1, True), (3, 1, False)]


def test_other_names_and_references_are_shown_and_written(conference):
    imported(conference, f"{TABLE}ada@example.org,Ada,T-1\ngrace@example.org,Grace,T-2\n")
    text = f"{TABLE}ADA@example.org,Ada Lovelace,\ngrace@example.org,,\n"
    [changed] = plan(conference, text).changed
    assert (changed.entry.name, changed.name, changed.reference) == ("Ada", "Ada Lovelace", "T-1")
    imported(conference, text)
    assert present(conference) == [
        ("ada@example.org", "Ada Lovelace", "T-1"),
        ("grace@example.org", "Grace", "T-2"),
    ]


def test_those_who_are_not_in_the_list_are_shown_and_stay(conference):
    imported(conference, "ada@example.org\ngrace@example.org")
    found = imported(conference, "ada@example.org\nnew@example.org")
    assert emails(found.missing) == ["grace@example.org"]
    assert len(present(conference)) == 3


def test_those_who_are_not_in_the_list_are_removed_where_that_was_chosen(conference):
    imported(conference, "ada@example.org\ngrace@example.org")
    imported(conference, "ada@example.org", removes_missing=True)
    grace = RosterEntry.objects.removed().get()
    assert (grace.email, grace.removal_reason) == ("grace@example.org", "Not in pasted list.")
    assert AdminAct.objects.latest("pk").what == "Roster imported from pasted list. Removed: 1."
    again = imported(conference, "ada@example.org", removes_missing=True)
    assert again.missing == []
    assert AdminAct.objects.count() == 2


def test_removed_ones_are_shown_with_their_reason_and_listed_again(conference):
    entry = make_entry(conference, name="Ada")
    remove_entry(entry=entry, reason="Ticket returned", by=BY_COMMAND)
    [restored] = plan(conference, "ada@example.org").restored
    assert (restored.entry.removal_reason, restored.name) == ("Ticket returned", "Ada")
    imported(conference, "ada@example.org")
    assert [(e.pk, e.removed_at, e.removal_reason) for e in roster_of(conference)] == [(entry.pk, None, "")]


def test_an_import_leaves_invitations_and_members_alone(conference):
    member = make_membership(conference)
    make_entry(conference)
    RosterEntry.objects.update(membership=member, invited_at=member.joined_at)
    before = RosterEntry.objects.values("listed_at", "membership", "invited_at", "created_by").get()
    imported(conference, "Ada L. <ada@example.org>")
    after = RosterEntry.objects.values("listed_at", "membership", "invited_at", "created_by").get()
    assert (after, RosterEntry.objects.get().name) == (before, "Ada L.")


def test_another_conference_is_not_touched(conference):
    other = make_conference()
    make_entry(other)
    imported(conference, "grace@example.org", removes_missing=True)
    assert present(other) == [("ada@example.org", "", "")]


def test_a_removal_that_was_not_shown_is_refused(conference):
    imported(conference, "ada@example.org\ngrace@example.org")
    seen = plan(conference, "ada@example.org").version(removes_missing=True)
    make_entry(conference, "new@example.org")
    with pytest.raises(ValidationError, match="has changed since you opened this page"):
        imported(conference, "ada@example.org", removes_missing=True, seen=seen)
    assert len(present(conference)) == 3


def test_an_entry_that_came_meanwhile_does_not_stop_an_import(conference):
    seen = plan(conference, "ada@example.org\ngrace@example.org").version()
    make_entry(conference, "ada@example.org")
    imported(conference, "ada@example.org\ngrace@example.org", seen=seen)
    assert len(present(conference)) == 2


def test_what_was_shown_and_is_done_already_is_no_refusal(conference):
    imported(conference, "ada@example.org\ngrace@example.org")
    seen = plan(conference, "ada@example.org").version(removes_missing=True)
    for _ in range(2):
        imported(conference, "ada@example.org", removes_missing=True, seen=seen)
    assert len(present(conference)) == 1


def test_progress_is_told_for_each_row(conference):
    told = []
    imported(conference, "ada@example.org\ngrace@example.org", progress=lambda *numbers: told.append(numbers))
    assert told == [(1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("there", "new", "other"),
    [
        ("ada.lovelace@example.org", "adalovelace@example.org", "ada.lovelace@example.org"),
        ("paul@example.org", "pau1@example.org", "paul@example.org"),
        ("arnold@example.org", "amold@example.org", "arnold@example.org"),
        ("ada@apple.example", "ada@аpple.example", "ada@apple.example"),
        ("ada@gmail.com", "ada@gmial.com", "ada@gmail.com"),
        ("grace@example.org", "ada@gmial.com", "ada@gmail.com"),
        ("grace@example.org", "ada@gmail.con", "ada@gmail.com"),
        ("grace@example.org", "ada@hotmal.com", "ada@hotmail.com"),
    ],
)
def test_addresses_that_look_like_another_one_are_shown_and_listed(conference, there, new, other):
    make_entry(conference, there)
    found = imported(conference, new)
    assert [(alike.email, alike.other) for alike in found.look_alikes] == [(new, other)]
    assert len(roster_of(conference)) == 2


def test_look_alikes_within_a_list_are_shown(conference):
    found = plan(conference, "ada@example.org\nad.a@example.org")
    assert [(alike.line, alike.other) for alike in found.look_alikes] == [(2, "ada@example.org")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ada@example.org", "ada+1@example.org"),
        ("ada+1@example.org", "ada+2@example.org"),
        ("ada.l@gmail.com", "adal@gmail.com"),
        ("adal@gmail.com", "AdaL+x@googlemail.com"),
    ],
)
def test_addresses_with_one_mailbox_are_shown_whether_listed_or_in_the_list(conference, first, second):
    within = plan(conference, f"{first}\n{second}")
    make_entry(conference, first)
    after = plan(conference, second)
    for found in (within, after):
        assert [(alike.email, alike.other) for alike in found.same_mailbox] == [(second, first)]
        assert found.look_alikes == []


@pytest.mark.parametrize("domain", ["gmail.com", "ymail.com", "mail.com", "yahoo.fr", "example.com", "x.org"])
def test_a_right_domain_is_no_typing_error(conference, domain):
    assert plan(conference, f"ada@{domain}").look_alikes == []


def test_an_unchanged_roster_shows_no_look_alikes(conference):
    imported(conference, "ada@example.org\nada+1@example.org")
    again = plan(conference, "ada@example.org\nada+1@example.org")
    assert (again.look_alikes, again.same_mailbox) == ([], [])


def test_two_thousand_rows_are_planned_and_written_in_bulk(conference, django_assert_max_num_queries):
    text = "\n".join(f"Person {number} <person{number}@example.org>" for number in range(2000))
    with django_assert_max_num_queries(60):
        imported(conference, text)
    assert RosterEntry.objects.count() == 2000

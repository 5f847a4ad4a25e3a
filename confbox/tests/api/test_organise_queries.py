"""What organisers do through the API costs so many queries, however large the conference is."""

from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from confbox.kit.limits import here
from confbox.tests.api.desk import REASON, RULES
from confbox.tests.api.organising import owner_of_series, program_of
from confbox.tests.api.test_organise_creating import NEW
from conferences.tests.admission import ask, only
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import make_entry
from voting.tests.campaigns import make_campaign
from voting.tests.factories import close_by_clock, make_pitch, make_vote

pytestmark = pytest.mark.django_db
numbers = count(1)
FEW, MANY = 3, 12


def conference_of(size, **columns):
    """With so many members, each with a pitch and a vote, and as many on the roster."""
    conference = make_conference(**{"voting": "open"} | columns)
    members = [make_membership(conference) for _number in range(size)]
    for number, member in enumerate(members):
        make_pitch(member)
        make_entry(conference, f"r{number}@{conference.slug}.example")
        if conference.election.opens_at:
            make_vote(member, members[number - 1])
    return conference, members


def desk_of(conference):
    return program_of(conference), f"conferences/{conference.slug}/organise/"


def create(size):
    program, series = owner_of_series()
    for _number in range(size):
        make_conference(series=series, title=NEW["title"])
    return program, "organise/conferences/", NEW


def change_details(size):
    program, desk = desk_of(conference_of(size)[0])
    return program, f"{desk}details/", {"agenda": "New"}


def publish(size):
    program, desk = desk_of(conference_of(size, status="draft", voting=None)[0])
    return program, f"{desk}publish/", {}


def cancel(size):
    program, desk = desk_of(conference_of(size)[0])
    return program, f"{desk}cancel/", REASON


def set_rules(size):
    program, desk = desk_of(conference_of(size, voting="scheduled")[0])
    return program, f"{desk}rules/", RULES


def close_vote(size):
    program, desk = desk_of(conference_of(size)[0])
    return program, f"{desk}close/", REASON


def import_roster(size):
    program, desk = desk_of(conference_of(size)[0])
    text = "\n".join(f"new{number}@example.org" for number in range(size))
    plan = program.post(f"{desk}roster/import/", {"text": text}).json()
    return program, f"{desk}roster/import/{plan['digest']}/", {"seen": plan["seen"]}


def preview_roster(size):
    program, desk = desk_of(conference_of(size)[0])
    text = "\n".join(f"new{number}@example.org" for number in range(size))
    return program, f"{desk}roster/import/", {"text": text}


def decide(size):
    conference, members = conference_of(size)
    close_by_clock(conference)
    program, desk = desk_of(conference)
    return program, f"{desk}decide/{members[0].pk}/", REASON


def approve(size):
    conference, members = conference_of(size)
    program, desk = desk_of(conference)
    return program, f"{desk}campaigns/{make_campaign(members[0]).pk}/approve/", {"version": 1}


def refuse(size):
    conference, members = conference_of(size)
    program, desk = desk_of(conference)
    return program, f"{desk}campaigns/{make_campaign(members[0]).pk}/refuse/", REASON


def exclude(size):
    conference, members = conference_of(size)
    program, desk = desk_of(conference)
    return program, f"{desk}exclude/{members[0].pk}/", REASON


def let_in(size):
    conference = only(conference_of(size)[0], approval=True)
    asked = [ask(conference, make_user(f"asks{next(numbers)}@example.org")) for _number in range(size)]
    program, desk = desk_of(conference)
    return program, f"{desk}joining/requests/{asked[0].pk}/", {"answer": "accepted"}


# As measured, with savepoints, on the database that needs more; less is welcome.
BUDGETS = {
    create: 85,
    change_details: 24,
    publish: 16,
    cancel: 20,
    set_rules: 14,
    close_vote: 41,
    preview_roster: 17,
    import_roster: 30,
    decide: 42,
    approve: 23,
    refuse: 18,
    exclude: 28,
    let_in: 50,
}


def queries_of(act, size):
    program, path, body = act(size)
    here.clear()
    with CaptureQueriesContext(connection) as captured:
        response = program.post(path, body)
    assert response.status_code < 300, response.content
    return len(captured)


@pytest.mark.parametrize("act", BUDGETS, ids=lambda act: act.__name__)
def test_act_costs_no_more_queries_in_a_larger_conference(act):
    # What a process looks up once.
    queries_of(act, FEW)
    few, many = (queries_of(act, size) for size in (FEW, MANY))
    assert (few, many) == (many, few)
    assert many <= BUDGETS[act]

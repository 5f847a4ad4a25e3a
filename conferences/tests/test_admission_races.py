"""Many people at the door at once, with real threads and connections."""

from threading import Barrier

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.tests.factories import make_user
from confbox.kit.outcomes import Change
from confbox.kit.tests.threads import InThread
from conferences.admission import actions, rules
from conferences.admission.actions import renew_code
from conferences.joining.actions import answer_request
from conferences.models import JoinCode, JoinRequest, Membership, RosterEntry
from conferences.tests.admission import BY_COMMAND, ask, code_for, join, only
from conferences.tests.factories import make_conference
from conferences.tests.rosters.entries import make_entry

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time"),
]

MANY, USES = 50, 10


@pytest.fixture
def conference(db):
    return only(make_conference())


@pytest.fixture
def people(db):
    return [make_user(f"person{number}@example.org", password=None) for number in range(MANY)]


def together(acts):
    """All at once, each on a connection of its own; the result of each, or its error."""
    ready = Barrier(len(acts))

    def begun(act):
        ready.wait(20)
        return act()

    finished = [thread.finish() for thread in [InThread(lambda act=act: begun(act)) for act in acts]]
    return [thread.error or thread.result for thread in finished]


def join_with(code, people):
    return together(
        [lambda person=person: join(code.conference, person, code=code.code) for person in people]
    )


def refused(found):
    assert [type(each) for each in found if isinstance(each, Exception)] == [
        ValidationError for each in found if isinstance(each, Exception)
    ]
    return [each for each in found if isinstance(each, ValidationError)]


def test_a_code_of_ten_uses_lets_exactly_ten_of_fifty_in(conference, people):
    code = code_for(conference, most_uses=USES)
    found = join_with(code, people)
    code.refresh_from_db()
    assert (Membership.objects.count(), code.uses) == (USES, USES)
    assert {each.messages[0] for each in refused(found)} == {
        "This join code has been used the maximum number of times. Please ask the organisers for a new one."
    }


def test_control_a_count_that_is_read_and_then_written_lets_more_in(conference, people, monkeypatch):
    def read_and_write(code):
        uses = JoinCode.objects.get(pk=code.pk).uses
        JoinCode.objects.filter(pk=code.pk).update(uses=uses + 1)

    monkeypatch.setattr(rules, "_count_use", read_and_write)
    join_with(code_for(conference, most_uses=USES), people)
    assert Membership.objects.count() > USES


def test_person_who_joins_with_a_code_many_times_at_once_uses_it_once(conference, people):
    code = code_for(conference, most_uses=USES)
    refused(together([lambda: join(conference, people[0], code=code.code)] * USES))
    code.refresh_from_db()
    assert (Membership.objects.count(), code.uses) == (1, 1)


def test_person_who_comes_back_many_times_at_once_uses_the_code_once(conference, people):
    code = code_for(conference, most_uses=USES)
    join(conference, people[0], code=code.code)
    Membership.objects.update(left_at=code.created_at)
    refused(together([lambda: join(conference, people[0], code=code.code)] * USES))
    code.refresh_from_db()
    assert (Membership.objects.current().count(), code.uses) == (1, 2)


def test_one_entry_of_the_roster_admits_one_of_fifty(conference, people):
    entry = make_entry(only(conference, roster=True))
    found = together([lambda person=person: join(conference, person, entry=entry) for person in people])
    assert (Membership.objects.count(), len(refused(found))) == (1, MANY - 1)
    assert RosterEntry.objects.get().membership == Membership.objects.get()


def test_control_without_asking_for_the_entry_all_are_admitted(conference, people, monkeypatch):
    entry = make_entry(only(conference, roster=True))
    monkeypatch.setattr("conferences.actions.take_up", lambda *_admittance, **_options: None)
    together([lambda person=person: join(conference, person, entry=entry) for person in people])
    assert Membership.objects.count() > 1


def test_code_renewed_by_several_at_once_has_one_successor(conference):
    code = code_for(conference)
    options = {"expires_at": None, "most_uses": None, "by": BY_COMMAND}
    found = together([lambda: renew_code(code=code, **options)] * USES)
    assert (JoinCode.objects.usable().count(), len(refused(found))) == (1, USES - 1)


def test_codes_made_at_once_stay_within_their_limit(conference, monkeypatch):
    monkeypatch.setattr(actions, "MOST_CODES", 3)
    found = together([lambda: code_for(conference)] * USES)
    assert (JoinCode.objects.usable().count(), len(refused(found))) == (3, USES - 3)


def test_one_code_drawn_for_two_conferences_at_once_is_drawn_again(monkeypatch):
    first, second = make_conference(), make_conference()
    drawn = iter(["7K3M90X1", "7K3M90X1", "00000001", "00000002"])
    monkeypatch.setattr(actions, "draw_code", lambda: next(drawn))
    found = together([lambda: code_for(first), lambda: code_for(second)])
    assert len({code.code for code in found}) == 2


def test_people_who_are_let_in_while_they_join_with_a_code_are_members_once(conference, people):
    code, by = code_for(only(conference, approval=True)), BY_COMMAND
    asked = [ask(conference, person) for person in people[:20]]
    accept = [lambda a=a: answer_request(asked=a, answer="accepted", reason="", by=by) for a in asked]
    enter = [lambda a=a: join(conference, a.user, code=code.code) for a in asked]
    found = together([act for pair in zip(accept, enter, strict=True) for act in pair])
    assert [each for each in found if isinstance(each, Exception)] == []
    assert Membership.objects.current().count() == 20


def test_organisers_who_answer_a_request_at_once_give_one_answer(conference, people):
    asked = ask(only(conference, approval=True), people[0])
    answers = ["accepted", "declined"] * 5
    found = together(
        [lambda a=a: answer_request(asked=asked, answer=a, reason="Because.", by=BY_COMMAND) for a in answers]
    )
    assert (found.count(Change.MADE), found.count(Change.NONE), len(refused(found))) == (1, 4, 5)
    is_in = JoinRequest.objects.get().answer == "accepted"
    assert Membership.objects.current().count() == is_in
    assert len(mail.outbox) == 1


def test_person_who_asks_several_times_at_once_has_one_request(conference, people):
    only(conference, approval=True)
    refused(together([lambda: ask(conference, people[0])] * USES))
    assert JoinRequest.objects.count() == 1

"""Who chooses the speaker reads which pitch was hidden, since when and why."""

import pytest
from django.test import Client

from accounts.actors import Actor
from accounts.tests.factories import log_in_freshly
from confbox.kit.tests.page import parse
from voting.elections.moderation.hiding import hide_pitch
from voting.tests.consent import make_case
from voting.tests.factories import close_by_clock, make_pitch, make_vote

pytestmark = pytest.mark.django_db
REASON = "It insults another member."


def hide_pitch_of(member):
    make_pitch(member, headline="Rude words")
    hide_pitch(membership=member, reason=REASON, by=Actor.of_command())


@pytest.fixture
def hidden(conference, bob, carol):
    """Carol leads, and Bob's pitch is hidden."""
    make_vote(bob, carol)
    hide_pitch_of(bob)
    close_by_clock(conference)
    return bob


def test_page_to_choose_a_member_shows_that_the_pitch_is_hidden_and_why(as_organiser, conference, hidden):
    page = parse(as_organiser.get(f"/admin/voting/votes/{conference.pk}/decide/{hidden.pk}/"))
    said = page.part("#decision .desk-warning").text
    assert said.startswith("The pitch of Bob is hidden")
    assert REASON in said


def test_page_to_choose_another_member_shows_no_such_note(as_organiser, conference, hidden, carol):
    page = parse(as_organiser.get(f"/admin/voting/votes/{conference.pk}/decide/{carol.pk}/"))
    assert not page.has("#decision .desk-warning")


def test_search_for_whom_to_choose_marks_the_hidden_pitch(as_organiser, conference, hidden):
    page = parse(as_organiser.get(f"/admin/voting/votes/{conference.pk}/decision/?q=Bob"))
    assert page.texts("#choice li .desk-mark") == ["pitch hidden"]


def test_list_of_whom_to_choose_marks_the_hidden_pitch(as_organiser, conference, bob, carol):
    make_vote(carol, bob)
    close_by_clock(conference)
    hide_pitch_of(bob)
    page = parse(as_organiser.get(f"/admin/voting/votes/{conference.pk}/decision/"))
    assert page.texts("#list .desk-mark") == ["pitch hidden"]


def test_second_person_reads_that_the_pitch_is_hidden_and_why():
    conference, case, [first, second] = make_case("decide")
    hide_pitch_of(conference.memberships.get())
    url = f"/admin/conferences/conference/{conference.pk}/second-person/{case.ask(first).pk}/"
    page = parse(log_in_freshly(Client(), second).get(url))
    assert REASON in page.part("#consent-request .desk-warning").text

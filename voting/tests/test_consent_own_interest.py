"""Where two people are needed, who a request is about is not the second person, and does not learn of it."""

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from accounts.actors import Actor
from confbox.kit.tests.page import parse
from conferences.consent.actions import cancel_request, confirm_request
from conferences.models import ConsentRequest, Membership, Role, TeamMember
from conferences.tests.factories import make_membership
from conferences.tests.teams import make_team_member
from voting.tests.consent import REASON, make_case, states
from voting.tests.factories import make_vote
from voting.tests.test_consent_pages import ALL, browser_of, entered, list_of, page_of

pytestmark = pytest.mark.django_db

MEMBERS = {
    "decide": "Chosen Member",
    "exclude": "Excluded Member",
    "readmit": "Excluded Member",
    "remove": "Ada",
    "add": "Late Member",
}
every_act_about_a_member = pytest.mark.parametrize("name", MEMBERS)


def make_case_about_an_owner(name):
    """The member whom the act is about is an owner of the team, too."""
    conference, case, people = make_case(name)
    person = Membership.objects.get(conference=conference, user__name=MEMBERS[name]).user
    make_team_member(conference, Role.OWNER, user=person)
    return conference, case, people, person


@every_act_about_a_member
def test_who_it_is_about_is_not_asked_by_email(name):
    _conference, case, [first, second], _person = make_case_about_an_owner(name)
    mail.outbox.clear()
    case.ask(first)
    assert [message.to for message in mail.outbox] == [[second.email]]


@every_act_about_a_member
def test_who_it_is_about_neither_confirms_nor_declines_it(name):
    _conference, case, [first, _second], person = make_case_about_an_owner(name)
    asked = case.ask(first)
    for verb in (confirm_request, cancel_request):
        with pytest.raises(ValidationError, match="This request is about you"):
            verb(asked=asked, by=Actor(person))
    assert not case.is_done()
    assert states() == ["waiting"]


@every_act_about_a_member
def test_request_does_not_exist_for_the_one_whom_it_is_about(name):
    conference, case, [first, _second], person = make_case_about_an_owner(name)
    asked, browser = case.ask(first), browser_of(person)
    sent = [{"act": "confirm"}, {"act": "cancel"}]
    answers = [browser.get(page_of(asked)), *(browser.post(page_of(asked), each) for each in sent)]
    assert [answer.status_code for answer in answers] == [404] * 3
    desk = f"/admin/voting/votes/{conference.pk}/decision/"
    for path in (list_of(conference), ALL, desk, "/admin/"):
        shown = parse(browser.get(path, follow=True))
        assert page_of(asked) not in shown.links
        assert not shown.mentions(REASON)
    assert states() == ["waiting"]


@every_act_about_a_member
def test_form_does_not_name_who_it_is_about(name):
    conference, _case, [first, _second], person = make_case_about_an_owner(name)
    notice = parse(browser_of(first).get(entered(name, conference)[0])).part("#second-person")
    assert "Second Person" in notice.text
    assert person.name not in notice.text


@every_act_about_a_member
def test_form_says_before_it_is_sent_that_no_one_else_could_confirm(name):
    conference, case, [first, second], _person = make_case_about_an_owner(name)
    TeamMember.objects.filter(person=second).delete()
    (path, more), browser = entered(name, conference), browser_of(first)
    assert "no one else may" in parse(browser.get(path)).part("#second-person").text
    answer = parse(browser.post(path, {"reason": REASON} | more, follow=True))
    assert "There is no second person who could confirm this" in answer.text
    assert not case.is_done()
    assert not ConsentRequest.objects.exists()


def test_sole_leader_whom_the_count_chose_can_be_the_second_person():
    conference, case, [first, _second], person = make_case_about_an_owner("decide")
    make_vote(make_membership(conference), Membership.objects.get(user=person))
    confirm_request(asked=case.ask(first), by=Actor(person))
    assert case.is_done()


def test_who_asks_for_their_own_exclusion_can_withdraw_that():
    conference, case, _people, person = make_case_about_an_owner("exclude")
    asked, browser = case.ask(person), browser_of(person)
    assert parse(browser.get(list_of(conference))).texts("#waiting-requests a") == ["Withdraw…"]
    browser.post(page_of(asked), {"act": "cancel"})
    assert states() == ["withdrawn"]

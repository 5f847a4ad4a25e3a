"""One person of the team asks, another one confirms: for each act that a series can require it for."""

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct, User
from accounts.tests.factories import make_organiser
from confbox.kit.limits import Limit, LimitReached
from conferences.consent.actions import cancel_request, confirm_request
from conferences.consent.acts import ACTS, ConsentNeeded
from conferences.consent.steps import lapse_requests
from conferences.models import Conference, ConsentRequest, Role, TeamMember
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.teams import make_team_member
from voting.tests.consent import REASON, every_case, let_expire, make_case, no_consent, states

pytestmark = pytest.mark.django_db
State = ConsentRequest.State


@every_case
def test_no_one_does_it_alone(name):
    _conference, case, [first, _second] = make_case(name)
    with pytest.raises(ConsentNeeded):
        case.verb(by=Actor(first), reason=REASON)
    with pytest.raises(ConsentNeeded):
        case.verb(by=Actor(first, asked_by=first), reason=REASON)
    assert not case.is_done()


@every_case
def test_site_organiser_does_not_do_it_alone_either(name, roles):
    _conference, case, _people = make_case(name)
    with pytest.raises(ConsentNeeded):
        case.verb(by=Actor(make_organiser("site@example.org")), reason=REASON)
    assert not case.is_done()


@every_case
def test_where_it_is_not_required_one_person_does_it(name):
    conference, case, [first, _second] = make_case(name)
    no_consent(conference)
    case.ask(first)
    assert case.is_done()
    assert not ConsentRequest.objects.exists()


@every_case
def test_asking_changes_nothing_yet(name):
    _conference, case, [first, _second] = make_case(name)
    case.ask(first)
    assert not case.is_done()
    assert states() == ["waiting"]


@every_case
def test_what_a_second_person_confirms_is_done(name):
    _conference, case, [first, second] = make_case(name)
    confirm_request(asked=case.ask(first), by=Actor(second))
    assert case.is_done()
    assert states() == ["confirmed"]


@every_case
def test_site_organiser_can_confirm_it(name, roles):
    _conference, case, [first, _second] = make_case(name)
    confirm_request(asked=case.ask(first), by=Actor(make_organiser("site@example.org")))
    assert case.is_done()


@every_case
def test_same_request_twice_is_one_request(name):
    _conference, case, [first, second] = make_case(name)
    mail.outbox.clear()
    assert case.ask(first) == case.ask(first)
    assert [message.to for message in mail.outbox] == [[second.email]]
    assert AdminAct.objects.filter(act="ask for consent").count() == 1


@every_case
def test_confirming_twice_does_it_once(name):
    _conference, case, [first, second] = make_case(name)
    request = case.ask(first)
    before = AdminAct.objects.count()
    confirm_request(asked=request, by=Actor(second))
    after = AdminAct.objects.count()
    assert confirm_request(asked=request, by=Actor(second)).state(timezone.now()) == State.CONFIRMED
    assert AdminAct.objects.count() == after > before


@every_case
def test_no_one_confirms_their_own_request(name):
    _conference, case, [first, _second] = make_case(name)
    request = case.ask(first)
    with pytest.raises(ValidationError, match="You requested this yourself"):
        confirm_request(asked=request, by=Actor(first))
    assert not case.is_done()


@every_case
@pytest.mark.parametrize("role", [Role.REVIEWER, Role.HELP_DESK, Role.OBSERVER])
def test_role_without_the_permission_answers_nothing(name, role):
    conference, case, [first, _second] = make_case(name)
    request, other = case.ask(first), Actor(make_team_member(conference, role).person)
    for verb in (confirm_request, cancel_request):
        with pytest.raises(ValidationError, match="You may not answer"):
            verb(asked=request, by=other)
    assert not case.is_done()


def of_another_team():
    return make_team_member(make_conference(), Role.OWNER).person


def disabled_owner():
    person = make_team_member(Conference.objects.get(title="Hall Conf"), Role.OWNER).person
    person.is_active = False
    person.save()
    return person


def member():
    return make_membership(Conference.objects.get(title="Hall Conf")).user


@pytest.mark.parametrize("make", [of_another_team, disabled_owner, member])
def test_who_does_not_run_the_conference_answers_nothing(make):
    _conference, case, [first, _second] = make_case("exclude")
    request, other = case.ask(first), Actor(make())
    for verb in (confirm_request, cancel_request):
        with pytest.raises(ValidationError, match="You may not answer"):
            verb(asked=request, by=other)
    assert not case.is_done()


def test_role_that_was_taken_meanwhile_does_not_count():
    _conference, case, [first, second] = make_case("exclude")
    request = case.ask(first)
    assert second.has_perm("conferences.exclude_membership", request.conference)
    TeamMember.objects.filter(person=second).update(role=Role.OBSERVER)
    with pytest.raises(ValidationError, match="You may not answer"):
        confirm_request(asked=request, by=Actor(second))


@every_case
def test_both_people_are_in_the_audit_log_at_each_step(name):
    conference, case, [first, second] = make_case(name)
    cancel_request(asked=case.ask(first), by=Actor(second))
    cancel_request(asked=case.ask(first), by=Actor(first))
    let_expire(case.ask(first))
    lapse_requests()
    confirm_request(asked=case.ask(first), by=Actor(second, "192.0.2.8"))
    asked = "ask for consent"
    steps = [asked, "decline request", asked, "withdraw request", asked, "lapse request", asked]
    acts = AdminAct.objects.filter(act__in=[*steps, "confirm request"], of_conference=conference.pk)
    assert list(acts.order_by("pk").values_list("act", "by")) == [
        *zip(steps, [first.pk, second.pk, first.pk, first.pk, first.pk, None, first.pk], strict=True),
        ("confirm request", second.pk),
    ]
    both = acts.filter(act__in=["decline request", "lapse request", "confirm request"])
    assert all(act.asked_by == first for act in both)


@every_case
def test_log_of_the_act_itself_names_who_asked_for_it(name):
    _conference, case, [first, second] = make_case(name)
    request = case.ask(first)
    before = set(AdminAct.objects.values_list("pk", flat=True))
    confirm_request(asked=request, by=Actor(second))
    new = AdminAct.objects.exclude(pk__in=before).filter(by=second)
    assert new.count() > 1
    assert all(act.asked_by == first for act in new)


def test_log_has_no_name_and_no_private_reason_of_an_exclusion():
    _conference, case, [first, _second] = make_case("exclude")
    case.ask(first, reason="She shouted at Bob.")
    [act] = AdminAct.objects.filter(act="ask for consent")
    written = f"{act.target} {act.what} {act.reason}"
    assert [word for word in ("Excluded Member", "Bob") if word in written] == []


@every_case
def test_those_who_may_confirm_get_an_email_with_what_why_until_when_and_where(name):
    conference, case, [first, second] = make_case(name)
    make_team_member(conference, Role.HELP_DESK)
    mail.outbox.clear()
    request = case.ask(first)
    [message] = mail.outbox
    assert message.to == [second.email]
    what = ACTS[case.act].summary(conference, request.payload)
    path = f"/admin/conferences/conference/{conference.pk}/second-person/{request.pk}/"
    assert all(words in message.body for words in (what, REASON, path, "First Person", "UTC"))


def test_emails_are_in_the_language_of_their_reader():
    _conference, case, [first, second] = make_case("exclude")
    User.objects.filter(pk=second.pk).update(language="de")
    mail.outbox.clear()
    case.ask(first)
    assert mail.outbox[0].body.startswith("Guten Tag Second Person")


ANSWERS = {
    "confirmed": lambda request, second: confirm_request(asked=request, by=Actor(second)),
    "declined": lambda request, second: cancel_request(asked=request, by=Actor(second)),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_who_asked_gets_an_email_with_the_answer_once(answer):
    _conference, case, [first, second] = make_case("exclude")
    request = case.ask(first)
    mail.outbox.clear()
    for _ in range(2):
        ANSWERS[answer](request, second)
    to_first = [message for message in mail.outbox if message.to == [first.email]]
    assert [f"has {answer} what you asked for" in message.body for message in to_first] == [True]


@every_case
def test_what_is_declined_or_withdrawn_can_no_longer_be_confirmed(name):
    _conference, case, [first, second] = make_case(name)
    request = case.ask(first)
    assert [cancel_request(asked=request, by=Actor(second)) for _ in range(2)] == [State.DECLINED] * 2
    again = case.ask(first)
    assert cancel_request(asked=again, by=Actor(first)) == State.WITHDRAWN
    for each in (request, again):
        with pytest.raises(ValidationError, match="no longer open"):
            confirm_request(asked=each, by=Actor(second))
    assert not case.is_done()


def test_what_is_confirmed_cannot_be_withdrawn():
    _conference, case, [first, second] = make_case("exclude")
    request = case.ask(first)
    confirm_request(asked=request, by=Actor(second))
    with pytest.raises(ValidationError, match="no longer open"):
        cancel_request(asked=request, by=Actor(first))


# Who can be asked, and two requests about the same


def test_request_of_the_only_person_is_refused():
    _conference, case, [first, second] = make_case("exclude")
    TeamMember.objects.filter(person=second).delete()
    with pytest.raises(ValidationError, match="no second person"):
        case.ask(first)
    assert not ConsentRequest.objects.exists()


def test_another_request_about_the_same_waits_until_the_first_is_answered():
    _conference, case, [first, second] = make_case("exclude")
    request = case.ask(first)
    for person, reason in ((second, REASON), (first, "Another reason.")):
        with pytest.raises(ValidationError, match="First Person has already requested"):
            case.ask(person, reason=reason)
    cancel_request(asked=request, by=Actor(second))
    assert case.ask(second) != request


def test_person_who_asks_and_withdraws_all_the_time_is_stopped(monkeypatch):
    few = Limit("few made up", person="3/d")
    monkeypatch.setattr("conferences.consent.actions.REQUESTS", few)
    _conference, case, [first, second] = make_case("exclude")
    for _ in range(3):
        cancel_request(asked=case.ask(first), by=Actor(first))
    with pytest.raises(LimitReached, match="Too many requests"):
        case.ask(first)
    assert states() == ["withdrawn"] * 3
    assert case.ask(second)


def test_same_request_again_does_not_count(monkeypatch):
    monkeypatch.setattr("conferences.consent.actions.REQUESTS", Limit("few made up", person="1/d"))
    _conference, case, [first, _second] = make_case("exclude")
    assert case.ask(first) == case.ask(first)


def test_database_keeps_one_waiting_request_about_the_same():
    _conference, case, [first, second] = make_case("exclude")
    request = case.ask(first)
    request.pk, request.asked_by = None, second
    with pytest.raises(IntegrityError), transaction.atomic():
        request.save(force_insert=True)


@pytest.mark.parametrize("payload", [None, [], {}, {"member": "1", "readmits": False}, {"member": True}])
def test_payload_that_is_not_of_the_act_is_refused(payload):
    with pytest.raises(ValidationError, match="incomplete"):
        ACTS["exclusion"].cleaned(payload)


def test_unknown_change_of_the_roll_and_unreadable_time_are_refused():
    with pytest.raises(ValidationError):
        ACTS["roll"].cleaned({"change": "burn", "row": 1})
    with pytest.raises(ValidationError):
        ACTS["window"].cleaned({"seen": "yesterday", "closes_at": None})

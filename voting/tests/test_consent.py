"""If the rules require it, one organiser requests a change of the window and another one confirms it."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly, make_organiser, make_user
from confbox.kit.tests.page import parse
from conferences.models import Conference
from voting.elections.consent import cancel_request, confirm_request, request_change, waiting_request
from voting.elections.election.models import Election
from voting.elections.models import WindowChange, WindowRequest
from voting.elections.receipts.models import PublishedBallots
from voting.elections.rules.actions import set_rules
from voting.elections.rules.registry import rules_in_words
from voting.elections.window import close_early, move_deadline

pytestmark = pytest.mark.django_db
HALL = "The hall is booked."
RULES = {"results_visibility": "after_decision", "late_joiners": "may_vote", "ties": "any_member"}


def hours(number):
    return (timezone.now() + timedelta(hours=number)).replace(second=0, microsecond=0)


@pytest.fixture
def election(conference):
    Election.objects.update(window_needs_consent=True)
    return Conference.objects.get()


@pytest.fixture
def second(roles):
    return make_organiser("second@example.org", name="Second")


@pytest.fixture
def third(roles):
    return make_organiser("third@example.org", name="Third")


@pytest.fixture
def ask(election, organiser, second):
    def ask(to, *, reason=HALL, by=organiser, **options):
        return request_change(conference=election, closes_at=to, reason=reason, by=Actor(by), **options)

    return ask


def deadline():
    return Conference.objects.get().election.closes_at


def test_no_one_changes_the_window_alone(election, organiser):
    with pytest.raises(ValidationError, match="a second organiser has to confirm"):
        move_deadline(conference=election, closes_at=hours(5), reason=HALL, by=Actor(organiser))
    with pytest.raises(ValidationError, match="a second organiser has to confirm"):
        close_early(conference=election, reason=HALL, by=Actor(organiser))
    with pytest.raises(ValidationError, match="a second organiser has to confirm"):
        close_early(conference=election, reason=HALL, by=Actor(organiser), asked_by=organiser)
    assert deadline() == election.election.closes_at


def test_a_request_changes_nothing_yet(ask, election):
    request = ask(hours(5))
    assert deadline() == election.election.closes_at
    assert waiting_request(election) == request
    assert not WindowChange.objects.exists()


def test_what_a_second_organiser_confirms_is_done_in_both_names(ask, organiser, second):
    change = confirm_request(request=ask(hours(5)), by=Actor(second))
    assert deadline() == hours(5)
    assert (change.by, change.agreed_by, change.reason) == (organiser, second, HALL)
    assert change.notice == WindowChange.objects.get().notice


def test_a_confirmed_close_publishes_the_ballots(ask, second):
    assert confirm_request(request=ask(None), by=Actor(second)).act == "closed"
    assert PublishedBallots.objects.exists()


def test_no_one_confirms_their_own_request(ask, organiser):
    request = ask(hours(5))
    with pytest.raises(ValidationError, match="You requested this yourself"):
        confirm_request(request=request, by=Actor(organiser))
    assert not WindowChange.objects.exists()


def test_confirming_twice_is_one_change(ask, second, third):
    request = ask(hours(5))
    assert (
        confirm_request(request=request, by=Actor(second))
        == confirm_request(request=request, by=Actor(second))
        == confirm_request(request=request, by=Actor(third))
    )
    assert WindowChange.objects.get().agreed_by == second


@pytest.mark.parametrize("to", [5, None])
def test_the_same_request_twice_is_one_request(ask, to):
    at = hours(to) if to else None
    assert ask(at) == ask(at)
    assert len(mail.outbox) == AdminAct.objects.exclude(act="change").count() == 1


def test_the_same_request_after_it_was_confirmed_is_that_one(ask, second):
    at = hours(5)
    request = ask(at)
    confirm_request(request=request, by=Actor(second))
    assert ask(at) == request


def test_another_request_waits_until_the_first_is_settled(ask, second, organiser):
    request = ask(hours(5))
    with pytest.raises(ValidationError, match="has already requested another change"):
        ask(hours(6), by=second)
    cancel_request(request=request, by=Actor(organiser))
    assert ask(hours(6), by=second) != request


def test_the_database_keeps_one_waiting_request(ask, election, second):
    ask(hours(5))
    more = {"election": election.election, "seen": deadline(), "reason": "x", "requested_by": second}
    with pytest.raises(IntegrityError), transaction.atomic():
        WindowRequest.objects.create(requested_at=timezone.now(), **more)


@pytest.mark.parametrize(("who", "state"), [("organiser", "withdrawn"), ("second", "declined")])
def test_a_request_is_withdrawn_by_its_author_and_declined_by_another(request, ask, election, who, state):
    asked, by = ask(hours(5)), request.getfixturevalue(who)
    assert [cancel_request(request=asked, by=Actor(by)) for _ in range(2)] == [state, state]
    assert waiting_request(election) is None
    with pytest.raises(ValidationError, match="no longer open"):
        confirm_request(request=asked, by=Actor(make_user("fourth@example.org")))
    assert AdminAct.objects.exclude(act="change").count() == 2


def test_what_is_confirmed_cannot_be_withdrawn(ask, organiser, second):
    request = ask(hours(5))
    confirm_request(request=request, by=Actor(second))
    with pytest.raises(ValidationError, match="no longer open"):
        cancel_request(request=request, by=Actor(organiser))


def test_a_request_expires_with_the_deadline(ask, election, second):
    request = ask(hours(48))
    Election.objects.update(closes_at=timezone.now())
    WindowRequest.objects.update(seen=timezone.now())
    assert waiting_request(Conference.objects.as_of_now().get()) is None
    with pytest.raises(ValidationError, match="has expired"):
        confirm_request(request=request, by=Actor(second))
    with pytest.raises(ValidationError, match="has expired"):
        cancel_request(request=request, by=Actor(second))


def test_a_request_expires_with_the_deadline_it_asks_for(ask, second):
    request = ask(hours(5))
    WindowRequest.objects.update(closes_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(ValidationError, match="has expired"):
        confirm_request(request=request, by=Actor(second))
    assert ask(hours(6)) != request
    assert WindowRequest.objects.get(pk=request.pk).state == "expired"


def test_a_deadline_that_has_passed_is_a_request_to_close(ask, second):
    assert ask(hours(-3)).closes_at is None


@pytest.mark.parametrize("reason", ["", " \n"])
def test_a_request_needs_a_reason(ask, reason):
    with pytest.raises(ValidationError, match="Please give a reason"):
        ask(hours(5), reason=reason)


def test_a_request_of_the_only_organiser_is_refused(election, organiser):
    with pytest.raises(ValidationError, match="no second organiser"):
        request_change(conference=election, closes_at=hours(5), reason=HALL, by=Actor(organiser))
    assert not WindowRequest.objects.exists()


def test_the_other_organisers_are_asked_by_email_and_no_one_else(ask, second, third, alice):
    make_user("helper@example.org", is_staff=True)
    request = ask(hours(5))
    assert sorted(message.to[0] for message in mail.outbox) == [second.email, third.email]
    assert HALL in mail.outbox[0].body
    assert f"/window-requests/{request.pk}/" in mail.outbox[0].body


def test_every_step_is_in_the_audit_log_with_who_did_it(ask, organiser, second):
    confirm_request(request=ask(hours(5)), by=Actor(second, "192.0.2.8"))
    acts = AdminAct.objects.exclude(act="change").order_by("pk").values_list("act", "by", "address")
    assert list(acts) == [
        ("ask to move deadline", organiser.pk, None),
        ("move deadline", second.pk, "192.0.2.8"),
    ]


def test_the_rule_can_be_set_while_voting_is_open_and_not_lifted(conference, organiser):
    set_rules(conference=conference, by=Actor(organiser), window_needs_consent=True, **RULES)
    assert Conference.objects.get().election.window_needs_consent
    with pytest.raises(ValidationError, match="can only become stricter"):
        set_rules(conference=conference, by=Actor(organiser), **RULES)


def test_the_ballot_states_the_rule(election):
    sentence = "Organisers can change the deadline or close voting early only if a second organiser agrees."
    assert sentence in rules_in_words(election)
    election.election.window_needs_consent = False
    assert sentence not in rules_in_words(election)


def page_of(conference, request=None):
    one = f"/admin/voting/tally/{conference.pk}/"
    return f"{one}window-requests/{request.pk}/" if request else f"{one}change/"


def test_the_desk_asks_instead_of_closing(as_organiser, election, second):
    answers = [
        as_organiser.post(f"/admin/voting/tally/{election.pk}/{path}/", {"reason": HALL}, follow=True)
        for path in ("close", "close", "close-and-decide")
    ]
    assert [answer.redirect_chain for answer in answers] == [[(page_of(election), 302)]] * 3
    assert "Nothing changes until one of them confirms it." in parse(answers[0]).text
    assert Conference.objects.get().election.is_open()
    assert WindowRequest.objects.count() == 1


def test_the_desk_asks_instead_of_moving(as_organiser, election, second):
    path = f"/admin/voting/tally/{election.pk}/move-deadline/"
    seen = as_organiser.get(path).context["panel"].facts["form"]["seen"].value()
    sent = {"closes_at": f"{hours(5):%Y-%m-%dT%H:%M}", "reason": HALL, "seen": seen}
    assert "Ask a second organiser" in parse(as_organiser.post(path, sent)).buttons
    as_organiser.post(path, sent | {"confirmed": "yes"})
    assert WindowRequest.objects.get().closes_at == hours(5)
    assert deadline() == election.election.closes_at


def test_a_second_organiser_confirms_on_the_desk_and_again(ask, election, second):
    request, browser = ask(hours(5)), log_in_freshly(Client(), second)
    assert "Confirm or decline…" in parse(browser.get(page_of(election))).texts("a")
    answers = [
        parse(browser.post(page_of(election, request), {"act": "confirm"}, follow=True)) for _ in range(2)
    ]
    assert all("The deadline has been moved" in answer.text for answer in answers)
    assert deadline() == hours(5)
    assert any("confirmed by Second" in cell for cell in answers[1].texts("td"))


def test_the_author_is_offered_to_withdraw_and_not_to_confirm(ask, election, as_organiser):
    request = ask(hours(5))
    shown = parse(as_organiser.get(page_of(election, request)))
    assert "Confirm" not in shown.buttons
    answer = parse(as_organiser.post(page_of(election, request), {"act": "confirm"}, follow=True))
    assert "You requested this yourself" in answer.text
    as_organiser.post(page_of(election, request), {"act": "cancel"})
    assert WindowRequest.objects.get().state == "withdrawn"


def test_a_settled_request_offers_nothing(ask, election, as_organiser, organiser):
    request = ask(hours(5))
    cancel_request(request=request, by=Actor(organiser))
    shown = parse(as_organiser.get(page_of(election, request)))
    assert "is no longer open" in shown.text
    assert not parse(as_organiser.get(page_of(election))).mentions("window-request")


def test_an_organiser_who_may_not_change_the_conference_settles_nothing(ask, election):
    request = ask(hours(5))
    helper = make_user("helper@example.org", is_staff=True)
    answer = log_in_freshly(Client(), helper).post(page_of(election, request), {"act": "confirm"})
    assert answer.status_code == 403
    assert WindowRequest.objects.get().state == "waiting"


def test_a_request_of_another_conference_is_not_found(ask, election, as_organiser):
    request = ask(hours(5))
    other = election.pk + 1000
    path = f"/admin/voting/tally/{other}/window-requests/{request.pk}/"
    assert as_organiser.get(path).status_code == 404

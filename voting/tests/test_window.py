"""The window of an open vote is fixed: moving the deadline and closing early are acts of their own."""

from datetime import timedelta
from functools import partial

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct, User
from accounts.tests.factories import log_in_freshly, make_organiser, make_user
from confbox.kit.tests.page import parse
from conferences.local_times import in_zone
from conferences.models import Conference, Membership
from conferences.tests.factories import make_conference, update_elections
from voting.campaigns.models import Campaign
from voting.campaigns.sending.actions import pause_campaign, stop_campaign
from voting.campaigns.sending.dispatch import begin_campaign
from voting.campaigns.subscriptions.models import Unsubscription
from voting.elections import actions
from voting.elections.election.models import Election
from voting.elections.models import WindowChange
from voting.elections.receipts.models import PublishedBallots
from voting.elections.window import close_early, move_deadline
from voting.tests.campaigns import dispatch_due
from voting.tests.factories import close_by_clock, make_vote

pytestmark = pytest.mark.django_db
HALL = "The hall is booked."


def hours(number):
    return (timezone.now() + timedelta(hours=number)).replace(second=0, microsecond=0)


@pytest.fixture
def move(conference, organiser):
    def move(to, *, reason=HALL, by=organiser, address=None, **options):
        found, actor = Conference.objects.get(pk=conference.pk), Actor(by, address)
        return move_deadline(conference=found, closes_at=to, reason=reason, by=actor, **options)

    return move


@pytest.mark.parametrize("to", [5, 48])
def test_a_deadline_moves_earlier_and_later(move, conference, to):
    move(hours(to))
    assert Conference.objects.get().election.closes_at == hours(to)


@pytest.mark.parametrize("to", [-1, -500])
def test_a_deadline_that_has_passed_is_refused_and_voting_stays_open(move, conference, to):
    with pytest.raises(ValidationError, match="This time has passed"):
        move(hours(to))
    assert Conference.objects.get().election.closes_at == conference.election.closes_at


def test_closing_early_counts_the_votes_now(conference, organiser, alice, bob):
    make_vote(alice, bob)
    change = close_early(conference=conference, reason=HALL, by=Actor(organiser))
    stored = Conference.objects.get()
    assert (change.act, stored.election.is_open()) == ("closed", False)
    assert abs(stored.election.closes_at - timezone.now()) < timedelta(minutes=1)
    assert PublishedBallots.objects.get().result["tally"] == {str(bob.pk): 1}


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_reason_is_needed(move, conference, reason):
    with pytest.raises(ValidationError, match="Please give a reason"):
        move(hours(5), reason=reason)
    with pytest.raises(ValidationError, match="Please give a reason"):
        close_early(conference=conference, reason=reason, by=Actor(make_user("o@example.org")))
    assert Conference.objects.get().election.closes_at == conference.election.closes_at


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        (
            {"voting": "scheduled"},
            "Voting has not opened yet. Change its times on the form of the conference.",
        ),
        ({"voting": None}, "Voting has not opened yet."),
        ({"voting": "closed"}, "Voting is over and the count is final"),
        ({"voting": "open", "status": "inactive"}, "This conference is not active"),
        ({"voting": "open", "decided_at": timezone.now()}, "Voting is over and the count is final"),
    ],
)
def test_only_an_open_vote_has_a_deadline_to_move(organiser, columns, sentence):
    conference = make_conference(**columns)
    with pytest.raises(ValidationError, match=sentence):
        move_deadline(conference=conference, closes_at=hours(5), reason=HALL, by=Actor(organiser))
    with pytest.raises(ValidationError, match=sentence):
        close_early(conference=conference, reason=HALL, by=Actor(organiser))
    assert not WindowChange.objects.exists()
    assert not Campaign.objects.exists()


def test_after_the_ballots_are_published_nothing_moves(move, conference):
    actions.close_voting(conference=conference)
    Election.objects.update(closes_at=hours(5))
    with pytest.raises(ValidationError, match="the count is final"):
        move(hours(9))


def test_voting_must_close_before_the_conference_ends(move, conference):
    with pytest.raises(ValidationError, match="Voting must close before the conference ends"):
        move(conference.ends_at + timedelta(hours=1))


def test_the_deadline_that_is_there_already_is_no_move(move, conference):
    with pytest.raises(ValidationError, match="This is already the deadline"):
        move(conference.election.closes_at)


def test_the_same_request_twice_is_one_move(move, conference):
    seen, to = conference.election.closes_at, hours(5)
    first, second = move(to, seen=seen), move(to, seen=seen)
    assert first == second
    assert Campaign.objects.count() == 1


def test_an_organiser_who_read_another_deadline_is_asked_to_read_again(move, conference, roles):
    seen = conference.election.closes_at
    move(hours(5), seen=seen)
    with pytest.raises(ValidationError, match="The deadline has changed since you opened this page"):
        move(hours(6), seen=seen, by=make_organiser("second@example.org"))
    assert Conference.objects.get().election.closes_at == hours(5)


def test_a_move_is_in_the_audit_log_with_both_times_and_the_reason(move, conference, organiser):
    old = in_zone(conference, conference.election.closes_at)
    move(hours(5), address="192.0.2.7")
    act = AdminAct.objects.get(act="move deadline")
    assert (act.act, act.by, act.target, act.address) == (
        "move deadline",
        organiser,
        "Open Conf",
        "192.0.2.7",
    )
    assert act.what == f"Deadline moved from {old} to {in_zone(conference, hours(5))}."
    assert act.reason == HALL


def sent_of(change):
    begin_campaign(change.notice)
    dispatch_due()
    return {message.to[0]: message for message in mail.outbox}


def test_every_member_is_notified_once_also_those_who_refuse_campaigns(move, alice, bob, carol, stranger):
    User.objects.filter(pk=alice.user_id).update(receives_campaigns=False)
    Unsubscription.objects.create(conference=bob.conference, user=bob.user)
    Membership.objects.filter(pk=carol.pk).update(left_at=timezone.now())
    change = move(hours(5))
    change.refresh_from_db()
    assert set(sent_of(change)) == {alice.user.email, bob.user.email}
    dispatch_due()
    assert len(mail.outbox) == 2


def test_the_notice_has_both_times_and_the_reason_and_no_unsubscribe_link(move, alice, conference):
    old, new = (in_zone(conference, at) for at in (conference.election.closes_at, hours(5)))
    change = move(hours(5))
    change.refresh_from_db()
    message = sent_of(change)[alice.user.email]
    assert message.subject == "The voting deadline at Open Conf was moved"
    for words in (old, new, HALL):
        assert words in message.body
    assert "List-Unsubscribe" not in message.extra_headers


def test_the_notice_of_an_early_close_says_so(conference, organiser, alice):
    change = close_early(conference=conference, reason=HALL, by=Actor(organiser))
    change.refresh_from_db()
    assert sent_of(change)[alice.user.email].subject == "Voting at Open Conf was closed early"


def test_the_notice_is_sent_though_the_conference_was_taken_off_the_list(conference, organiser, alice):
    change = close_early(conference=conference, reason=HALL, by=Actor(organiser))
    change.refresh_from_db()
    Conference.objects.update(status="inactive")
    dispatch_due()
    assert [m.to for m in mail.outbox] == [[alice.user.email]]


def test_the_notice_cannot_be_stopped_or_paused(move, organiser):
    change = move(hours(5))
    change.refresh_from_db()
    for hold in (pause_campaign, partial(stop_campaign, reason="No")):
        with pytest.raises(ValidationError, match="Every member must be notified of the change"):
            hold(campaign=change.notice, by=Actor(organiser))


@pytest.mark.parametrize("page", ["", "ballot/"])
def test_the_members_pages_show_what_was_moved_and_why(as_alice, conference, move, page):
    old, new = (in_zone(conference, at) for at in (conference.election.closes_at, hours(5)))
    move(hours(5), reason="<b>Hall</b> booked")
    shown = parse(as_alice.get(f"/conferences/open-conf/{page}"))
    note = shown.part("[role=note]")
    assert f"The organisers moved the deadline: from {old} to {new}." in note.text
    assert note.texts("bdi") == ["<b>Hall</b> booked"]


def note_of(browser, page=""):
    return parse(browser.get(f"/conferences/open-conf/{page}"))


def test_only_the_latest_change_is_unfolded(as_alice, conference, move):
    for number in (5, 6):
        move(hours(number))
    latest = in_zone(conference, hours(6))
    note = note_of(as_alice).part("#window-note")
    assert note.texts("summary") == [f"The deadline was moved to {latest}."]
    assert note.number_of("details:not([open]) li") == 2


def test_what_there_is_to_do_comes_before_what_has_changed(as_alice, conference, move):
    move(hours(5))
    page = note_of(as_alice)
    assert page.attributes("#panels > *", "id")[:2] == ["voting", "window-note"]


@pytest.mark.parametrize("page", ["", "ballot/"])
def test_a_deadline_that_has_passed_is_no_news(as_alice, conference, move, page):
    move(hours(5))
    close_by_clock(conference)
    shown = note_of(as_alice, page)
    assert not shown.has("[role=note]")
    assert HALL in shown.part("#window-note").text


def test_that_voting_was_closed_early_is_said_after_it(as_alice, conference, organiser):
    close_early(conference=conference, reason=HALL, by=Actor(organiser))
    [said] = note_of(as_alice).part("#window-note").texts("summary")
    assert said.startswith("Voting was closed early, on ")


def test_pages_of_a_vote_whose_window_was_kept_show_nothing(as_alice, conference):
    for page in ("", "ballot/"):
        assert not parse(as_alice.get(f"/conferences/open-conf/{page}")).has("[role=note]")


DESK = "/admin/voting/votes/{}/move-deadline/"


def form_of(browser, conference, **changes):
    form = browser.get(DESK.format(conference.pk)).context["panel"].facts["form"]
    typed = {"closes_at": f"{hours(5):%Y-%m-%dT%H:%M}", "reason": HALL, "seen": form["seen"].value()}
    return typed | changes


def test_the_desk_asks_to_confirm_the_old_and_the_new_time(as_organiser, conference, alice, bob):
    page = as_organiser.post(DESK.format(conference.pk), form_of(as_organiser, conference))
    shown = parse(page)
    for at in (conference.election.closes_at, hours(5)):
        assert in_zone(conference, at) in shown.texts("dd")
    assert "Members have less time than announced" in shown.text
    assert "2 members get an email" in shown.text
    assert Conference.objects.get().election.closes_at == conference.election.closes_at


def test_what_is_confirmed_on_the_desk_is_done(as_organiser, conference):
    sent = form_of(as_organiser, conference, confirmed="yes")
    answers = [as_organiser.post(DESK.format(conference.pk), sent) for _ in range(2)]
    assert {(a.status_code, a.url) for a in answers} == {
        (302, f"/admin/voting/votes/{conference.pk}/turnout/")
    }
    assert WindowChange.objects.get().closes_at == hours(5)
    desk = parse(as_organiser.get(answers[0].url))
    assert any(HALL in cell for row in desk.rows for cell in row)


def test_a_deadline_that_cannot_be_is_refused_before_its_consequences_are_shown(as_organiser, conference):
    now = conference.election.closes_at.replace(second=0, microsecond=0)
    update_elections(closes_at=now)
    conference.election.closes_at = now
    refused = {
        hours(-3): "This time has passed.",
        conference.ends_at + timedelta(days=9): "Voting must close before the conference ends",
        now: "This is already the deadline",
    }
    for closes, sentence in refused.items():
        local = f"{closes.astimezone(conference.zone):%Y-%m-%dT%H:%M}"
        sent = form_of(as_organiser, conference, closes_at=local)
        page = parse(as_organiser.post(DESK.format(conference.pk), sent))
        assert sentence in page.part(".desk-errors").text
        assert page.attributes(".desk-errors a", "href") == ["#id_closes_at"]
        assert not page.has("input[name=confirmed]")


@pytest.mark.parametrize(
    "typed",
    [
        {"closes_at": ""},
        {"closes_at": "soon"},
        {"closes_at": "9999-01-01T00:00"},
        {"closes_at": "0001-01-01T00:00"},
        {"reason": ""},
        {"reason": "x" * 1001},
        {"reason": "\0"},
        {"seen": "x"},
        {"seen": ""},
    ],
)
def test_bad_input_for_the_deadline_is_said_and_kept(as_organiser, conference, typed):
    sent = form_of(as_organiser, conference, confirmed="yes", **typed)
    page = as_organiser.post(DESK.format(conference.pk), sent)
    assert (page.status_code, bool(page.context["panel"].facts["form"].errors)) == (200, True)
    assert Conference.objects.get().election.closes_at == conference.election.closes_at


def test_an_organiser_who_may_not_change_the_conference_cannot_move_its_deadline(client, conference, roles):
    staff = make_user("staff@example.org", is_staff=True)
    log_in_freshly(client, staff)
    assert client.post(DESK.format(conference.pk), {}).status_code == 403


def test_the_notice_speaks_each_members_language(move, alice, bob):
    User.objects.filter(pk=alice.user_id).update(language="de")
    change = move(hours(5))
    change.refresh_from_db()
    messages = sent_of(change)
    assert "Hello Bob" in messages[bob.user.email].body
    assert "Hello Alice" not in messages[alice.user.email].body

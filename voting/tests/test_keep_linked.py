"""Keeping voters linked to their choices for longer, and what pages show about that link."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from conferences.local_times import in_zone
from conferences.models import Conference, Role
from conferences.tests.teams import make_team_member
from voting.elections import actions
from voting.elections.election.models import Election
from voting.elections.models import Vote
from voting.elections.receipts.actions import unlink_overdue_voters, unlink_voters
from voting.elections.receipts.holds import keep_linked, latest_end
from voting.elections.receipts.models import PublishedBallots
from voting.tests.factories import make_vote
from voting.tests.timetable import DAY

pytestmark = pytest.mark.django_db
RESULTS = "/conferences/open-conf/results/"


@pytest.fixture
def by(organiser):
    return Actor(organiser)


@pytest.fixture
def closed(conference, alice, bob):
    """Two voted, members see the result, and voters are to be unlinked in two weeks."""
    Election.objects.update(results_visibility="after_close")
    for voter, candidate in ((alice, bob), (bob, alice)):
        make_vote(voter, candidate)
    conference.refresh_from_db()
    actions.close_voting(conference=conference)
    return Conference.objects.get()


@pytest.fixture
def path(closed):
    return f"/admin/voting/votes/{closed.pk}/keep-linked/"


def end_disputes(by_days=1):
    published = PublishedBallots.objects.get()
    PublishedBallots.objects.update(published_at=published.published_at - (14 + by_days) * DAY)


def in_days(number):
    return (timezone.now() + timedelta(days=number)).replace(second=0, microsecond=0)


def keep(closed, by, days=20, reason="Two members dispute it."):
    return keep_linked(conference=closed, until=in_days(days), reason=reason, by=by)


def unlinked():
    unlink_overdue_voters(by=Actor.of_command())
    return not Vote.objects.exists()


# The verb


def test_voters_stay_linked_until_the_time_and_not_for_longer(closed, by):
    assert keep(closed, by) is Change.MADE
    end_disputes()
    assert not unlinked()
    PublishedBallots.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    assert unlinked()


def test_no_command_unlinks_them_meanwhile_not_even_early(closed, by):
    keep(closed, by)
    with pytest.raises(CommandError, match="Two members dispute it"):
        call_command("unlink_voters", "open-conf", early=True)
    assert Vote.objects.count() == 2


def test_the_same_again_changes_nothing(closed, by):
    until = in_days(20)
    kept = [keep_linked(conference=closed, until=until, reason="A dispute.", by=by) for _ in range(2)]
    assert kept == [Change.MADE, Change.NONE]
    assert AdminAct.objects.filter(act="keep linked").count() == 1


def test_the_audit_log_has_the_time_and_the_reason(closed, by):
    keep(closed, by)
    act = AdminAct.objects.get(act="keep linked")
    assert act.reason == "Two members dispute it."
    assert in_zone(closed, in_days(20)) in act.what


@pytest.mark.parametrize(
    ("days", "reason", "refusal"),
    [
        (20, "  ", "a new reason"),
        (45, "A dispute.", "30 days more at most"),
        (10, "A dispute.", "a time after"),
        (-1, "A dispute.", "a time after"),
    ],
)
def test_it_is_refused_without_a_reason_or_a_possible_time(closed, by, days, reason, refusal):
    with pytest.raises(ValidationError, match=refusal):
        keep(closed, by, days, reason)
    assert PublishedBallots.objects.get().held_until is None


def test_30_days_more_than_the_days_for_disputes_are_possible(closed, by):
    assert keep(closed, by, 43) is Change.MADE


def test_they_are_kept_again_only_with_a_new_reason(closed, by):
    keep(closed, by)
    with pytest.raises(ValidationError, match="a new reason"):
        keep(closed, by, 30)
    assert keep(closed, by, 30, "A third member disputes it.") is Change.MADE


def test_who_keeps_them_again_waits_until_the_days_for_disputes_have_passed(closed, by):
    keep(closed, by, 43)
    with pytest.raises(ValidationError, match="30 days more at most"):
        keep(closed, by, 60, "A third member disputes it.")
    end_disputes(by_days=20)
    PublishedBallots.objects.update(held_until=in_days(1))
    assert keep(closed, by, 29, "A third member disputes it.") is Change.MADE


def test_nothing_is_kept_before_publication_or_after_the_unlinking_or_in_a_rehearsal(conference, closed, by):
    Conference.objects.update(rehearses=conference)
    with pytest.raises(ValidationError, match="rehearsal"):
        keep(closed, by)
    Conference.objects.update(rehearses=None)
    unlink_voters(conference=closed, by=Actor.of_command(), is_early=True)
    with pytest.raises(ValidationError, match="was permanently removed on"):
        keep(closed, by)
    PublishedBallots.objects.all().delete()
    with pytest.raises(ValidationError, match="not published yet"):
        keep(closed, by)


# Who is unlinked when


def test_a_rehearsal_is_left_alone(closed):
    Conference.objects.update(rehearses=closed)
    end_disputes()
    assert not unlinked()


def test_a_vote_that_was_cancelled_before_it_closed_is_left_alone(conference, alice, bob):
    make_vote(alice, bob)
    ago = timezone.now() - 40 * DAY
    Election.objects.update(opens_at=ago - DAY, closes_at=ago + DAY)
    Conference.objects.update(status="cancelled", stopped_at=ago)
    assert not unlinked()


def test_an_open_vote_is_left_alone(conference, alice, bob):
    make_vote(alice, bob)
    assert not unlinked()


# Pages


def note(client, path=RESULTS):
    return parse(client.get(path)).part("#link-to-voters").text


def test_members_see_when_the_link_will_be_removed(closed, as_alice):
    ends = in_zone(closed, PublishedBallots.objects.get().linked_until)
    assert f"On {ends}, the link between voters and choices is permanently removed." in note(as_alice)


def test_members_see_that_it_is_kept_for_longer_and_why(closed, as_alice, by):
    keep(closed, by)
    assert f"On {in_zone(closed, in_days(20))}, the link" in note(as_alice)
    assert "Two members dispute it." in note(as_alice)


def test_an_old_reason_is_shown_no_more(closed, as_alice, by):
    keep(closed, by)
    PublishedBallots.objects.update(held_until=timezone.now())
    assert "Two members dispute it." not in note(as_alice)


def test_members_see_when_the_link_was_removed(closed, as_alice):
    end_disputes()
    assert "is about to be permanently removed" in note(as_alice)
    assert unlinked()
    at = in_zone(closed, PublishedBallots.objects.get().unlinked_at)
    assert f"was permanently removed on {at}." in note(as_alice)


def test_where_operators_remove_it_nothing_is_announced_for_a_time(closed, as_alice, settings):
    settings.UNLINK_AUTOMATICALLY = False
    assert "the operators of this site can permanently remove it" in note(as_alice)


@pytest.mark.parametrize(
    ("is_automatic", "said"), [(True, "Then it is permanently removed"), (False, "Then the operators can")]
)
def test_how_the_vote_works_says_what_this_site_does(client, settings, is_automatic, said):
    settings.UNLINK_AUTOMATICALLY, settings.DISPUTE_DAYS = is_automatic, 21
    text = parse(client.get("/how-the-vote-works/")).text
    assert said in text
    assert "kept for 21 days after voting closes" in text


def test_organisers_keep_the_votes_linked_from_the_page_of_the_result(closed, as_organiser, path):
    result = f"/admin/voting/votes/{closed.pk}/result/"
    assert path in parse(as_organiser.get(result)).links
    until = in_days(20)
    typed = {"until": until.strftime("%Y-%m-%dT%H:%M"), "reason": "A dispute."}
    assert as_organiser.get(path).status_code == 200
    assert PublishedBallots.objects.get().held_until is None
    assert as_organiser.post(path, typed)["Location"] == result
    assert PublishedBallots.objects.get().held_until == until
    assert "A dispute." in note(as_organiser, result)


def test_a_refused_time_is_named_and_what_was_typed_is_kept(closed, as_organiser, path):
    typed = {"until": "2199-01-01T00:00", "reason": "A dispute."}
    page = parse(as_organiser.post(path, typed))
    assert "30 days more at most" in page.text
    assert page.field("until")["value"] == "2199-01-01T00:00"


def test_who_has_kept_them_as_long_as_possible_is_not_asked_again(closed, as_organiser, by, path):
    closed = Conference.objects.get(pk=closed.pk)
    until = latest_end(closed, closed.election.published_ballots)
    keep_linked(conference=closed, until=until, reason="A dispute.", by=by)
    page = parse(as_organiser.get(path))
    assert "as long as it can be kept now" in page.text
    assert not page.has("#hold form")


def test_there_is_no_link_to_it_once_the_votes_are_unlinked(closed, as_organiser, path):
    unlink_voters(conference=closed, by=Actor.of_command(), is_early=True)
    assert path not in parse(as_organiser.get(f"/admin/voting/votes/{closed.pk}/result/")).links
    assert "was permanently removed on" in parse(as_organiser.get(path)).part("#hold").text


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.OWNER, 200), (Role.ORGANISER, 200), (Role.OBSERVER, 403), (Role.HELP_DESK, 403)],
)
def test_only_those_who_decide_keep_them(client, closed, path, role, status):
    person = make_team_member(closed, role).person
    log_in_freshly(client, person)
    assert client.get(path).status_code == status
    typed = {"until": in_days(20).strftime("%Y-%m-%dT%H:%M"), "reason": "A dispute."}
    client.post(path, typed)
    assert (PublishedBallots.objects.get().held_until is not None) == (status == 200)


def test_one_of_the_team_who_does_not_decide_sees_no_link_to_it(client, closed, path):
    log_in_freshly(client, make_team_member(closed, Role.OBSERVER).person)
    assert path not in parse(client.get(f"/admin/voting/votes/{closed.pk}/result/")).links

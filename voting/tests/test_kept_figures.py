"""Figures of a large open vote: a worker counts them while someone looks, and pages show when it did."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.actors import Actor
from confbox.kit.tests.page import parse
from confbox.kit.tests.queues import IN_DATABASE, work
from conferences.models import Conference
from conferences.tests.factories import make_membership, update_elections
from voting.elections.election.models import Election
from voting.elections.figures import kept
from voting.elections.figures.counting import count_figure
from voting.elections.figures.tasks import count_kept_figure
from voting.elections.models import KeptFigure
from voting.elections.receipts.models import PublishedBallots
from voting.elections.roll.actions import freeze_roll
from voting.elections.rules.actions import set_rules
from voting.tests.factories import close_by_clock, make_vote

pytestmark = pytest.mark.django_db(transaction=True)

LIVE = {"results_visibility": "live"}
COUNTING = "The figures are being counted."
RESULTS = "/conferences/open-conf/results/"


@pytest.fixture
def large(conference, alice, bob, monkeypatch, settings):
    """An open vote of five members, which is large, with a live result and a vote of Alice."""
    settings.TASKS = IN_DATABASE
    monkeypatch.setattr(kept, "MOST_COUNTED", 4)
    update_elections(conference, **LIVE)
    before = conference.election.opens_at - timedelta(hours=1)
    for _ in range(3):
        make_membership(conference, joined_at=before)
    conference.memberships.update(joined_at=before)
    freeze_roll(conference=conference)
    make_vote(alice, bob)
    return Conference.objects.get(pk=conference.pk)


def desk(conference, tab):
    return f"/admin/voting/votes/{conference.pk}/{tab}/"


def overview(conference):
    return f"/admin/conferences/conference/{conference.pk}/"


def count():
    """As the worker does all that was asked for."""
    while DBTaskResult.objects.ready().exists():
        work(queue="campaigns")


def look(client, url):
    """At a page whose figures have been counted."""
    client.get(url)
    count()
    return client.get(url)


def waiting():
    return DBTaskResult.objects.ready().count()


def later(**time):
    return time_machine.travel(timezone.now() + timedelta(**time))


PAGES = {
    "overview": overview,
    "turnout": lambda conference: desk(conference, "turnout"),
    "result": lambda conference: desk(conference, "result"),
    "list of voters": lambda conference: desk(conference, "roll"),
}


@pytest.mark.parametrize("page", PAGES)
def test_first_look_at_a_large_vote_says_that_it_is_being_counted_and_asks_again(as_organiser, large, page):
    shown = parse(as_organiser.get(PAGES[page](large)))
    assert COUNTING in shown.text
    assert shown.has('[data-hx-trigger="every 2s"]')
    assert shown.has('script[src*="htmx"]')


@pytest.mark.parametrize("page", PAGES)
def test_what_was_counted_is_shown_with_its_time(as_organiser, large, page):
    shown = parse(look(as_organiser, PAGES[page](large)))
    assert COUNTING not in shown.text
    counted_at = KeptFigure.objects.first().counted_at.astimezone(large.zone)
    assert f"counted at {counted_at:%H:%M:%S}" in shown.text
    assert not shown.has('[data-hx-trigger="every 2s"]')


def test_members_see_the_live_result_as_it_was_counted(as_alice, large):
    first = parse(as_alice.get(RESULTS))
    assert COUNTING in first.text
    assert first.has('#live[data-hx-trigger="every 2s"]')
    shown = parse(look(as_alice, RESULTS))
    assert shown.rows[1:] == [["1", "Bob", "1"]]
    assert shown.has('#live[data-hx-trigger="every 10s"]')
    assert "counted at" in shown.text


def test_figures_are_those_that_are_counted_for_a_small_vote(as_organiser, large, monkeypatch):
    kept_ones = parse(look(as_organiser, desk(large, "roll"))).texts("dd, #roll-numbers li")
    monkeypatch.setattr(kept, "MOST_COUNTED", 100)
    assert parse(as_organiser.get(desk(large, "roll"))).texts("dd, #roll-numbers li") == kept_ones


def test_a_vote_is_in_the_next_count(as_organiser, large, bob, carol):
    assert look(as_organiser, desk(large, "turnout")).context["tally"].votes == 1
    make_vote(bob, large.memberships.get(user__name="Alice"))
    assert as_organiser.get(desk(large, "turnout")).context["tally"].votes == 1
    with later(seconds=16):
        # The page that has it counted again still shows the last figure.
        assert as_organiser.get(desk(large, "turnout")).context["tally"].votes == 1
        count()
        assert as_organiser.get(desk(large, "turnout")).context["tally"].votes == 2


def test_small_vote_is_counted_at_each_view(as_organiser, large, monkeypatch):
    monkeypatch.setattr(kept, "MOST_COUNTED", 5)
    assert as_organiser.get(desk(large, "turnout")).context["tally"].votes == 1
    assert not KeptFigure.objects.exists()
    assert not waiting()


def test_many_looks_have_it_counted_once(as_organiser, large):
    for _ in range(3):
        as_organiser.get(desk(large, "result"))
    assert waiting() == 1


def test_nothing_is_counted_while_no_one_looks(as_organiser, large):
    look(as_organiser, desk(large, "result"))
    with later(hours=2):
        count()
        assert not waiting()


RENEWED = [(0.1, 14, 0), (0.1, 16, 1), (3, 59, 0), (3, 61, 1)]


@pytest.mark.parametrize(("took", "seconds", "is_asked"), RENEWED)
def test_it_is_counted_again_after_fifteen_seconds_or_twenty_times_the_count(
    as_organiser, large, took, seconds, is_asked
):
    look(as_organiser, desk(large, "result"))
    KeptFigure.objects.update(took_seconds=took)
    with later(seconds=seconds):
        as_organiser.get(desk(large, "result"))
        assert waiting() == is_asked


def test_figure_is_not_shown_when_it_is_so_old_that_its_time_needs_a_date(as_alice, large):
    look(as_alice, RESULTS)
    with later(hours=1, seconds=1):
        assert COUNTING in parse(as_alice.get(RESULTS)).text


def test_count_whose_worker_died_is_asked_for_again(as_organiser, large):
    as_organiser.get(desk(large, "result"))
    DBTaskResult.objects.all().delete()
    with later(seconds=59):
        as_organiser.get(desk(large, "result"))
        assert waiting() == 0
    with later(seconds=61):
        as_organiser.get(desk(large, "result"))
        assert waiting() == 1


def test_count_that_comes_late_is_kept_and_the_next_one_is_left_out(as_organiser, large):
    as_organiser.get(desk(large, "result"))
    with later(seconds=61):
        as_organiser.get(desk(large, "result"))
        assert waiting() == 2
        first = {"election_id": large.pk, "kind": "tally"}
        assert count_figure(**first)
        assert not count_figure(**first)


def test_older_count_does_not_replace_a_newer_one(as_organiser, large):
    as_organiser.get(desk(large, "result"))
    KeptFigure.objects.update(counted_at=timezone.now() + timedelta(seconds=1), value="newer")
    assert not count_figure(election_id=large.pk, kind="tally")
    assert KeptFigure.objects.get().value == "newer"


# --- Secrecy -----------------------------------------------------------------------------------


def test_votes_per_candidate_are_not_counted_where_the_rules_hide_them(as_organiser, as_alice, large):
    Election.objects.update(results_visibility="after_close")
    for page in PAGES.values():
        look(as_organiser, page(large))
    as_alice.get(RESULTS)
    count()
    assert not KeptFigure.objects.filter(kind="tally").exists()
    assert "tally" not in str(list(DBTaskResult.objects.values_list("args_kwargs", flat=True)))


def test_a_figure_does_not_outlive_the_rule_that_showed_it(as_alice, large, organiser):
    look(as_alice, RESULTS)
    strict = {"results_visibility": "after_close", "late_joiners": large.election.late_joiners}
    set_rules(conference=large, by=Actor(organiser), ties=large.election.ties, **strict)
    assert not KeptFigure.objects.filter(kind="tally").exists()
    assert not parse(as_alice.get(RESULTS)).has("table.count")


def test_rule_is_asked_at_each_view(as_alice, large):
    look(as_alice, RESULTS)
    Election.objects.update(results_visibility="after_close")
    assert not parse(as_alice.get(RESULTS)).has("table.count, #live")


def test_votes_are_not_counted_for_a_task_that_comes_after_the_rules_became_strict(as_alice, large):
    as_alice.get(RESULTS)
    Election.objects.update(results_visibility="after_close")
    count()
    assert not KeptFigure.objects.exists()


def test_after_the_close_the_published_figures_are_shown_and_no_other_is_kept(as_organiser, as_alice, large):
    as_alice.get(RESULTS)
    count()
    as_alice.get(RESULTS)
    make_vote(large.memberships.get(user__name="Bob"), large.memberships.get(user__name="Alice"))
    close_by_clock(large)
    update_elections(large, results_visibility="after_close")
    assert len(parse(as_alice.get(RESULTS)).rows[1:]) == 2
    assert PublishedBallots.objects.exists()
    assert not KeptFigure.objects.exists()


def test_task_that_comes_after_the_close_keeps_nothing(as_organiser, large):
    as_organiser.get(desk(large, "result"))
    close_by_clock(large)
    count()
    assert not KeptFigure.objects.exists()


def test_overview_after_the_close_shows_what_was_published(as_organiser, large):
    close_by_clock(large)
    as_organiser.get(overview(large))
    PublishedBallots.objects.update(result={**PublishedBallots.objects.get().result, "participants": 3})
    assert "3 of 5 who may vote" in parse(as_organiser.get(overview(large))).text


def test_task_of_a_figure_names_no_person(as_organiser, large):
    as_organiser.get(desk(large, "result"))
    [facts] = DBTaskResult.objects.values_list("args_kwargs", flat=True)
    assert set(facts["kwargs"]) == {"election_id", "kind"}
    assert count_kept_figure.queue_name == "campaigns"

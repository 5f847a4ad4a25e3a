"""What the database reads for the figures of a large open vote: no vote and no member but those shown."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from confbox.kit.tests.rows_read import rows_read
from conferences.models import Membership
from conferences.tests.crowds import make_crowd
from conferences.tests.factories import make_membership, update_elections
from voting.elections.figures import kept
from voting.elections.models import Vote
from voting.elections.roll.actions import freeze_roll

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'mysql'", reason="MariaDB says how many rows it read"),
]
PEOPLE, FEW = 3000, 300
LARGE_TABLES = {"voting_vote", "voting_rollentry", "conferences_membership", "accounts_user"}


@pytest.fixture
def large(conference, alice, bob):
    """An open vote of many members, all of whom have voted for Bob, with a live result."""
    update_elections(conference, results_visibility="live")
    make_crowd(conference, PEOPLE)
    members = Membership.objects.exclude(pk=bob.pk)
    members.update(joined_at=conference.election.opens_at)
    freeze_roll(conference=conference)
    election = conference.election
    opens = election.opens_at
    Vote.objects.bulk_create(
        [Vote(voter=member, candidate=bob, election=election, cast_at=opens) for member in members],
        batch_size=1000,
    )
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE TABLE {', '.join(sorted(LARGE_TABLES))}")
    return conference


@pytest.fixture(params=["result", "turnout", "members"])
def look(request, large, as_organiser, organiser):
    """Opens a page with figures; the organiser is a member as well."""
    make_membership(large, user=organiser)
    desk = f"/admin/voting/votes/{large.pk}"
    urls = {"result": f"{desk}/result/", "turnout": f"{desk}/turnout/"}
    return lambda: as_organiser.get(urls.get(request.param, "/conferences/open-conf/results/"))


def plans_of(sql):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        columns = [column[0] for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def is_long_way(step):
    """Whether it reads, sorts or copies much of a table that grows with the people."""
    table, extra = step["table"] or "", step["Extra"] or ""
    reads_all = step["type"] in ("ALL", "index") or int(str(step["rows"] or 0).split()[0]) > FEW
    return (bool(table) and reads_all) or "temporary" in extra


def is_marked_address(sql, step):
    """Few are marked as undeliverable; their people are found by walking them."""
    return f"FROM `voting_undeliverableaddress` {step['table']}" in sql


def long_ways(look):
    with CaptureQueriesContext(connection) as captured:
        look()
    statements = [query["sql"] for query in captured if query["sql"].startswith("SELECT")]
    steps = [(sql, step) for sql in statements for step in plans_of(sql) if not is_marked_address(sql, step)]
    return [sql for sql, step in steps if is_long_way(step) and any(f"`{t}`" in sql for t in LARGE_TABLES)]


def test_a_kept_figure_reads_few_rows_and_walks_no_table(look):
    look()
    with rows_read() as read:
        look()
    assert read.read < FEW
    assert long_ways(look) == []


def test_control_a_small_vote_reads_every_vote(look, monkeypatch):
    monkeypatch.setattr(kept, "MOST_COUNTED", PEOPLE * 2)
    with rows_read() as read:
        look()
    assert read.read > PEOPLE
    assert long_ways(look) != []


@pytest.fixture(autouse=True)
def _many_are_large(monkeypatch):
    monkeypatch.setattr(kept, "MOST_COUNTED", PEOPLE // 2)

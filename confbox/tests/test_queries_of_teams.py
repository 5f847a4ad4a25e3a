"""Lists cost who runs one of 1,000 conferences no more queries than before, and are read by indexes."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AdminAct, User
from accounts.tests.factories import log_in_freshly, make_organiser
from confbox.tests.two_teams import lists
from conferences.actions import create_conferences
from conferences.models import Conference, Membership, Role, RosterEntry
from conferences.teams.acts import acts_managed_by
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_team_member
from voting.campaigns.models import Campaign
from voting.desk.campaign_access import readable_by
from voting.elections.election.models import Election
from voting.elections.models import Decision, Pitch
from voting.tests.campaigns import make_campaign
from voting.tests.factories import close_and_decide, make_pitch

pytestmark = pytest.mark.django_db
# The first page of the admin, with a query for organisers of the site, then each list. Three filters of the
# audit log read what can be chosen, and the list of votes counts in one query for each kind of figure.
PAGES = {
    "/admin/": 9,
    **dict.fromkeys(lists(), 10),
    "/admin/accounts/adminact/": 13,
    "/admin/voting/votes/": 16,
}
OTHERS = 1000


def a_thousand_others(like):
    """Conferences of no team, each with a member, a campaign, a pitch, an entry of a roster and an act."""
    columns = {"starts_at": like.starts_at, "ends_at": like.ends_at, "status": "active"}
    made = [Conference(title=f"Other {n}", slug=f"other-{n}", **columns) for n in range(OTHERS)]
    create_conferences(conferences=made)
    others = list(Conference.objects.filter(slug__startswith="other-"))
    update_elections(*others, opens_at=like.election.opens_at, closes_at=like.election.opens_at)
    people = [User(email=f"p{n}@example.org", name=f"Person {n}", password="!") for n in range(OTHERS)]
    User.objects.bulk_create(people, batch_size=500)
    people = list(User.objects.filter(email__startswith="p", password="!"))
    pairs = zip(others, people, strict=True)
    Membership.objects.bulk_create([Membership(conference=c, user=p) for c, p in pairs], batch_size=500)
    members = list(Membership.objects.filter(conference__in=others).select_related("conference", "user"))
    Pitch.objects.bulk_create([Pitch(membership=m, headline="Pitch") for m in members], batch_size=500)
    Campaign.objects.bulk_create(
        [Campaign(conference=m.conference, candidate=m, requested_by=m.user, subject="S") for m in members],
        batch_size=500,
    )
    addresses = [(c, f"e@{c.slug}.example") for c in others]
    entries = [RosterEntry(conference=c, email=email, mailbox=email) for c, email in addresses]
    RosterEntry.objects.bulk_create(entries, batch_size=500)
    # They name members and roster entries, as those of the team do.
    entries = list(RosterEntry.objects.filter(conference__in=others))
    shared = {"act": "x", "kind": "conference", "target": "x"}
    acts = [
        AdminAct(of_conference=row.conference_id, about_kind=row._meta.model_name, about_id=row.pk, **shared)
        for pair in zip(members, entries, strict=True)
        for row in pair
    ]
    AdminAct.objects.bulk_create(acts, batch_size=500)


@pytest.fixture
def own(roles, organiser):
    """The conferences of one team: one that is open, one that is decided; with rows of every kind."""
    conference, decided = make_conference(voting="open"), make_conference(voting="open")
    member = make_membership(conference)
    make_pitch(member)
    make_campaign(member)
    make_entry(conference)
    close_and_decide(conference=decided, candidate=make_membership(decided), by=organiser, reason="One")
    return conference, decided


@pytest.fixture
def owner(own):
    person = make_team_member(own[0], Role.OWNER).person
    make_team_member(own[1], Role.OWNER, user=person)
    return person


def queries_of(client):
    found = {}
    for page in PAGES:
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            status = client.get(page).status_code
        if status == 200:
            found[page] = len(queries)
    return found


def test_one_of_a_thousand_conferences_costs_no_query_more_than_the_only_one(own, owner):
    as_owner, as_site = (
        log_in_freshly(Client(), person) for person in (owner, make_organiser("site@example.org"))
    )
    few = [queries_of(client) for client in (as_owner, as_site)]
    a_thousand_others(own[0])
    many = [queries_of(client) for client in (as_owner, as_site)]
    assert many[0] == few[0]
    assert {page: n - few[1][page] for page, n in many[1].items() if n != few[1][page]} == LONGER
    for of_person in many:
        assert {page: n for page, n in of_person.items() if n > PAGES[page]} == {}
    assert (len(many[0]), len(many[1])) == (8, 11)


# A list of several pages asks for the IDs of a page first, and not all votes are open.
LONGER = {"/admin/accounts/user/": 1, "/admin/conferences/membership/": 1, "/admin/accounts/adminact/": 1}
LONGER |= {"/admin/voting/votes/": 2}

LISTS = {
    "conferences": Conference.objects.managed_by,
    "members": Membership.objects.managed_by,
    "entries": RosterEntry.objects.managed_by,
    "elections": Election.objects.managed_by,
    "campaigns": lambda user: readable_by(Campaign.objects.all(), user),
    "pitches": Pitch.objects.managed_by,
    "decisions": Decision.objects.managed_by,
    "acts": lambda user: acts_managed_by(AdminAct.objects.all(), user),
}


@pytest.mark.skipif(connection.vendor != "mysql", reason="MariaDB explains what it would read")
@pytest.mark.django_db(transaction=True)
def test_database_finds_the_rows_of_a_team_by_an_index(own, owner):
    a_thousand_others(own[0])
    tables = {find(owner).model._meta.db_table for find in LISTS.values()}
    with connection.cursor() as cursor:
        # It commits, so the test cannot be in a transaction.
        cursor.execute(f"ANALYZE TABLE {', '.join(sorted(tables))}")
    plans = {name: plan_of(find(User.objects.get(pk=owner.pk))) for name, find in LISTS.items()}
    whole = [(name, step) for name, plan in plans.items() for step in plan if is_whole_table(step)]
    assert whole == []


def plan_of(rows):
    sql, parameters = rows.order_by().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", parameters)
        columns = [column[0] for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def is_whole_table(step):
    """Whether every row of a table, or of an index, would be read."""
    return step["type"] in ("ALL", "index") and int(step["rows"] or 0) > OTHERS // 2

"""One conference of any size, written by the database itself: a million people take minutes, not hours."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.actions import confirm_address
from accounts.models import User
from conferences.models import Conference, Membership
from conferences.tests.factories import make_conference, make_membership, update_elections
from voting.demo.population import WORDS

SLUG, OTHERS, CANDIDATES = "crowd", 40, 200
# Of the first so many people, one in so many has a name that no one has later, is disabled, or has left. So
# what is found fills a page, and is the same at each size or nearly so.
FIRST, ONE_IN = 10_000, 50
TABLES = ["accounts_user", "accounts_adminact", "conferences_membership", "conferences_rosterentry"]
TABLES += ["voting_vote", "voting_rollentry"]

PEOPLE = """
INSERT INTO accounts_user (email, name, phone, profession, bio, picture, password, is_superuser, is_active,
    is_staff, receives_campaigns, receives_notices, shows_bio, shows_profession, date_joined, language,
    time_zone, calendar_key, signup_network)
SELECT CONCAT('person', n.seq, '@', IF(n.seq % 500 = 0, 'mailinator.com', CONCAT('d', n.seq % 997, '.test'))),
    IF(n.seq <= {few} AND n.seq % {one_in} = 7, CONCAT('Xanthippe ', f.word),
        CONCAT(g.word, IF(g.joined, '', ' '), f.word)), '', p.word, '', '', '!', 0,
    n.seq % IF(n.seq <= {few}, {one_in}, 1000) <> 0,
    0, 1, 1, 1, 1, %(now)s - INTERVAL (n.seq * 7919 % 525600) MINUTE, '',
    'UTC', '', IF(n.seq % 3 = 0, '', CONCAT('2001:db8:', HEX(n.seq * 7919 % (60000 + n.seq DIV 4)), '::/64'))
FROM seq_{first}_to_{last} n
JOIN bench_given g ON g.id = 1 + CRC32(CONCAT('given', n.seq)) % (SELECT COUNT(*) FROM bench_given)
JOIN bench_family f ON f.id = 1 + CRC32(CONCAT('family', n.seq)) % (SELECT COUNT(*) FROM bench_family)
JOIN bench_profession p
    ON p.id = 1 + CRC32(CONCAT('profession', n.seq)) % (SELECT COUNT(*) FROM bench_profession)
"""
ADDRESSES = """
INSERT INTO account_emailaddress (email, verified, `primary`, user_id)
SELECT email, 1, 1, id FROM accounts_user WHERE id > %(after)s
"""
MEMBERSHIPS = """
INSERT INTO conferences_membership (conference_id, user_id, joined_at, left_at, accepts_votes, is_listed,
    exclusion_reason, pitch_hidden_reason, profile_hidden_reason, mailbox)
SELECT %(conference)s, id, %(opens)s - INTERVAL (id * 7919 %% 28800) MINUTE,
    IF(id %% IF(id <= %(few)s, %(one_in)s, 300) = 0, %(opens)s - INTERVAL 1 MINUTE, NULL), 1,
    IF(id %% 50 = 0, 0, NULL), '', '', '',
    IF(id %% IF(id <= %(few)s, %(one_in)s, 300) = 0, NULL, SHA2(email, 256))
FROM accounts_user WHERE id > %(after)s
"""
ELSEWHERE = """
INSERT INTO conferences_membership (conference_id, user_id, joined_at, accepts_votes, exclusion_reason,
    pitch_hidden_reason, profile_hidden_reason)
SELECT %(first_other)s + id * 7919 %% %(others)s, id, %(opens)s, 1, '', '', ''
FROM accounts_user WHERE id > %(after)s AND id %% 5 = 0
"""
ROLL = """
INSERT INTO voting_rollentry (election_id, membership_id, kind, email, salt, leaf, added_at)
SELECT conference_id, id, 'frozen', '', '', SHA2(id, 256), %(opens)s FROM conferences_membership
WHERE conference_id = %(conference)s AND id > %(after_member)s AND left_at IS NULL
"""
VOTES = """
INSERT INTO voting_vote (voter_id, election_id, candidate_id, cast_at, nonce, tracker)
SELECT m.id, m.conference_id, c.id, %(opens)s + INTERVAL (m.id * 7919 %% 14000) MINUTE,
    LEFT(SHA2(m.id, 256), 32), SHA2(CONCAT('t', m.id), 256)
FROM conferences_membership m
JOIN bench_candidate c ON c.place = 1 + FLOOR(POW(m.id * 7919 %% 10007 / 10007, 3) * %(candidates)s)
WHERE m.conference_id = %(conference)s AND m.id > %(after_member)s AND m.left_at IS NULL
    AND m.id %% 100 < 62 AND m.id <> c.id
"""
ROSTER = """
INSERT INTO conferences_rosterentry (conference_id, email, mailbox, inbox, name, reference, listed_at,
    invited_at, removed_at, removal_reason, membership_id)
SELECT %(conference)s, u.email, u.email, u.email, u.name, CONCAT('T-', u.id), %(opens)s,
    IF(u.id %% 2, %(opens)s, NULL), IF(u.id %% 97 = 0, %(opens)s, NULL), '', IF(u.id %% 5 < 3, m.id, NULL)
FROM conferences_membership m JOIN accounts_user u ON u.id = m.user_id
WHERE m.conference_id = %(conference)s AND m.id > %(after_member)s AND u.id %% 5 < 4
"""
ACTS = """
INSERT INTO accounts_adminact (at, by_id, act, kind, target_id, target, what, about_kind, reason, address,
    of_conference, channel, is_personal)
SELECT joined_at, user_id, 'join conference', 'conference', %(conference)s, 'Crowd', '', '', '', NULL,
    %(conference)s, 'web', 0
FROM conferences_membership WHERE conference_id = %(conference)s AND id > %(after_member)s
"""


def make_crowd() -> Conference:
    """The conferences without their people."""
    call_command("loaddata", "roles", verbosity=0)
    conference = make_conference(title="Crowd", slug=SLUG, voting="open", results_visibility="live")
    opens = timezone.now() - timedelta(days=10)
    update_elections(conference, opens_at=opens, roll_frozen_at=opens, roll_digest="0" * 64)
    for number in range(OTHERS):
        make_conference(title=f"Conference {number}", place="Online", starts_in_days=number + 1)
    _make_words()
    return Conference.objects.get(pk=conference.pk)


def _make_words() -> None:
    given = [(word, bool(c.get("joined"))) for c in WORDS["cultures"] for word in c["given"]]
    family = [(word, False) for c in WORDS["cultures"] for word in c["family"]]
    words = {"given": given, "family": family, "profession": [(word, False) for word in WORDS["professions"]]}
    for name, rows in words.items():
        columns = "id INT PRIMARY KEY AUTO_INCREMENT, word VARCHAR(150), joined BOOLEAN"
        _run(f"CREATE TABLE bench_{name} ({columns})")
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO bench_{name} (word, joined) VALUES (%s, %s)", rows)
    _run("CREATE TABLE bench_candidate (place INT PRIMARY KEY, id BIGINT)")


def make_cast(conference: Conference) -> tuple[Membership, User]:
    """A member who has voted and an organiser of the site."""
    member = make_membership(conference, name="Zoë Zimmermann")
    organiser = User.objects.create(
        email="organiser@example.org", name="Olga", is_staff=True, password=make_password(None)
    )
    confirm_address(user=organiser)
    organiser.groups.add(Group.objects.get(name="Organisers"))
    return member, organiser


def grow(conference: Conference, *, before: int, people: int) -> None:
    """Adds people until there are this many."""
    after = _highest("accounts_user")
    election = conference.election
    facts: dict[str, Any] = {
        "conference": conference.pk,
        "opens": election.opens_at.replace(tzinfo=None),
        "first_other": conference.pk + 1,
        "others": OTHERS,
        "candidates": CANDIDATES,
        "few": FIRST,
        "one_in": ONE_IN,
        "after": after,
        "after_member": _highest("conferences_membership"),
    }
    _run(
        PEOPLE.format(first=before + 1, last=people, few=FIRST, one_in=ONE_IN).replace(
            "%(now)s", "UTC_TIMESTAMP(6)"
        )
    )
    for statement in (ADDRESSES, MEMBERSHIPS):
        _run(statement, facts)
    if not before:
        _make_candidates(conference)
    for statement in (ROLL, VOTES, ROSTER, ACTS, ELSEWHERE):
        _run(statement, facts)
    size = conference.memberships.filter(roll_entry__isnull=False).count()
    update_elections(conference, roll_size=size)
    for table in TABLES:
        _run(f"ANALYZE TABLE {table}")


def _make_candidates(conference: Conference) -> None:
    _run(
        "INSERT INTO voting_pitch (membership_id, headline, statement, updated_at) "
        "SELECT id, CONCAT('Subject ', id), 'Why **you** should choose it.', UTC_TIMESTAMP(6) "
        "FROM conferences_membership WHERE conference_id = %(conference)s AND left_at IS NULL "
        "ORDER BY id LIMIT %(candidates)s",
        {"conference": conference.pk, "candidates": CANDIDATES},
    )
    _run(
        "INSERT INTO bench_candidate "
        "SELECT ROW_NUMBER() OVER (ORDER BY membership_id), membership_id FROM voting_pitch"
    )


def _highest(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}")
        return int(cursor.fetchone()[0])


def _run(statement: str, facts: dict[str, Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)

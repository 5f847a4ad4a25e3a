"""The single SQL statement that decides whether a vote counts, and stores it.

Everything a vote depends on is in the SELECT, so check and write are one atomic step.

On MariaDB and MySQL the SELECT reads the election, both memberships and the voter's entry of the
electoral roll under share locks: closing, deciding, leaving and removing from the roll lock those rows
exclusively, so they wait for votes in flight, and a vote that waited for them sees what they wrote.
Share locks do not make voters wait for each other. The window is compared with SYSDATE, which is
read when the row is, after any wait; NOW would be the moment at which the statement began to wait.
Once ballots are published no vote is taken, whatever the times say.

The row of the conference is not locked, so that its agenda can be edited meanwhile. Its ID is found in the
index of slugs alone, and only that entry is locked: a read without a lock would happen before the waits
above, and all other reads without a lock would then be as old.

SQLite has one writer at a time, so the statement alone is atomic.

Both say what they did. MariaDB and MySQL do it by LAST_INSERT_ID, which takes a figure of ours; where a row
is new, it is 0. On SQLite a vote that moves takes another nonce than a first one, and the stored one is read.
"""

from typing import Any

from django.db import connection

from confbox.kit.clock import CLOCK
from confbox.kit.outcomes import Outcome
from voting.elections.receipts.tracker import TRACKER_TAG, make_nonce


class Cast(Outcome):
    """What became of a vote that was taken."""

    FIRST = 1
    MOVED = 2
    UNCHANGED = 3


SELECT = """
SELECT voter.id, election.conference_id, candidate.id, {clock}, %(nonce)s, {tracker}
FROM voting_election election
JOIN conferences_membership voter ON voter.conference_id = election.conference_id
JOIN conferences_membership candidate ON candidate.conference_id = election.conference_id
WHERE election.conference_id = (SELECT c.id FROM conferences_conference c WHERE c.slug = %(slug)s {share})
  AND EXISTS (
    SELECT 1 FROM conferences_conference c WHERE c.id = election.conference_id AND c.status = 'active'
  )
  AND election.decided_at IS NULL
  AND election.rules_set_at IS NOT NULL
  AND election.opens_at <= {clock}
  AND election.closes_at > {clock}
  AND NOT EXISTS (SELECT 1 FROM voting_publishedballots p WHERE p.election_id = voter.conference_id {share})
  AND voter.user_id = %(user_id)s
  AND voter.left_at IS NULL
  AND voter.excluded_at IS NULL
  AND EXISTS (
    SELECT 1 FROM voting_rollentry r WHERE r.membership_id = voter.id AND r.removed_at IS NULL {share}
  )
  AND candidate.id = %(candidate_id)s
  AND candidate.id <> voter.id
  AND candidate.left_at IS NULL
  AND candidate.excluded_at IS NULL
  AND candidate.accepts_votes
  AND candidate.pitch_hidden_at IS NULL
  AND (
    candidate.is_listed
    OR candidate.is_listed IS NULL AND EXISTS (
      SELECT 1 FROM conferences_conference c WHERE c.id = election.conference_id AND c.members_are_listed
    )
    OR EXISTS (SELECT 1 FROM voting_pitch p WHERE p.membership_id = candidate.id)
  )
  AND EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = voter.user_id AND u.is_active)
  AND EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = candidate.user_id AND u.is_active)
  AND EXISTS (SELECT 1 FROM account_emailaddress e WHERE e.user_id = voter.user_id AND e.verified)
"""

INSERT = "INSERT INTO voting_vote (voter_id, election_id, candidate_id, cast_at, nonce, tracker)"

# Computed as in `voting.elections.receipts.tracker`, because only the database knows the member's ID here.
MYSQL_TRACKER = f"SHA2(CONCAT('{TRACKER_TAG}:', election.conference_id, ':', voter.id, ':', %(nonce)s), 256)"
SQLITE_TRACKER = f"SHA256('{TRACKER_TAG}:' || election.conference_id || ':' || voter.id || ':' || %(nonce)s)"

# Assignments run from left to right, so what they compare is set last. A void vote is none: another takes
# its place as a first vote, even one for the same candidate.
MYSQL_SAME = "voting_vote.candidate_id = VALUES(candidate_id) AND voting_vote.voided_at IS NULL"
MYSQL_DID = f"""CASE WHEN voting_vote.voided_at IS NOT NULL THEN {Cast.FIRST.value}
    WHEN voting_vote.candidate_id = VALUES(candidate_id) THEN {Cast.UNCHANGED.value}
    ELSE {Cast.MOVED.value} END"""
MYSQL = (
    INSERT
    + SELECT.format(clock=CLOCK["mysql"], share="LOCK IN SHARE MODE", tracker=MYSQL_TRACKER)
    + f"""LOCK IN SHARE MODE
ON DUPLICATE KEY UPDATE
  cast_at = IF(LAST_INSERT_ID({MYSQL_DID}) = {Cast.UNCHANGED.value}, voting_vote.cast_at, VALUES(cast_at)),
  nonce = IF({MYSQL_SAME}, voting_vote.nonce, VALUES(nonce)),
  tracker = IF({MYSQL_SAME}, voting_vote.tracker, VALUES(tracker)),
  candidate_id = VALUES(candidate_id),
  voided_at = NULL,
  voided_because = ''"""
)

SQLITE_SAME = "candidate_id = excluded.candidate_id AND voided_at IS NULL"
SQLITE_MOVED_TRACKER = (
    f"SHA256('{TRACKER_TAG}:' || excluded.election_id || ':' || excluded.voter_id || ':' || %(moved_nonce)s)"
)
SQLITE = (
    INSERT
    + SELECT.format(clock=CLOCK["sqlite"].replace("%", "%%"), share="", tracker=SQLITE_TRACKER)
    + f"""ON CONFLICT (voter_id) DO UPDATE SET
  cast_at = CASE WHEN {SQLITE_SAME} THEN cast_at ELSE excluded.cast_at END,
  nonce = CASE WHEN {SQLITE_SAME} THEN nonce
    WHEN voided_at IS NULL THEN %(moved_nonce)s ELSE excluded.nonce END,
  tracker = CASE WHEN {SQLITE_SAME} THEN tracker
    WHEN voided_at IS NULL THEN {SQLITE_MOVED_TRACKER} ELSE excluded.tracker END,
  candidate_id = excluded.candidate_id,
  voided_at = NULL,
  voided_because = ''
RETURNING nonce"""
)

CAST_VOTE = {"mysql": MYSQL, "sqlite": SQLITE}


def execute_cast_vote(parameters: dict[str, Any], statement: str = "") -> Cast | None:
    """Casts or moves the vote. None where a condition does not hold."""
    nonces = {"nonce": make_nonce(), "moved_nonce": make_nonce()}
    with connection.cursor() as cursor:
        cursor.execute(statement or CAST_VOTE[connection.vendor], parameters | nonces)
        if connection.vendor == "sqlite":
            return _by_nonce(cursor.fetchall(), nonces)
        # Affected rows under the client flag FOUND_ROWS, which Django sets: 0 only where there was no row.
        return Cast(cursor.lastrowid or Cast.FIRST.value) if cursor.rowcount else None


def _by_nonce(rows: list[tuple[str]], nonces: dict[str, str]) -> Cast | None:
    known = {nonces["nonce"]: Cast.FIRST, nonces["moved_nonce"]: Cast.MOVED}
    return known.get(rows[0][0], Cast.UNCHANGED) if rows else None

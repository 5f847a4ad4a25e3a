#!/usr/bin/env python3
"""Deciding while 2,000 votes are in flight: tally, record and rows must be equal.

    deploy/with-mariadb .venv/bin/python deploy/drills/decide.py

Sixteen voters at a time send votes, first ones and changed ones, through the application's own action, each
on a
connection of its own. In the middle of it the organiser decides. Then the decision's record, the published
ballots and the rows are compared with each other. The control is the same run without the share lock in the
statement: it must go wrong, or the drill proves nothing. Several rounds of each, because a race depends on
chance.
"""

import os
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from queue import Empty, SimpleQueue

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "confbox.tests.settings")

import django

django.setup()

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import User
from conferences.actions import create_conferences
from conferences.models import Conference, Membership
from voting.elections import actions, statements
from voting.elections.election.models import Election
from voting.elections.models import Vote
from voting.elections.receipts.models import PublishedBallots

VOTES = 2_000
CLIENTS = 16
ROUNDS = 3


def make_members() -> list[User]:
    people = [User(email=f"v{n}@example.org", name=f"Voter {n}") for n in range(VOTES)]
    User.objects.bulk_create(people)
    people = list(User.objects.filter(email__startswith="v"))
    EmailAddress.objects.bulk_create(
        EmailAddress(user=u, email=u.email, verified=True, primary=True) for u in people
    )
    return people


def make_conference(number: str, people: list[User]) -> tuple[Conference, list[Membership]]:
    now = timezone.now()
    new = Conference(
        title=f"Drill {number}",
        slug=f"drill-{number}",
        status="active",
        starts_at=now + timedelta(days=9),
        ends_at=now + timedelta(days=10),
    )
    [conference] = create_conferences(conferences=[new])
    Election.objects.filter(pk=conference.pk).update(
        opens_at=now - timedelta(hours=1),
        closes_at=now + timedelta(hours=1),
        rules_set_at=now - timedelta(hours=2),
    )
    Membership.objects.bulk_create(
        Membership(conference=conference, user=u, joined_at=now - timedelta(days=1)) for u in people
    )
    members = Membership.objects.filter(conference=conference).select_related("user", "conference__election")
    return conference, list(members)


def vote_until_empty(work: SimpleQueue, answers: Counter) -> None:
    while True:
        try:
            voter, candidate = work.get_nowait()
        except Empty:
            break
        try:
            actions.cast_vote(by=Actor(voter.user), slug=voter.conference.slug, candidate_id=candidate.pk)
            answers["taken"] += 1
        except ValidationError:
            answers["refused"] += 1
    connections.close_all()


def one_round(number: str, people: list[User], organiser: User) -> dict[str, object]:
    conference, members = make_conference(number, people)
    work: SimpleQueue = SimpleQueue()
    for n in range(VOTES):
        voter = members[n // 2]  # everyone votes twice, so that changed votes are in flight too
        work.put((voter, members[-1 - n % 5]))
    answers: Counter = Counter()
    clients = [threading.Thread(target=vote_until_empty, args=(work, answers)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    while answers["taken"] < VOTES // 4:
        time.sleep(0.005)
    actions.close_voting(conference=conference)
    decision = actions.decide_speaker(
        conference=conference, candidate=members[-1], by=Actor(organiser), reason="The drill decides."
    )
    for client in clients:
        client.join(60)
    rows = Counter(Vote.objects.filter(election=conference.election).values_list("candidate", flat=True))
    record = {row["member"]: row["votes"] for row in decision.tally["standings"]}
    published = PublishedBallots.objects.get(election=conference.election)
    return {
        "taken": answers["taken"],
        "refused": answers["refused"],
        "rows": rows.total(),
        "record": sum(record.values()),
        "published": published.result["participants"],
        "equal": dict(rows) == record == {int(k): v for k, v in published.result["tally"].items()},
    }


def run(name: str, people: list[User], organiser: User) -> int:
    """Returns how many rounds went wrong."""
    wrong = 0
    for n in range(ROUNDS):
        figures = one_round(f"{name}-{n}", people, organiser)
        wrong += not figures["equal"]
        print(f"{name} {n}: " + ", ".join(f"{k} {v}" for k, v in figures.items()), flush=True)
    return wrong


def main() -> int:
    if connection.vendor != "mysql":
        raise SystemExit("This drill needs MariaDB: run it through deploy/with-mariadb.")
    call_command("migrate", verbosity=0)
    people = make_members()
    organiser = User.objects.create_user("organiser@example.org", name="Organiser")
    wrong = run("protected", people, organiser)
    statements.CAST_VOTE["mysql"] = statements.MYSQL.replace("LOCK IN SHARE MODE", "")
    control = run("control-without-share-lock", people, organiser)
    print(f"protected: {wrong} of {ROUNDS} rounds went wrong; control: {control} of {ROUNDS}")
    return 0 if wrong == 0 and control > 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())

"""Members who leave a conference, and one who reads, while the disk is full."""

import http.client
import threading
import time
from collections import Counter
from typing import Any

PAUSE_SECONDS = 0.25
NAMES_THE_DISK = b"disk of our database is full"


class Person(threading.Thread):
    """Asks one thing after the other over one connection, and notes each answer and its time."""

    def __init__(self, port: int, source: str) -> None:
        super().__init__(daemon=True)
        self.peer = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(source, 0))
        self.has_to_stop = threading.Event()
        self.seen: list[tuple[float, int, bool]] = []

    def ask(self, request: bytes) -> int:
        head, _, body = request.partition(b"\r\n\r\n")
        line, *fields = head.decode().split("\r\n")
        method, path, _ = line.split(" ")
        self.peer.request(method, path, body, dict(text.split(": ", 1) for text in fields))
        answer = self.peer.getresponse()
        page = answer.read()
        self.seen.append((time.monotonic(), answer.status, NAMES_THE_DISK in page))
        return answer.status


class Reader(Person):
    def __init__(self, port: int, voter: Any) -> None:
        super().__init__(port, "127.99.0.1")
        self.voter = voter

    def run(self) -> None:
        while not self.has_to_stop.wait(PAUSE_SECONDS):
            self.ask(self.voter.ballot())

    def judge(self, full: float, freed: float) -> list[str]:
        statuses = Counter(status for ended, status, _ in self.seen if full < ended < freed)
        print(f"  ballots read while the disk was full: {dict(statuses)}")
        return [] if set(statuses) == {200} else [f"ballots were answered with {dict(statuses)}"]


class Leaver(Person):
    """Each of them votes and then leaves; what is refused is tried again."""

    def __init__(self, port: int, voters: list[Any]) -> None:
        super().__init__(port, "127.99.0.2")
        self.voters, self.has_left = voters, set[int]()

    def run(self) -> None:
        for voter in self.voters:
            if not self._succeeds(voter.vote) or not self._succeeds(lambda voter=voter: leave(voter)):
                return
            self.has_left.add(voter.membership_id)

    def _succeeds(self, request: Any) -> bool:
        while not self.has_to_stop.wait(PAUSE_SECONDS):
            if self.ask(request()) == 302:
                return True
        return False

    def judge(self) -> list[str]:
        answers = Counter((status, names) for _, status, names in self.seen)
        print(f"  {len(self.has_left)} left; answers: {dict(answers)}")
        wrong = [f"{count} times {answer}" for answer, count in answers.items() if not is_clear(*answer)]
        return [f"who left was answered: {', '.join(wrong)}"] * bool(wrong)


def is_clear(status: int, names_the_disk: bool) -> bool:
    return status == 302 or (status == 503 and names_the_disk)


def leave(voter: Any) -> bytes:
    from django.middleware.csrf import _mask_cipher_secret
    from people import HEAD

    from voting.demo.population import SLUG

    body = f"csrfmiddlewaretoken={_mask_cipher_secret(voter.secret)}"
    head = f"POST /conferences/{SLUG}/leave/ HTTP/1.1{HEAD}Cookie: {voter.cookies()}\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def left_in_part(leaver: Leaver) -> list[str]:
    """Leaving ends the membership, voids the vote, and is in the audit log, or none of these."""
    from accounts.models import AdminAct
    from conferences.models import Membership
    from voting.elections.models import Vote

    numbers = [voter.membership_id for voter in leaver.voters]
    members = Membership.objects.filter(pk__in=numbers)
    ended = set(members.filter(left_at__isnull=False).values_list("pk", flat=True))
    people = {member.user_id: member.pk for member in members}
    logged = AdminAct.objects.filter(act="leave", by__in=people).values_list("by_id", flat=True)
    voided = set(
        Vote.objects.filter(voter__in=numbers, voided_at__isnull=False).values_list("voter_id", flat=True)
    )
    parts = {"memberships": ended, "audit log": {people[pk] for pk in logged}, "votes": voided}
    counts = {name: len(found) for name, found in parts.items()}
    print(f"  left, by table: {counts}")
    wrong = [f"left in part: {counts}"] * (ended != parts["audit log"] or ended != voided)
    return wrong + ["some are not stored who were told that they have left"] * (not leaver.has_left <= ended)

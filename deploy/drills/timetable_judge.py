"""Compares what arrived at the mail server with what should have, email by email."""

import json
import re
from collections import defaultdict
from datetime import datetime, timedelta

from timetable_cast import MINUTE, Story
from timetable_clock import Clock
from timetable_expected import OF_TIMETABLE, Expected, expected_of

LATE = timedelta(hours=2)
# An email that was on its way while the clock jumped could not know; it was written so many seconds before.
ON_ITS_WAY = 4.0
# A jump that leaves workers less real time than this may make an email too late.
TIME_TO_SEND = 20.0
SUBJECTS = {
    r"Voting at .* has opened": "opened",
    r"Voting at .* closes soon": "closes_soon",
    r"No one has written a pitch for .* yet": "no_candidates",
    r"Voting at .* has closed: please choose the speaker": "undecided",
    r"The member chosen to speak at .* has not answered": "unanswered",
    r"Will you speak at .*\? Please answer": "reply_soon",
    r"Waiting for your answer at .*": "waiting",
    r"The voting deadline at .* was moved|Voting at .* was closed early": "window",
    r".* is cancelled|.* has moved|.* takes place at another time": "agenda",
    r"Congratulations: you have been chosen to speak at .*": "chosen",
    r".* declined to speak at .*": "answered",
    r"The member chosen to speak at .* did not answer in time": "reply_overdue",
    r".* will speak at .*": "result",
}


def kind_of(subject: str) -> str:
    return next((kind for words, kind in SUBJECTS.items() if re.fullmatch(words, subject)), subject)


class Judge:
    def __init__(self, stories: dict[int, Story], clock: Clock, log) -> None:
        self.stories, self.clock, self.log = stories, clock, log
        self.faults: dict[str, list[str]] = defaultdict(list)

    def received(self) -> dict[tuple[str, str], list[dict]]:
        found = defaultdict(list)
        for line in self.log.read_text().splitlines():
            email = json.loads(line)
            found[kind_of(email["subject"]), email["to"]].append(email)
        return found

    def expected(self, now: datetime) -> dict[tuple[str, str], list[Expected]]:
        found = defaultdict(list)
        for story in self.stories.values():
            for one in sorted(expected_of(story, now), key=lambda e: e.due):
                found[one.kind, one.to].append(one)
        return found

    def missing(self, now: datetime) -> int:
        """How many have not arrived yet, some of which may be skipped as too late."""
        received = self.received()
        return sum(
            not any(self.clock.at(e["real"]) + 2 * MINUTE >= one.due for e in received[key])
            for key, them in self.expected(now).items()
            for one in them
            if now < one.until
        )

    def judge(
        self, now: datetime, real: float, *, skipped: set[tuple[int, str]], unsure: set[tuple[str, str]]
    ) -> dict[str, list[str]]:
        """`skipped` are rows that say “too late”; `unsure` kinds and recipients shown as uncertain."""
        received, expected = self.received(), self.expected(now)
        for key in received.keys() - expected.keys():
            who = self.stories[int(key[1].partition(".c")[2].partition("@")[0])].voted
            has_voted = key[0] == "closes_soon" and key[1].partition(".")[0] in who
            fault = "to somebody who had voted" if has_voted else "not expected"
            self.faults[fault] += [self.line(key, e) for e in received[key]]
        for key, them in expected.items():
            self._judge_one(key, them, received.get(key, []), real=real, skipped=skipped, unsure=unsure)
        return self.faults

    def _judge_one(self, key, them, emails, *, real, skipped, unsure) -> None:
        arrived = defaultdict(list)
        for email in emails:
            at = self.clock.at(email["real"])
            due = [one for one in them if one.due <= at + 2 * MINUTE]
            if not due:
                self.faults["before it was due"].append(self.line(key, email))
                continue
            arrived[due[-1]].append(email)
            if due[-1].kind in OF_TIMETABLE:
                self._judge_time(key, due[-1], email)
        for one in them:
            number = len(arrived[one])
            if number > 1:
                self.faults["more than once"] += [self.line(key, e) for e in arrived[one][1:]]
            if number or key in unsure:
                continue
            had = self.clock.seconds_between(one.due, one.until, real)
            if (one.number, one.code) in skipped and had < TIME_TO_SEND:
                continue
            self.faults["missing"].append(f"{one.code} to {one.to}, due {one.due:%j %H:%M:%S}, {had:.0f} s")

    def _judge_time(self, key, one: Expected, email: dict) -> None:
        before, at = self.clock.at(email["real"] - ON_ITS_WAY), self.clock.at(email["real"])
        if min(before, at) - one.due > LATE and not email["late"]:
            self.faults["late without saying so"].append(self.line(key, email))
        if max(before, at) - one.due <= LATE and email["late"]:
            self.faults["says that it is late and is not"].append(self.line(key, email))
        if min(before, at) >= one.until:
            self.faults["after its time"].append(self.line(key, email))

    def line(self, key, email) -> str:
        return f"{key[0]} to {key[1]} at {self.clock.at(email['real']):%j %H:%M:%S} {email['id']}"

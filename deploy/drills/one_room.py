#!/usr/bin/env python3
"""A room full of members behind one IP address logs in and votes, while others flood the log-in.

    deploy/with-mariadb .venv/bin/python deploy/drills/one_room.py [--people 500] [--arrive 60] [--no-control]
        [--sign-up | --mixed]

Gunicorn behind the shipped nginx serves the application as in production. The people in the room come from
one IP address, spread over the first minute: each opens the log-in form, sends it with the right password,
opens the ballot and votes. One in twenty mistypes the password first. Meanwhile eight addresses each keep
61 requests waiting at the log-in form, the addresses of one IPv6 network keep another 61 waiting, half of
them with the cookie of the form and half without; and 17 people from elsewhere log in.

To pass, everyone must have voted within 120 seconds, no one may have seen an error page, and the database
must contain each vote. The control is the room without any flood, with the previous limits of nginx (two
log-ins a second for one IP address, 60 waiting). It must fail.

With --sign-up the people in the room have no account yet: each opens the form, sends it, waits for the
email, enters the code, joins the conference and votes. Meanwhile the eight addresses each keep 61 sign-ups
waiting, for spellings of one mailbox. To pass, everyone must have voted within 240 seconds, no one may have
seen an error page, and the mailbox must have received at most six emails. The control has the previous
limit of one sign-up a second for one IP address.

With --mixed, a third has an account, a third has only the link of an invitation, and a third has nothing and
signs up. Half of those with an account log in with a code by email, the others with their password. To pass,
everyone must have voted within 90 seconds, and no one may have seen an error page. The control has the
previous limit of sign-ups. With --from-inside, one of those who flood the log-in is in the room, behind the
same IP address.
"""

import argparse
import http.client
import json
import re
import select
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

import room_sign_up
from site_under_test import (
    FORM,
    PASSWORD,
    Browser,
    Site,
    make_conference_of,
    make_people,
    prepared_site,
)

SECONDS, SIGN_UP_SECONDS, MIXED_SECONDS = 120, 240, 90
ROOM = "127.9.0.1"
FLOODERS, WAITING = 8, 61
ELSEWHERE = 17
MISTYPES = 20
BALANCER = "127.0.0.99"
REAL_ADDRESS = f"set_real_ip_from {BALANCER}; real_ip_header X-Forwarded-For;\n"
OLD_LOG_INS = """
map $request_method $old_log_in { POST all; default ""; }
limit_req_zone $old_log_in zone=log_ins:1m rate=10r/s;
map $request_method $old_log_in_from { POST $binary_remote_addr; default ""; }
limit_req_zone $old_log_in_from zone=log_ins_from:10m rate=2r/s;
"""
OLD_LOCATION = """
location = /accounts/login/ {
    limit_req zone=log_ins_from burst=60;
    limit_req zone=log_ins burst=300;
    error_page 503 /busy-form.html;
    proxy_pass http://conferencebox;
}
"""


class Room:
    """What the people in the room saw, each in a thread."""

    def __init__(
        self,
        port: int,
        candidates: list[int],
        arrive: float,
        *,
        emails: str = "",
        invitations: tuple[str, ...] = (),
        name: str = "",
    ) -> None:
        self.port, self.candidates, self.arrive = port, candidates, arrive
        self.inbox = room_sign_up.Inbox(emails) if emails else None
        self.invitations = invitations
        self.name = name
        self.started = time.monotonic()
        self.took: dict[str, list[float]] = {"in": [], "voted": []}
        self.errors: Counter[str] = Counter()
        self.waits = 0

    def run(self, people: int) -> None:
        threads = [threading.Thread(target=self.come, args=(n, people)) for n in range(people)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def come(self, number: int, people: int) -> None:
        time.sleep(self.arrive * number / people)
        browser = Browser(self.port, ROOM)
        way = number % 3 if self.invitations else 2
        try:
            if self.invitations and way == 1:
                self.accept_and_vote(browser, number)
            elif self.inbox and way == 2:
                self.sign_up_and_vote(browser, self.inbox, number)
            elif self.inbox and number % 2:
                self.log_in_by_code_and_vote(browser, self.inbox, number)
            else:
                self.log_in_and_vote(browser, number)
        except OSError as error:
            self.errors[type(error).__name__] += 1
        finally:
            self.waits += browser.waits
            browser.peer.close()

    def log_in_and_vote(self, browser: Browser, number: int) -> None:
        if number % MISTYPES == 0:
            status = self.log_in(browser, number, "not-the-" + PASSWORD)[0]
            if status != 200:
                self.errors[f"log-in, mistyped: {status}"] += 1
                return
        status, _, there = self.log_in(browser, number, PASSWORD)
        if (status, there) != (302, "/conferences/drill/ballot/"):
            self.errors[f"log-in: {status}"] += 1
            return
        self.took["in"].append(time.monotonic() - self.started)
        self.vote(browser, number)

    def log_in_by_code_and_vote(self, browser: Browser, inbox: room_sign_up.Inbox, number: int) -> None:
        if wrong := room_sign_up.log_in_by_code(browser, inbox, number):
            self.errors[wrong] += 1
            return
        self.took["in"].append(time.monotonic() - self.started)
        self.vote(browser, number)

    def vote(self, browser: Browser, number: int) -> None:
        choice = self.candidates[(number + 1) % len(self.candidates)]
        data = {"candidate": str(choice)}
        status = browser.send("/conferences/drill/vote/", "/conferences/drill/ballot/", data)[0]
        # A refusal leads back to the ballot too.
        if status != 302 or not any(name.endswith("voted") for name in browser.cookies):
            self.errors[f"vote: {status}"] += 1
            return
        self.took["voted"].append(time.monotonic() - self.started)

    def accept_and_vote(self, browser: Browser, number: int) -> None:
        if wrong := room_sign_up.accept_invitation(browser, self.invitations[number], number):
            self.errors[wrong] += 1
            return
        self.took["in"].append(time.monotonic() - self.started)
        self.vote(browser, number)

    def sign_up_and_vote(self, browser: Browser, inbox: room_sign_up.Inbox, number: int) -> None:
        wrong = room_sign_up.sign_up(browser, inbox, number, self.name)
        if not wrong:
            self.took["in"].append(time.monotonic() - self.started)
            wrong = room_sign_up.join(browser)
        if wrong:
            self.errors[wrong] += 1
            return
        self.vote(browser, number)

    def log_in(self, browser: Browser, number: int, password: str) -> tuple[int, str, str]:
        data = {"login": f"room{number}@example.org", "password": password}
        data["next"] = "/conferences/drill/ballot/"
        return browser.send("/accounts/login/", "/accounts/login/", data)


def elsewhere(port: int, found: Counter[str]) -> None:
    """People who log in from IP addresses of their own, one every few seconds."""
    for number in range(ELSEWHERE):
        browser = Browser(port, f"127.7.0.{number + 1}")
        data = {"login": f"elsewhere{number}@example.org", "password": PASSWORD}
        started = time.monotonic()
        status = browser.send("/accounts/login/", "/accounts/login/", data)[0]
        found["in" if status == 302 else str(status)] += 1
        found["slowest, s"] = max(found["slowest, s"], round(time.monotonic() - started))
        browser.peer.close()
        time.sleep(2)


class Flood:
    """Wrong passwords without a pause, from eight addresses and one IPv6 network."""

    def __init__(
        self, port: int, seconds: float, *, signs_up: bool = False, from_inside: bool = False
    ) -> None:
        self.port, self.ends, self.signs_up = port, time.monotonic() + seconds, signs_up
        self.from_inside = from_inside
        self.answers: Counter[int] = Counter()

    def run(self) -> None:
        sources = [f"127.66.0.{n}" for n in range(1, FLOODERS + 1)] + [BALANCER]
        sources += [ROOM] * self.from_inside
        threads = [
            threading.Thread(target=self.insist, args=(source, n), daemon=True)
            for source in sources
            for n in range(WAITING)
        ]
        for thread in threads:
            thread.start()
        # Until the room is done, which closes our input.
        select.select([sys.stdin], [], [], max(0.0, self.ends - time.monotonic()))

    def insist(self, source: str, number: int) -> None:
        if self.signs_up and source != BALANCER:
            return room_sign_up.flood_sign_ups(self.port, source, number, self.ends, self.answers)
        return self.insist_on_log_in(source, number)

    def insist_on_log_in(self, source: str, number: int) -> None:
        token = "x" * 32
        body = urlencode(
            {"login": f"flood{number}@example.org", "password": "p", "csrfmiddlewaretoken": token}
        )
        headers = FORM | ({"Cookie": f"csrftoken={token}"} if number % 2 else {})
        if source == BALANCER:
            headers |= {"X-Forwarded-For": f"2001:db8:bad:1::{number + 1:x}"}
        while time.monotonic() < self.ends:
            peer = http.client.HTTPConnection("127.0.0.1", self.port, timeout=180, source_address=(source, 0))
            try:
                peer.request("POST", "/accounts/login/", body, headers)
                self.answers[peer.getresponse().status] += 1
            except OSError:
                self.answers[0] += 1
            finally:
                peer.close()
            # Refused requests come back a little later: the drill's own work must not be the limit.
            time.sleep(3)


def start(part: str, *more: str) -> "subprocess.Popen[str]":
    """Another process, so that one group's work does not slow down the other."""
    command = [sys.executable, __file__, "--part", part, *more]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def play(part: str, port: int, arguments: dict) -> None:
    if part == "flood":
        flood = Flood(port, **arguments)
        flood.run()
        print(json.dumps(flood.answers))
        return
    others: Counter[str] = Counter()
    beside = threading.Thread(target=elsewhere, args=(port, others))
    people = arguments.pop("people")
    room = Room(port, **arguments)
    beside.start()
    room.run(people)
    beside.join()
    said = {
        "took": room.took,
        "errors": room.errors,
        "elsewhere": others,
        "waits": room.waits,
    }
    print(json.dumps(said))


def drill(
    chosen: argparse.Namespace, name: str, candidates: list[int], invitations: list[str], folder: Path
) -> bool:
    from voting.elections.models import Vote

    seconds = SIGN_UP_SECONDS if chosen.sign_up else MIXED_SECONDS if chosen.mixed else SECONDS
    wanted = {"seconds": seconds, "signs_up": chosen.sign_up, "from_inside": chosen.from_inside}
    flood = start("flood", str(chosen.port), json.dumps(wanted)) if name == "shipped" else None
    arguments = {"people": chosen.people, "arrive": chosen.arrive, "candidates": candidates}
    arguments["emails"] = str(folder / "mail") if chosen.sign_up or chosen.mixed else ""
    arguments |= {"invitations": invitations, "name": name}
    said = json.loads(start("room", str(chosen.port), json.dumps(arguments)).communicate()[0])
    said["votes stored"] = stored = Vote.objects.count()
    print(f"{name}: {chosen.people} people arrive within {chosen.arrive:.0f} s behind one address")
    in_time = {what: [t for t in times if t <= seconds] for what, times in said.pop("took").items()}
    for what, times in in_time.items():
        last = f"the last after {max(times):.1f} s" if times else ""
        print(f"  {what:6} within {seconds} s: {len(times)} {last}")
    said["emails to the mailbox of the flood"] = victim = room_sign_up.emails_to_the_victim(folder / "mail")
    for what, value in said.items():
        print(f"  {what}: {value or 'none'}")
    if flood:
        print(f"  the flood was answered: {json.loads(flood.communicate()[0])}", flush=True)
    everyone = len(in_time["voted"]) == stored == chosen.people
    is_spared = victim <= room_sign_up.MOST_EMAILS_TO_ONE
    return everyone and is_spared and not said["errors"] and said["elsewhere"].get("in") == ELSEWHERE


def forget_last_drill(folder: Path) -> None:
    from voting.elections.models import Vote

    # Its people stay members; those of the next have other addresses, as each mailbox may join only once.
    Vote.objects.all().delete()
    for file in (folder / "mail").glob("*.eml"):
        file.unlink()


def old_files() -> dict[str, str]:
    site = (Path(__file__).resolve().parents[1] / "nginx/site.conf").read_text()
    kept = re.sub(r"\nlocation = /(accounts/login|log-in)/[^{]*\{.*?\n\}", "", site, flags=re.DOTALL)
    shipped = (Path(__file__).resolve().parents[1] / "nginx/log-ins.conf").read_text()
    return {"log-ins.conf": shipped + OLD_LOG_INS, "site.conf": kept + OLD_LOCATION}


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--people", type=int, default=500)
    options.add_argument("--arrive", type=float, default=60, help="seconds in which they come")
    options.add_argument("--no-control", action="store_true")
    options.add_argument("--sign-up", action="store_true", help="they have no account yet")
    options.add_argument("--mixed", action="store_true", help="a third each: account, invitation, neither")
    options.add_argument("--from-inside", action="store_true", help="the room is also a source of the flood")
    options.add_argument("--port", type=int, default=8320)
    options.add_argument("--part", nargs=3, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.part:
        play(chosen.part[0], int(chosen.part[1]), json.loads(chosen.part[2]))
        return 0
    with prepared_site() as folder:
        others = make_people("elsewhere", ELSEWHERE)
        candidates = make_conference_of(others if chosen.sign_up else make_people("room", chosen.people))
        return 0 if measure(folder, chosen, candidates) else 1


def measure(folder: Path, chosen: argparse.Namespace, candidates: list[int]) -> bool:
    from django.core.cache import cache

    good, old = [], room_sign_up.old_files() if chosen.sign_up or chosen.mixed else old_files()
    for name, files in (("shipped", {}), ("control", old)):
        if name == "control" and chosen.no_control:
            continue
        cache.clear()
        forget_last_drill(folder)
        invitations = room_sign_up.invite(chosen.people, name) if chosen.mixed else []
        site = Site(folder, chosen.port, {}, files={"real-address.conf": REAL_ADDRESS} | files)
        worker = room_sign_up.start_worker() if chosen.sign_up or chosen.mixed else None
        try:
            good.append(drill(chosen, name, candidates, invitations, folder))
        finally:
            site.end()
            if worker:
                worker.terminate()
                worker.wait(60)
    return good in ([True], [True, False])


if __name__ == "__main__":
    raise SystemExit(main())

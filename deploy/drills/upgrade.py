"""Upgrades under 60 requests a second: no request fails, and what does not start is undone.

    make deb && .venv/bin/python deploy/drills/upgrade.py [--base FILE.tar]

Needs root, mmdebstrap and systemd-container, and the ports 25, 80, 443 and 3306. In a box with the real
systemd, 60 members who are logged in open the ballot and vote over HTTPS. Meanwhile the services are
restarted, a newer package with one more migration is installed, and then one whose web server cannot load the
application. No request may fail, there may be no gap of more than half a second, each person's last vote has
to be in the database, and after the broken package the one before has to run.

At last comes the control, which restarts both instances at once: it has to fail.
`--base` is where the box is kept for the next run.
"""

import re
import shutil
import sys
from pathlib import Path

from debian_box import Box, box_with_package, options_of_a_box
from fresh_box import ANSWERS, INSTALL, UPDATE
from upgrade_crowd import Crowd
from upgrade_packages import Packages

PEOPLE = 60
GAP_AT_MOST_SECONDS = 0.5
SLUG = "big-conference"
OPEN_SESSIONS = f"""
from django.contrib.auth import login
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from conferences.models import Membership
for member in Membership.objects.filter(conference__slug="{SLUG}").order_by("pk")[:{PEOPLE}]:
    request = HttpRequest()
    request.session = SessionStore()
    login(request, member.user, "conferences.teams.backend.TeamBackend")
    request.session.save()
    print("person", member.pk, request.session.session_key)
"""
VOTES = """mariadb -N conferencebox -e "SELECT voter_id, candidate_id FROM voting_vote" """
RELEASES = "readlink /opt/conferencebox; for unit in web@1 web@2 heavy worker; do readlink "
RELEASES += "/proc/$(systemctl show --property=MainPID --value conferencebox-$unit)/cwd; done"


def open_sessions(box: Box) -> list[tuple[int, str]]:
    """Membership and session of each."""
    box.must(f"conferencebox populate --members {PEOPLE + 40} --conference {SLUG}")
    printed = box.must(f"conferencebox shell -c '{OPEN_SESSIONS}'")
    found = re.findall(r"^person (\d+) (\w+)$", printed, re.MULTILINE)
    if len(found) != PEOPLE:
        sys.exit(f"FAILED: {len(found)} sessions\n{printed[-2000:]}")
    return [(int(member), key) for member, key in found]


def faults_during(box: Box, crowd: Crowd, what: str, command: str) -> list[str]:
    """What went wrong while the command ran; `command` may begin with "!", if it has to fail."""
    with crowd:
        done = box.run(command.lstrip("!"))
    print(f"{what}: {crowd.summary()}")
    faults = crowd.faults(GAP_AT_MOST_SECONDS)
    if (done.returncode != 0) != command.startswith("!"):
        faults.append(f"the command ended with {done.returncode}: {done.stdout[-3000:]}")
    rows = (line.split() for line in box.must(VOTES).splitlines())
    stored = {int(voter): int(candidate) for voter, candidate in rows}
    lost = {voter for voter, candidate in crowd.acknowledged.items() if stored.get(voter) != candidate}
    return faults + ([f"{len(lost)} votes are not in the database"] if lost else [])


def must_be_without_faults(faults: list[str], what: str) -> None:
    if faults:
        sys.exit(f"FAILED: {what}: " + "; ".join(faults))
    print(f"ok: {what}")


def must_run(box: Box, version: str, when: str) -> None:
    """The link and all services."""
    running = {Path(line).name for line in box.must(RELEASES).split()}
    must_be_without_faults([] if running == {version} else [f"{running} run"], f"{when}, {version} runs")


def try_out(box: Box, packages: Packages) -> None:
    box.must(UPDATE)
    box.must(INSTALL.replace("./conferencebox_*.deb", "./first.deb"))
    must_run(box, packages.first, "after the installation")
    certificate = box.folder / "etc/ssl/conferencebox/fullchain.pem"
    crowd = Crowd(certificate, SLUG, open_sessions(box))
    steps = [
        ("restart", "conferencebox restart", packages.first),
        ("upgrade", INSTALL.replace("./conferencebox_*.deb", "./next.deb"), packages.next),
        ("broken upgrade", "!" + INSTALL.replace("./conferencebox_*.deb", "./broken.deb"), packages.next),
    ]
    for what, command, version in steps:
        must_be_without_faults(faults_during(box, crowd, what, command), what)
        must_run(box, version, f"after the {what}")
    faults = faults_during(box, crowd, "control", "systemctl restart 'conferencebox-web@*'")
    if not faults:
        sys.exit("FAILED: the control, which restarts both at once, was not noticed")
    print(f"ok: the control fails: {'; '.join(faults)}")


def prepare(package: Path, root: Path) -> Packages:
    packages = Packages(package, root.parent)
    for file in packages.files:
        shutil.copy(file, root / "root")
    return packages


def main() -> None:
    chosen = options_of_a_box().parse_args()
    with box_with_package(chosen.base, prepare) as (box, packages):
        box.must("debconf-set-selections", ANSWERS)
        try_out(box, packages)


if __name__ == "__main__":
    main()

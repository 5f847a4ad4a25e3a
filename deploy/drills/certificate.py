"""A certificate from Let's Encrypt, with the Debian package: got, served, renewed and left behind.

    make deb && .venv/bin/python deploy/drills/certificate.py [--base FILE.tar]

Needs root, mmdebstrap and systemd-container, and the ports 25, 80, 443, 3306, 14000 and 15000. In a box with
the real systemd, certbot asks Pebble, which answers as Let's Encrypt does. Without certbot, and while the
name of the site leads elsewhere, the self-signed certificate has to stay as it is, with a sentence that says
what to do. Then `dpkg-reconfigure` asks for the kind of certificate, and nginx has to serve one whose chain
leads to Pebble's root. Certbot's own service renews it while visitors open pages, of which none may fail;
doctor and metrics show how long it is valid. The purged package leaves certbot's files alone, and one that is
installed with the answer given beforehand gets a certificate at once.

The control takes what answers Let's Encrypt out of nginx: certbot has to fail.
`--base` is where the box is kept for the next run.
"""

import json
import re
import shutil
import ssl
import sys
import time
from contextlib import suppress
from pathlib import Path

from certificate_pebble import (
    PORT,
    ROOTS_PORT,
    VALID_DAYS,
    lead_name_to,
    root_of_pebble,
    served,
    start_pebble,
)
from certificate_visitors import Visitors
from debian_box import Box, box_with_package, options_of_a_box, require_free_ports
from fresh_box import ANSWERS, FIGURES, INSTALL, PURGE, UPDATE, expect
from fresh_box_people import HOST, Visitor

CERTBOT, RECONFIGURE = "apt-get install certbot", "dpkg-reconfigure conferencebox"
# All that the section of docs/operators.md has; confbox/tests/test_operators.py compares.
COMMANDS = [CERTBOT, RECONFIGURE]
KIND = "conferencebox conferencebox/certificate select {}\n"
RENEW = "systemctl start certbot"
DELETE = "certbot delete --cert-name conferencebox"
# Of the documentation: no host has it.
ELSEWHERE, HERE = "192.0.2.1", "127.0.0.1"
OWN, ISSUED = "etc/ssl/conferencebox", "etc/letsencrypt/live/conferencebox"
SITE = "etc/nginx/conf.d/conferencebox.conf"
CHALLENGES = re.compile(r"    location /\.well-known/acme-challenge/ \{.*?\n    \}\n", re.DOTALL)
LOADED_WITHIN_SECONDS = 10
SHOWN_LINES = 16
# Answers the question of dpkg-reconfigure, in place of a person with an editor.
PERSON = """#!/bin/sh
cp "$1" /root/asked
sed -i 's|^conferencebox/certificate=.*|conferencebox/certificate="letsencrypt"|' "$1"
"""


def fail_unless(what: str, is_so: bool, shown: object = "") -> None:
    if not is_so:
        sys.exit(f"{shown}\nFAILED: {what}")
    print(f"ok: {what}")


def own_files(box: Box) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (box.folder / OWN).iterdir() if not file.is_symlink()}


def nothing_has_changed(box: Box, before: dict[str, bytes], said: str, why: str, when: str) -> None:
    """The self-signed certificate is all that nginx has, and certbot has nothing to renew."""
    print("\n".join(said.splitlines()[-SHOWN_LINES:]))
    fail_unless(f"{when}, the sentence says what to do", why in said and f"\n{RECONFIGURE}\n" in said, said)
    fail_unless(f"{when}, the self-signed certificate stays", own_files(box) == before)
    certificate = box.folder / OWN / "fullchain.pem"
    expect(f"{when}, the site answers", Visitor(certificate).ask("GET", "/"), 200)
    left = [*box.folder.glob("etc/letsencrypt/renewal/*"), *box.folder.glob("etc/letsencrypt/live/*/")]
    left += [file for file in box.folder.glob("var/lib/conferencebox-root/acme/**/*") if file.is_file()]
    fail_unless(f"{when}, nothing is left", not left, left)


def without_certificate(box: Box) -> None:
    lead_name_to(box, ELSEWHERE)
    said = box.must(INSTALL)
    before = own_files(box)
    fail_unless("a self-signed certificate was made", set(before) == {"fullchain.pem", "privkey.pem"})
    nothing_has_changed(box, before, said, "certbot is not installed", "without certbot")
    box.must(CERTBOT)
    start_pebble(box)
    root_of_pebble(box)
    missing = f"no certificate from Let's Encrypt for {HOST}"
    nothing_has_changed(box, before, box.must(RECONFIGURE), missing, "while the name leads elsewhere")
    box.must(RENEW)
    lead_name_to(box, HERE)
    site = box.folder / SITE
    shipped = site.read_text()
    site.write_text(CHALLENGES.sub("", shipped))
    fail_unless("the control has no answer to challenges", "acme" not in site.read_text())
    said = box.must(RECONFIGURE)
    fail_unless("in the control, the challenge finds no page", "returned 404" in said, said)
    nothing_has_changed(box, before, said, missing, "control")
    site.write_text(shipped)


def is_asked_and_gets_one(box: Box) -> None:
    """As an operator does who had a self-signed one before."""
    box.must("debconf-set-selections", KIND.format("self-signed"))
    person = box.folder / "root/person"
    person.write_text(PERSON)
    person.chmod(0o755)
    said = box.must(f"DEBIAN_FRONTEND=editor EDITOR=/root/person {RECONFIGURE}")
    asked = box.folder / "root/asked"
    fail_unless("dpkg-reconfigure asks for the kind", asked.exists(), said)
    names = re.findall(r"^conferencebox/(\w+)=", asked.read_text(), re.MULTILINE)
    fail_unless("and for nothing else", names == ["certificate"], names)


def is_served(box: Box, when: str) -> int:
    """The serial number of the certificate, which every process of nginx serves."""
    trusted = root_of_pebble(box)
    # nginx loads it soon after it was asked to.
    for _ in range(LOADED_WITHIN_SECONDS):
        time.sleep(1)
        with suppress(ssl.SSLError):
            served(trusted)
            break
    try:
        found = {served(trusted).serial_number for _ in range(30)}
    except ssl.SSLError as error:
        sys.exit(f"{box.run('journalctl -n 40 -u pebble').stdout}\nFAILED: {when}: {error}")
    fail_unless(f"{when}, nginx serves one certificate of Pebble", len(found) == 1, found)
    expect(f"{when}, the site answers", Visitor(trusted).ask("GET", "/"), 200)
    return found.pop()


def doctor_shows_its_days(box: Box) -> None:
    said = box.run("conferencebox doctor --json 2>/dev/null").stdout
    [found] = [each for each in json.loads(said)["checks"] if each["name"] == "certificate"]
    shows = found["verdict"] == "warning" and VALID_DAYS - 1 < found["figure"] <= VALID_DAYS
    fail_unless(f"doctor warns of the {found['figure']} days", shows, found)
    box.run("systemctl start conferencebox-doctor")
    lines = [line for line in box.must(FIGURES).splitlines() if 'check="certificate"' in line]
    expected = [f'check_figure{{check="certificate"}} {found["figure"]:g}', 'verdict{check="certificate"} 1']
    fail_unless("the figures show them", all(words in "\n".join(lines) for words in expected), lines)


def is_renewed(box: Box, before: int) -> None:
    """By the service that certbot's own timer starts."""
    box.must("systemctl is-active certbot.timer")
    with Visitors(root_of_pebble(box)) as visitors:
        box.must(RENEW)
    after = is_served(box, "after it was renewed")
    seen, failed = visitors.good, visitors.failed
    print(f"{seen.total()} requests, {seen[before]} before and {seen[after]} after; {len(failed)} failed")
    fail_unless("nginx serves the new one", after != before and set(seen) == {before, after}, seen)
    fail_unless("no request failed", not failed, failed[:10])


def is_left_behind(box: Box) -> None:
    kept = {file: file.read_bytes() for file in (box.folder / ISSUED).glob("*.pem")}
    said = box.must(PURGE)
    fail_unless("purging removes the links", not (box.folder / OWN).exists())
    stay = len(kept) == 4 and all(file.read_bytes() == text for file, text in kept.items())
    fail_unless("certbot's files stay", stay, list(kept))
    fail_unless("it says that certbot cannot renew them, and what to do", f"\n{DELETE}\n" in said, said)
    print(f"certbot's service after that: {box.run(RENEW).returncode}")
    box.must(f"{DELETE} --non-interactive")
    box.must(RENEW)


def try_out(box: Box) -> None:
    box.must(UPDATE)
    without_certificate(box)
    is_asked_and_gets_one(box)
    serial = is_served(box, "with the answer letsencrypt")
    doctor_shows_its_days(box)
    is_renewed(box, serial)
    is_left_behind(box)
    box.must("debconf-set-selections", ANSWERS + KIND.format("letsencrypt"))
    box.must(INSTALL)
    is_served(box, "with the answer given beforehand")


def main() -> None:
    chosen = options_of_a_box().parse_args()
    require_free_ports((PORT, ROOTS_PORT))

    def prepare(package: Path, root: Path) -> None:
        shutil.copy(package, root / "root")

    with box_with_package(chosen.base, prepare) as (box, _):
        box.must("debconf-set-selections", ANSWERS + KIND.format("letsencrypt"))
        try_out(box)


if __name__ == "__main__":
    main()

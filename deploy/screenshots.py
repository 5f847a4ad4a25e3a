"""Takes a picture of every page of a fresh demo, in two widths and two themes. `make screenshots` runs it.

    deploy/screenshots.py [FOLDER]

All are written to FOLDER (var/screenshots); those that the README shows are also written to screenshots/,
and those of the handbooks (`deploy/help_pictures.py`) to static/help/.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import help_pictures
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
WIDTHS = {"phone": (390, 844), "desktop": (1280, 800)}
THEMES = ("light", "dark")
PASSWORD = "conference-demo"  # noqa: S105
OPEN, SCHEDULED = "devopscon-munich", "it-tage-frankfurt"
TIED, DECIDED = "react-day-berlin", "droidcon-london"

ANONYMOUS = {
    "landing": "/",
    "nothing-found": "/?q=nothing-like-this",
    "past": "/?show=past",
    "conference-anonymous": f"/conferences/{OPEN}/",
    "log-in": "/accounts/login/",
    "sign-up": "/accounts/signup/",
    "password-reset": "/accounts/password/reset/",
    "help": "/help/",
    "help-organisers": "/help/organisers/start/",
    "help-members": "/help/members/check/",
    "how-the-vote-works": "/how-the-vote-works/",
    "mailbox": "/mailbox/",
    "not-found": "/no-such-page/",
}
MEMBER = {
    "conferences": "/",
    "mine": "/?show=mine",
    "my-page": "/me/",
    "conference": f"/conferences/{OPEN}/",
    "members": f"/conferences/{OPEN}/members/",
    "ballot": f"/conferences/{OPEN}/ballot/",
    "ballot-search": f"/conferences/{OPEN}/ballot/?q=engineer",
    "ballot-closed": f"/conferences/{TIED}/ballot/",
    "ballot-scheduled": f"/conferences/{SCHEDULED}/ballot/",
    "pitch": f"/conferences/{OPEN}/pitch/",
    "campaign-new": f"/conferences/{OPEN}/campaigns/new/",
    "member": f"/conferences/{OPEN}/members/1000001/",
    "result": f"/conferences/{DECIDED}/results/",
    "result-waiting": f"/conferences/{TIED}/results/",
    "profile": "/people/profile/",
    "settings": "/people/settings/",
    "my-data": "/people/my-data/",
    "email": "/accounts/email/",
    "password": "/accounts/password/change/",
    "two-factor": "/accounts/2fa/",
    "sessions": "/accounts/sessions/",
}
ORGANISER = {
    "admin": "/admin/",
    "admin-tallies": "/admin/voting/votes/",
    "admin-conferences": "/admin/conferences/conference/",
    "organiser-create": "/admin/conferences/conference/create/",
}
# The tab of a conference.
TABS = {
    "organiser-overview": help_pictures.in_admin(help_pictures.OPEN, "Overview"),
    "organiser-checklist": help_pictures.in_admin(help_pictures.SCHEDULED, "Overview"),
    "organiser-candidates": help_pictures.in_admin(help_pictures.OPEN, "Candidates"),
    "organiser-decision": help_pictures.in_admin(help_pictures.TIED, "Decision"),
}
README = ("landing-desktop-light", "ballot-phone-light", "voted-phone-dark", "result-desktop-light",
          "conference-phone-light", "my-page-phone-dark", "organiser-overview-desktop-light",
          "organiser-create-phone-light", "organiser-checklist-phone-light", "organiser-decision-phone-dark",
          "organiser-candidates-phone-dark")  # fmt: skip


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "var" / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as var, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        command = [sys.executable, "deploy/demo.py", str(port)]
        demo = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"VAR_DIR": var}, stdout=subprocess.DEVNULL
        )
        try:
            wait(f"http://localhost:{port}/healthz")
            take_all(f"http://localhost:{port}", folder)
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait(20)


def wait(address: str) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(address, timeout=2).close()  # noqa: S310  # our own server
        except OSError:
            time.sleep(0.5)
        else:
            return
    sys.exit("The demo did not start.")


def take_all(site: str, folder: Path) -> None:
    with sync_playwright() as playwright:
        executable = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for device, (width, height) in WIDTHS.items():
            for theme in THEMES:
                look: dict[str, object] = {
                    "viewport": {"width": width, "height": height},
                    "color_scheme": theme,
                }
                take(browser, look, site, folder, f"{device}-{theme}")
        help_pictures.take_all(browser, site)
        browser.close()


def take(browser: Browser, look: dict[str, object], site: str, folder: Path, ending: str) -> None:
    for person, pages in ((None, ANONYMOUS), ("alice", MEMBER), ("admin", ORGANISER)):
        page = browser.new_context(**look, reduced_motion="reduce").new_page()  # type: ignore[arg-type]
        if person:
            log_in(page, site, person)
        for name, path in pages.items():
            page.goto(site + path)
            save(page, folder, f"{name}-{ending}")
        if person == "alice":
            vote(page, site)
            save(page, folder, f"voted-{ending}")
            page.goto(f"{site}/conferences/{OPEN}/vote/receipt/")
            save(page, folder, f"receipt-{ending}")
            help_pictures.withdraw(page, site)
            save(page, folder, f"withdrawn-{ending}")
        if person == "admin":
            page.goto(f"{site}/admin/voting/votes/")
            page.get_by_role("link", name="React Day Berlin").click()
            page.wait_for_load_state()
            save(page, folder, f"admin-desk-{ending}")
            for name, go in TABS.items():
                go(page, site)
                save(page, folder, f"{name}-{ending}")
        page.context.close()


def log_in(page: Page, site: str, person: str) -> None:
    page.goto(f"{site}/accounts/login/")
    page.locator("#id_login").fill(f"{person}@example.org")
    page.locator("#id_password").fill(PASSWORD)
    page.locator(".entrance .btn-primary").click()
    page.wait_for_load_state()


def vote(page: Page, site: str) -> None:
    page.goto(f"{site}/conferences/{OPEN}/ballot/")
    page.locator(".vote-button").first.click()
    page.locator(".slip-done.is-new").wait_for()


def save(page: Page, folder: Path, name: str) -> None:
    png = folder / f"{name}.png"
    page.screenshot(path=png, full_page=True)
    if name not in README:
        return
    view = page.viewport_size or {"width": 390, "height": 844}
    with Image.open(png) as picture:
        shown = picture.convert("RGB").crop((0, 0, view["width"], min(picture.height, view["height"])))
        (ROOT / "screenshots").mkdir(exist_ok=True)
        shown.save(ROOT / "screenshots" / f"{name}.webp", quality=86, method=6)


if __name__ == "__main__":
    main()

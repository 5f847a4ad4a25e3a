"""The pictures in the handbooks: which page each shows, and which part of it. `make screenshots` takes them.

deploy/help_pictures.py SITE    of a fresh demo that runs there
"""

import io
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "static/help"
PASSWORD = "conference-demo"  # noqa: S105
OPEN, SCHEDULED, TIED = "DevOpsCon Munich", "IT-Tage", "React Day Berlin"
MEMBERS_OPEN = "/conferences/devopscon-munich"
DENSITY, MARGIN = 2, 12
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Picture:
    """The first match of `part` on the page to which `go` leads, at most `height` CSS pixels of it."""

    name: str
    person: str
    go: Callable[[Page, str], None]
    part: str
    width: int = 680
    height: int = 620


def at(path: str) -> Callable[[Page, str], None]:
    def go(page: Page, site: str) -> None:
        page.goto(site + path)

    return go


def in_admin(conference: str, tab: str) -> Callable[[Page, str], None]:
    """To the tab of the conference with this title."""

    def go(page: Page, site: str) -> None:
        page.goto(f"{site}/admin/conferences/conference/?q={conference}")
        page.locator("#result_list tbody th a").first.click()
        # In a narrow window, the link may be in the menu of the tabs, which is closed.
        link = page.locator(".tabs a").filter(has_text=re.compile(rf"^\s*{tab}\s*$")).first
        page.goto(site + (link.get_attribute("href") or ""))

    return go


def waiting_campaign(page: Page, site: str) -> None:
    page.goto(f"{site}/admin/voting/campaign/?status__exact=requested")
    page.locator("#result_list tbody th a").first.click()
    page.wait_for_load_state()


def receipt(page: Page, site: str) -> None:
    page.goto(f"{site}{MEMBERS_OPEN}/ballot/")
    if page.locator(".slip-done").count() == 0:
        page.locator(".vote-button").first.click()
        page.locator(".slip-done").wait_for()
    page.goto(f"{site}{MEMBERS_OPEN}/vote/receipt/")


def withdraw(page: Page, site: str) -> None:
    page.goto(f"{site}{MEMBERS_OPEN}/ballot/")
    page.locator(".slip-done .btn-text").click()
    page.locator(".message .offer").wait_for()


PICTURES = (
    Picture("overview", "admin", in_admin(SCHEDULED, "Overview"), "#content", height=760),
    Picture("turnout", "admin", in_admin(OPEN, "Overview"), ".overview-votes", height=640),
    Picture("count", "admin", in_admin(TIED, "Decision"), "#content", height=640),
    Picture("campaign", "admin", waiting_campaign, "#content", height=900),
    Picture("ballot", "alice", at(f"{MEMBERS_OPEN}/ballot/"), "#found", width=390, height=700),
    Picture("pitch", "alice", at(f"{MEMBERS_OPEN}/pitch/"), "main .container", width=480, height=700),
    Picture("receipt", "alice", receipt, "main .container", width=480, height=700),
)


def take_all(browser: Browser, site: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    for theme in THEMES:
        for person in sorted({picture.person for picture in PICTURES}):
            context = browser.new_context(
                color_scheme=theme,  # type: ignore[arg-type]
                device_scale_factor=DENSITY,
                reduced_motion="reduce",
            )
            page = context.new_page()
            log_in(page, site, person)
            for picture in (picture for picture in PICTURES if picture.person == person):
                take(page, site, picture, theme)
            if person == "alice":
                # So that the pictures of the other theme show the same.
                withdraw(page, site)
            context.close()


def log_in(page: Page, site: str, person: str) -> None:
    page.goto(f"{site}/accounts/login/")
    page.locator("#id_login").fill(f"{person}@example.org")
    page.locator("#id_password").fill(PASSWORD)
    page.locator(".entrance .btn-primary").click()
    page.wait_for_load_state()


def take(page: Page, site: str, picture: Picture, theme: str) -> None:
    page.set_viewport_size({"width": picture.width, "height": 900})
    picture.go(page, site)
    box = page.locator(picture.part).first.bounding_box()
    assert box, picture.name
    height = min(box["height"], picture.height)
    around = {"x": max(box["x"] - MARGIN, 0), "y": max(box["y"] - MARGIN, 0)}
    around |= {"width": box["width"] + 2 * MARGIN, "height": height + 2 * MARGIN}
    png = page.screenshot(clip=around, full_page=True)  # type: ignore[arg-type]
    with Image.open(io.BytesIO(png)) as shown:
        shown.convert("RGB").save(FOLDER / f"{picture.name}-{theme}.webp", quality=70, method=6)


def main() -> None:
    with sync_playwright() as playwright:
        executable = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        take_all(browser, sys.argv[1])
        browser.close()


if __name__ == "__main__":
    main()

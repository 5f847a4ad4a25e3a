"""One page of Chromium that fills in a form and presses it twice, and what it sends and where that leads."""

import time
from contextlib import suppress
from urllib.parse import urlsplit

from playwright.sync_api import Error

from confbox.kit.tests.page import parse
from confbox.tests.forms import Browser
from confbox.tests.page_text import masked, place

MAX_WAIT_SECONDS = 20
# Time for what a second press sends to leave the browser.
PAUSE_SECONDS = 0.05
# Fills in the form as a person would, marks it and the control to press, and returns how to press it.
FILL = """
({place, texts, name, value, action}) => {
  const form = document.forms[place];
  const controls = [...form.elements];
  form.dataset.walk = "form";
  for (const [field, text] of Object.entries(texts)) {
    for (const e of controls.filter((e) => e.name === field && !["submit", "file"].includes(e.type))) {
      if (!["checkbox", "radio"].includes(e.type)) e.value = text ?? "";
      else if (["on", e.value].includes(text)) e.checked = true;
    }
  }
  const buttons = controls.filter((e) => e.type === "submit" && !e.disabled);
  const goesTo = (e) => e.getAttribute("formaction") || "";
  const isMeant = (e) => e.name === name && e.value === value && goesTo(e) === action;
  const button = buttons.find(isMeant);
  const typed = ["text", "email", "password", "search", "number", "url", "tel", "datetime-local"];
  const isOpen = (e) => !e.readOnly && !e.disabled && e.checkVisibility();
  const field = controls.find((e) => typed.includes(e.type) && isOpen(e));
  // In a field, Return presses the first button of the form.
  const isByReturn = Boolean(field) && buttons[0] === button;
  const pressed = isByReturn ? field : button;
  pressed.dataset.walk = "pressed";
  for (let e = pressed; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
  // Scripts put some answers into the page that is there.
  const stays = [form, button].some((e) => e.matches("[data-hx-post], [data-theme-choice]"));
  return {press: isByReturn ? "in a field" : "on a button", stays};
}
"""
# A key finds what has the focus, also when the page is still moving.
FOCUS = "document.querySelector('[data-walk=pressed]').focus()"
FACTS = """`the focus, which the page ${document.hasFocus() ? "has" : "has not"}, is on
${document.activeElement.outerHTML.slice(0, 200)}`"""


class Window:
    def __init__(self, browser, url):
        self.url, self.press, self.stays = url, "", False
        self.sent, self.held, self.pending, self.faults = [], [], set(), []
        self.context = browser.new_context(viewport={"width": 1280, "height": 844}, locale="en-GB")
        self.page = self.context.new_page()
        self.page.set_default_timeout(MAX_WAIT_SECONDS * 1000)
        self.page.on("request", self._begin)
        self.page.on("requestfinished", self._end)
        self.page.on("requestfailed", self._end)
        self.page.on("response", self._look)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("dialog", lambda dialog: dialog.accept())

    def _begin(self, request):
        if request.method == "POST":
            self.pending.add(request)
            self.sent.append(urlsplit(request.url).path)

    def _end(self, request):
        self.pending.discard(request)

    def _look(self, response):
        if response.status >= 500:
            self.faults.append(f"{response.status} of {response.url}")

    def open(self, path, cookies):
        self.context.clear_cookies()
        self.context.add_cookies([{"name": n, "value": v, "url": self.url} for n, v in cookies.items()])
        for seen in (self.sent, self.held, self.pending, self.faults):
            seen.clear()
        self.page.goto(self.url + path, wait_until="domcontentloaded")

    def leave(self):
        """So that nothing of this page is still at work when the database is restored."""
        self.page.goto("about:blank")

    def fill(self, form, typed, files):
        button = form.buttons[0]
        facts = {name: button.get(name) or "" for name in ("name", "value")}
        facts |= {"action": button.get("formaction") or "", "place": form.place}
        found = self.page.evaluate(FILL, facts | {"texts": typed | form.chosen})
        self.press, self.stays = found["press"], found["stays"]
        for name, (title, content) in (files or {}).items():
            file = {"name": title, "mimeType": "application/octet-stream", "buffer": content}
            self.page.locator(f"[data-walk=form] input[name={name}]").set_input_files(file)

    def press_twice(self, *, pause_seconds=PAUSE_SECONDS):
        """The first POST is held until the second press, as the page may be gone after it.

        A page whose next one is held answers no script, only the keyboard.
        """
        self.page.evaluate(FOCUS)
        self.page.route("**/*", self._hold)
        self.page.keyboard.press("Enter")
        self._wait_until(lambda: self.held, MAX_WAIT_SECONDS)
        assert self.held, f"nothing was sent; {self.page.evaluate(FACTS)}, {self.sent}, {self.faults}"
        self.page.keyboard.press("Enter")
        self._wait_until(lambda: len(self.held) > 1, pause_seconds)
        self.page.unroute("**/*", self._hold)
        for route in self.held:
            # The second of two replaces the first, which can then not go on.
            with suppress(Error):
                route.continue_()

    def _hold(self, route):
        if route.request.method == "POST":
            self.held.append(route)
        else:
            route.continue_()

    def settle(self, *, is_page):
        """Waits for the answer and, if it is a page, until it is shown; a file leaves the page as it is."""
        self._wait_until(lambda: not self.pending, MAX_WAIT_SECONDS)
        if self.stays:
            self.page.locator("[data-walk=form][aria-busy]").wait_for(state="detached")
        elif is_page:
            self.page.locator("[data-walk=form]").wait_for(state="detached")
            self.page.wait_for_load_state("domcontentloaded")

    def _wait_until(self, happened, seconds):
        ends = time.monotonic() + seconds
        while not happened() and time.monotonic() < ends:
            self.page.wait_for_timeout(5)

    def landing(self):
        return place(urlsplit(self.page.url).path), heading_of(self.page.content())

    def is_in(self):
        cookies = {cookie["name"]: cookie["value"] for cookie in self.context.cookies()}
        return Browser(self.url, cookies).get("/me/").status == 200


def heading_of(html):
    return masked(next(iter(parse(html).texts("h1")), ""))

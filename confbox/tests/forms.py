"""A browser without scripts: it reads the forms of a page, keeps cookies and sends forms, also at once."""

import http.client
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from threading import Barrier
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit
from uuid import uuid4

from django.conf import settings
from django.db import connection

from confbox.kit.tests.threads import InThread

WITHOUT_VALUE = ("button", "reset", "image", "file")


@dataclass
class Form:
    page: str
    action: str
    method: str = "get"
    is_multipart: bool = False
    id: str = ""
    fields: list = field(default_factory=list)
    buttons: list = field(default_factory=list)
    unticked: list = field(default_factory=list)
    # The options of each list, the choices of a variant, and the position of the form on its page.
    choices: dict = field(default_factory=dict)
    chosen: dict = field(default_factory=dict)
    place: int = 0

    def variants(self):
        """The form once for each of its buttons: the button's name is sent too, and the target may differ."""
        for button in self.buttons or [{}]:
            action = urljoin(self.page, button.get("formaction") or self.action)
            pressed = [(button["name"], button.get("value", ""))] if button.get("name") else []
            pressed_one = replace(self, action=action, fields=[*self.fields, *pressed], buttons=[button])
            yield pressed_one
            yield from pressed_one.acts_on_rows()

    def acts_on_rows(self):
        """The form of a list in the admin once for each action, with the first row ticked."""
        rows = [value for name, value in self.unticked if name == "_selected_action"]
        for act in filter(None, self.choices.get("action", []) if rows else []):
            chosen = {"action": act, "_selected_action": rows[0]}
            kept = [(name, value) for name, value in self.fields if name != "action"]
            yield replace(self, fields=[*kept, *chosen.items()], chosen=chosen)

    def names(self):
        return {name for name, _ in self.fields}

    def filled(self, **typed):
        """What is sent: each field with its current or the given value; None leaves a field out."""
        kept = [(name, value) for name, value in self.fields if name not in typed]
        return kept + [(name, value) for name, value in typed.items() if value is not None]


class Forms(HTMLParser):
    """The forms of a page, with the value of each field that a browser would send."""

    def __init__(self, page, html):
        super().__init__()
        self.page, self.found, self.select, self.area, self.outside = page, [], None, None, []
        self.open = None
        self.feed(html)
        for owner, kind, thing in self.outside:
            for form in self.found:
                if form.id == owner:
                    getattr(form, kind).append(thing)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            action = urljoin(self.page, attrs.get("action") or self.page)
            form = Form(self.page, action, (attrs.get("method") or "get").lower())
            form.id, form.is_multipart = attrs.get("id", ""), "multipart" in attrs.get("enctype", "")
            form.place = len(self.found)
            self.open = form
            self.found.append(form)
        elif tag in ("input", "button", "select", "textarea") and "disabled" not in attrs:
            self._control(tag, attrs)
        elif tag == "option" and self.select is not None:
            self.select[1].append((attrs.get("value", ""), "selected" in attrs))

    def _control(self, tag, attrs):
        name, kind = attrs.get("name"), attrs.get("type", "text" if tag == "input" else "submit")
        if tag == "select":
            self.select = (attrs, [])
        elif tag == "textarea":
            self.area = [attrs, ""]
        elif kind == "submit":
            self._add(attrs, "buttons", attrs)
        elif kind in ("checkbox", "radio") and "checked" not in attrs:
            self._add(attrs, "unticked", (name, attrs.get("value", "on")))
        elif kind not in WITHOUT_VALUE and name:
            self._add(attrs, "fields", (name, attrs.get("value", "on" if kind == "checkbox" else "")))

    def _add(self, attrs, kind, thing):
        if attrs.get("form"):
            self.outside.append((attrs["form"], kind, thing))
        elif self.open is not None:
            getattr(self.open, kind).append(thing)

    def handle_data(self, data):
        if self.area is not None:
            self.area[1] += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self.area is not None:
            text = self.area[1].removeprefix("\n").replace("\n", "\r\n")
            self._add(self.area[0], "fields", (self.area[0].get("name"), text))
            self.area = None
        elif tag == "select" and self.select is not None:
            attrs, options = self.select
            if self.open is not None:
                self.open.choices[attrs.get("name")] = [value for value, _ in options]
            chosen = [value for value, is_chosen in options if is_chosen]
            if "multiple" not in attrs:
                chosen = chosen[:1] or [value for value, _ in options[:1]]
            for value in chosen:
                self._add(attrs, "fields", (attrs.get("name"), value))
            self.select = None
        elif tag == "form":
            self.open = None


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    html: str
    cookies: tuple
    path: str = ""
    is_page: bool = True

    @property
    def is_redirect(self):
        return 300 <= self.status < 400

    def alike(self):
        """What two responses to the same form must share: their target, or what they show."""
        return self.status, self.location


class Browser:
    def __init__(self, url, cookies=None):
        self.host, self.cookies = urlsplit(url).netloc, dict(cookies or {})

    def copy(self):
        return Browser(f"http://{self.host}", self.cookies)

    def logged_in(self, client):
        self.cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
        return self

    def get(self, path):
        return self.take(self.ask("GET", path))

    def follow(self, answer):
        """The page that the response redirects to."""
        for _ in range(5):
            if not answer.is_redirect:
                return answer
            answer = self.get(answer.location)
        raise AssertionError("Endless redirects")

    def forms(self, path):
        answer = self.get(path)
        assert answer.status == 200, (path, answer.status, answer.location)
        return [form for form in Forms(path, answer.html).found if form.method == "post"]

    def form(self, path, action=None):
        found = [form for form in self.forms(path) if urlsplit(form.action).path == (action or path)]
        assert found, f"{path} has no form for {action or path}"
        return found[0]

    def take(self, answer):
        for name, value in answer.cookies:
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answer

    def send(self, form, files=None, **typed):
        return self.take(self.post(form, form.filled(**typed), files))

    def post(self, form, fields, files=None):
        if form.is_multipart:
            body, kind = multipart(fields, files or {})
        else:
            body, kind = urlencode(fields).encode(), "application/x-www-form-urlencoded"
        return self.ask("POST", form.action, body, {"Content-Type": kind, "Referer": self.url(form.page)})

    def send_at_once(self, form, times=2, files=None, **typed):
        """The same form on this many connections of this browser at the same time.

        One after the other on SQLite, where all threads of a test share one database connection; none has
        seen the response to another.
        """
        if connection.vendor == "sqlite":
            return [self.post(form, form.filled(**typed), files) for _ in range(times)]
        ready, fields = Barrier(times), form.filled(**typed)

        def press():
            ready.wait(10)
            return self.post(form, fields, files)

        threads = [InThread(press) for _ in range(times)]
        finished = [thread.finish() for thread in threads]
        assert [thread.error for thread in finished] == [None] * times
        return [thread.result for thread in finished]

    def url(self, path):
        return f"http://{self.host}{path}"

    def ask(self, method, path, body=None, headers=None):
        client = http.client.HTTPConnection(self.host, timeout=30)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookies, "Accept-Language": "en"} | (headers or {})
        try:
            client.request(method, urldefrag(path).url, body, headers)
            response = client.getresponse()
            html = response.read().decode(errors="replace")
        finally:
            client.close()
        set_cookies = response.msg.get_all("Set-Cookie") or []
        cookies = tuple(tuple(c.partition(";")[0].split("=", 1)) for c in set_cookies)
        cookies = tuple((name, value.strip('"')) for name, value in cookies)
        location = urljoin(path, response.getheader("Location", ""))
        location = location if response.getheader("Location") else ""
        is_file = "attachment" in (response.getheader("Content-Disposition") or "")
        is_page = (response.getheader("Content-Type") or "").startswith("text/html") and not is_file
        return Answer(response.status, location, html, cookies, urlsplit(path).path, is_page)


def multipart(fields, files):
    mark = uuid4().hex

    def part(name, content, more=""):
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
        return head.encode() + content + b"\r\n"

    parts = [part(name, str(value).encode()) for name, value in fields]
    parts += [part(name, content, f'; filename="{file}"') for name, (file, content) in files.items()]
    return b"".join([*parts, f"--{mark}--\r\n".encode()]), f"multipart/form-data; boundary={mark}"

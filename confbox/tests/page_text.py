"""The main content of a page: its text, and the values of its fields."""

import re
from html.parser import HTMLParser

NEVER_READ = {"script", "style", "template"}
MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
DURATION = r"\d+\s(?:second|minute|hour|day|week|month)s?\b"
JOIN_LETTER = "[0-9A-HJKMNP-TV-Z]"
# What is another at each try: what the clock says, keys in links and in fields, IDs of new rows, codes.
MASKS = [
    (re.compile(r"\b\d{4}-\d\d-\d\dT[\d:.]+(Z|\+\d\d:\d\d)?"), "<time>"),
    (re.compile(rf"\b(\d{{4}}-\d\d-\d\d|\d{{1,2}} ({MONTH}) \d{{4}})\b"), "<day>"),
    (re.compile(r"\b\d{1,2}:\d{2}(:\d{2})?( UTC)?"), "<time>"),
    # Test clients send no name of a browser.
    (
        re.compile(r"(?<=with this browser: )(Mozilla/.*?|Unspecified)(?= If this|\s*$)", re.MULTILINE),
        "<browser>",
    ),
    (re.compile(rf"\b{DURATION}(,\s{DURATION})?|less than a minute"), "<duration>"),
    (re.compile(r"\b\d+ e?mails? a minute"), "<rate>"),
    (re.compile(r"\bwhsec_[\w+/=]+"), "<secret>"),
    (re.compile(r"[\w-]{16,}[.:][\w.:-]{16,}"), "<token>"),
    (re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{16,}"), "<token>"),
    (re.compile(rf"\b{JOIN_LETTER}{{4}}-{JOIN_LETTER}{{4}}\b|(?<=/j/){JOIN_LETTER}{{8}}\b"), "<join code>"),
    (re.compile(r"\b(Join code|replaced by|Request to join|Copied (?:to|from) conference) \d+"), r"\1 <ID>"),
    (re.compile(r"\b\d{6}(\d\d)?\b"), "<code>"),
    (re.compile(r"\bentry \d+"), "entry <ID>"),
    # Longer ones are masked as tokens are.
    (re.compile(r"\brehearsal-\d+(?=-\d\d@)"), "rehearsal-<ID>"),
    (re.compile(r"Browser: .*"), "<browser>"),
    (re.compile(r"_selected_action=\d+"), "_selected_action=0"),
    (re.compile(r"/\d+/"), "/0/"),
    (re.compile(r"\s+"), " "),
]


def place(path):
    """The URL without the IDs and keys of what was created just now."""
    return re.sub(r"\d+", "0", masked(path))


def masked(text):
    for pattern, mask in MASKS:
        text = pattern.sub(mask, text)
    return text.strip()


class PageText(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.pieces, self.unread, self.has_main = [], 0, "<main" in html
        self.is_inside = not self.has_main
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.is_inside = self.is_inside or tag == "main"
        self.unread += tag in NEVER_READ
        if tag == "input" and self.is_inside and attrs.get("name") != "csrfmiddlewaretoken":
            self.pieces.append(
                f"[{attrs.get('name', '')}={attrs.get('value', '')}{' x' * ('checked' in attrs)}]"
            )
        elif tag == "option" and "selected" in attrs and self.is_inside:
            self.pieces.append("[selected]")

    def handle_endtag(self, tag):
        self.unread -= tag in NEVER_READ
        if tag == "main" and self.has_main:
            self.is_inside = False

    def handle_data(self, data):
        if self.is_inside and not self.unread:
            self.pieces.append(data)


def text_of(html):
    return masked(" ".join(PageText(html).pieces))

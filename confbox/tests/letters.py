"""What every email of the site promises its reader, checked on both of its parts."""

import re
from email import message_from_bytes, policy

from django.conf import settings

from confbox.kit.email_html import FILLER, FOOT
from confbox.kit.tests.page import parse

# Each stands alone in an email, so its words are one sentence of the text part, too.
BLOCKS = ".site, .kind, h1, .body p, .body li, .foot p"


class Letter:
    """One email as its recipient gets it."""

    def __init__(self, message):
        self._message = message_from_bytes(message.message().as_bytes(), policy=policy.default)
        self.subject = str(self._message["Subject"])
        self.text = self._message.get_body(("plain",)).get_content()
        self.html = parse(self._message.get_body(("html",)).get_content())

    @property
    def words(self):
        return " ".join(self.text.split())

    @property
    def preheader(self):
        return self.html.texts(".preheader")[0].replace(" ".join(FILLER.split()), "").strip("\u200c ")

    @property
    def answers(self):
        """Where a reply goes, by name and address."""
        header = self._message["Reply-To"] or self._message["From"]
        return header.addresses[0].display_name, header.addresses[0].addr_spec

    @property
    def html_foot(self):
        return " ".join(self.html.texts(".foot p"))

    @property
    def text_foot(self):
        return " ".join(self.text.partition(FOOT)[2].split())


def _has_a_preheader(letter):
    if not letter.html.has(".preheader"):
        return False
    shown = letter.preheader.rstrip("…")
    greets = re.match("Hello", shown)
    return len(shown) > 5 and not greets and shown != letter.subject and shown in letter.words


def _has_a_button(letter):
    return letter.html.number_of("a.button") > 0


def _leads_to_this_site(letter):
    targets = letter.html.attributes("a.button", "href")
    return all(target.startswith(settings.SITE_URL) for target in targets)


def _has_a_complete_text(letter):
    said = [each for each in letter.html.texts(BLOCKS) if each != letter.subject]
    return not [each for each in said if each not in letter.words]


def _has_all_links_in_its_text(letter):
    return all(link in letter.text for link in letter.html.links)


def _names_who_answers(letter):
    name, _address = letter.answers
    return name in letter.html_foot and name in letter.text_foot


PROMISES = {
    "a list of emails shows its first words": _has_a_preheader,
    "a button": _has_a_button,
    "its buttons lead to this site": _leads_to_this_site,
    "the text says all that the HTML says": _has_a_complete_text,
    "the text has every link": _has_all_links_in_its_text,
    "who answers questions": _names_who_answers,
}


def broken_promises(message):
    letter = Letter(message)
    return [promise for promise, keeps in PROMISES.items() if not keeps(letter)]

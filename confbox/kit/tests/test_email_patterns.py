"""What is put together from a pattern is what Django writes for this recipient, but for the boundaries."""

import re

import pytest
from django.core.mail import BadHeaderError, EmailMultiAlternatives

from confbox.kit.email_bytes import OneOfMany
from confbox.kit.email_patterns import SHAPES_KEPT, EmailPattern, Own

BOUNDARY = re.compile(rb"={15}\d+==|(?<=boundary=\")[0-9a-f]{32}|(?<=--)[0-9a-f]{32}")
URL = f"https://example.org/unsubscribe/{'u' * 60}/"
NAMES = {
    "plain": "Ada",
    "empty": "",
    "other letters": "Grüße 🎤",
    "joined emoji": "👩‍🚀",
    "dot": ". Ada",
    "line break": "Ada\n.\rLovelace",
    "separator of lines": "Ada\u2028Lovelace",
    "too long for a line": "a" * 2000,
    "almost too long for a line": "é" * 480,
    "placeholder": "%s {name} \\1",
}
ADDRESSES = {
    "plain": "ada@example.org",
    "long": f"{'a' * 60}@{'b' * 40}.example.org",
    "quoted": '"ada lovelace"@example.org',
    "other letters": "ada@exämple.org",
    "comma": '"ada,bob"@example.org',
}
URLS = {"plain": URL, "short": "https://a.org/1", "comma": f"{URL}, {URL}", "long": URL * 12}
TEXTS = {
    "plain": "Dear {name},\nvote.\n.\nFrom here: {link} {link}\n",
    "other letters": "Liebe*r {name},\nGrüße.\n{link}\n",
    "long lines": "Dear {name}, " + "word " * 400 + "{link}",
    "no parts": "Vote.",
}


def own(*, name="Ada", address="ada@example.org", url=URL):
    headers = {"To": address, "Date": "Sat, 28 Nov 2026 08:00:00 -0000", "Message-ID": "<1@example.org>"}
    return Own(headers | {"List-Unsubscribe": f"<{url}>"}, {"name": name, "link": url})


def composing(kind, text):
    def compose(own):
        headers = dict(own.headers)
        filled = text.replace("{name}", own.body["name"]).replace("{link}", own.body["link"])
        to = [headers.pop("To")]
        made = kind("Grüße an alle", filled, "Konferenz <site@example.org>", to, headers=headers)
        made.attach_alternative(f"<p>{filled}</p>", "text/html")
        made.attach("vote.ics", "BEGIN:VCALENDAR", "text/calendar")
        return made

    return compose


def without_boundaries(content):
    return BOUNDARY.sub(b"boundary", content)


def same(text, parts):
    pattern, by_django = EmailPattern(composing(OneOfMany, text)), composing(EmailMultiAlternatives, text)
    # The first one makes the pattern, which must not depend on its parts.
    pattern.written(own(name="Eve", address="eve@example.net"))
    expected = by_django(parts).message().as_bytes(linesep="\r\n")
    return without_boundaries(pattern.written(parts)) == without_boundaries(expected)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_names_are_written_as_django_writes_them(name, text):
    assert same(text, own(name=name))


@pytest.mark.parametrize("url", URLS.values(), ids=URLS)
@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_headers_are_written_as_django_writes_them(address, url):
    assert same(TEXTS["plain"], own(address=address, url=url))


def test_second_header_cannot_be_smuggled_in():
    with pytest.raises(BadHeaderError):
        EmailPattern(composing(OneOfMany, "Hello")).written(own(address="ada@example.org\nBcc: eve@a.org"))


def test_an_email_to_many_is_composed_once():
    composed, compose = [], composing(OneOfMany, TEXTS["plain"])
    pattern = EmailPattern(lambda parts: composed.append(parts) or compose(parts))
    for number in range(100):
        assert f"Member {number},".encode() in pattern.written(own(name=f"Member {number}"))
    assert len(composed) == 1


def test_links_of_any_length_keep_only_so_many_patterns():
    pattern = EmailPattern(composing(OneOfMany, TEXTS["plain"]))
    for length in range(SHAPES_KEPT + 20):
        assert pattern.written(own(url=URL + "u" * length)).count(URL.encode() + b"u" * length) >= 3
    assert len(pattern._shapes) == SHAPES_KEPT

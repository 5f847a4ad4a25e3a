"""Emails of a campaign are the bytes that Django writes, but for the boundaries."""

import re

import pytest
from django.core.mail import BadHeaderError, EmailMultiAlternatives

from confbox.kit.email_bytes import OneOfMany

BOUNDARY = re.compile(rb"={15}\d+==|\b[0-9a-f]{32}\b")
SUBJECTS = {
    "short": "Vote for me",
    "long": "Vote for me, " * 12,
    "one long word": "v" * 120,
    "other letters": "Grüße an alle, die abstimmen, " * 4,
    "control characters": "Vote\tfor\x0bme",
}


def email(kind, subject, text):
    made = kind(
        subject,
        text,
        '"Konferenz über Brot via ConferenceBox" <site@example.org>',
        ["ada@example.org"],
        reply_to=["organiser@example.org"],
        headers={
            "Message-ID": "<1@example.org>",
            "Date": "Sat, 28 Nov 2026 08:00:00 -0000",
            "List-Unsubscribe": f"<https://example.org/{'u' * 90}/>",
        },
    )
    made.attach_alternative(f"<p>{text}</p>", "text/html")
    made.attach("vote.ics", "BEGIN:VCALENDAR", "text/calendar")
    return made


def written(kind, subject, text):
    return BOUNDARY.sub(b"boundary", email(kind, subject, text).message().as_bytes(linesep="\r\n"))


@pytest.mark.parametrize("text", ["Hello", "Grüße 🎤\n" * 40, "word " * 400])
@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
def test_bytes_are_those_of_django(subject, text):
    assert written(OneOfMany, subject, text) == written(EmailMultiAlternatives, subject, text)


def test_boundaries_of_two_emails_differ():
    first, second = (email(OneOfMany, "Vote", "Hello").message().get_boundary() for _ in range(2))
    assert first != second


def test_parts_within_parts_have_boundaries_of_their_own():
    parts = [p for p in email(OneOfMany, "Vote", "Hello").message().walk() if p.is_multipart()]
    assert len({p.get_boundary() for p in parts}) == len(parts) == 2


def test_second_header_cannot_be_smuggled_in():
    with pytest.raises(BadHeaderError):
        email(OneOfMany, "Vote\nBcc: eve@example.org", "Hello").message()

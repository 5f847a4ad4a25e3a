"""One reading of a mail server's replies, for campaigns and for all other emails."""

import smtplib

import pytest

from confbox.kit.email_failures import NotNowError, RefusedError, UncertainError, failure_of
from confbox.kit.smtp_replies import About, Meaning, reply_in

LATER, REFUSED, NONE = Meaning
REPLIES = [
    (smtplib.SMTPRecipientsRefused({"a@b.c": (450, b"4.2.0 Busy")}), LATER, About.RECIPIENT, NotNowError),
    (smtplib.SMTPRecipientsRefused({"a@b.c": (550, b"5.1.1 No")}), REFUSED, About.RECIPIENT, RefusedError),
    (smtplib.SMTPRecipientsRefused({"a@b.c": (421, b"Closing")}), LATER, About.US, NotNowError),
    (smtplib.SMTPDataError(451, b"Later"), LATER, About.EMAIL, NotNowError),
    (smtplib.SMTPDataError(554, b"Spam"), REFUSED, About.EMAIL, RefusedError),
    (smtplib.SMTPSenderRefused(550, b"Not you", "x@y.z"), REFUSED, About.US, RefusedError),
    (smtplib.SMTPSenderRefused(451, b"Later", "x@y.z"), LATER, About.US, NotNowError),
    (smtplib.SMTPAuthenticationError(535, b"Wrong password"), REFUSED, About.US, RefusedError),
    (smtplib.SMTPNotSupportedError("No SMTPUTF8"), REFUSED, About.EMAIL, RefusedError),
    (smtplib.SMTPServerDisconnected("Gone"), NONE, About.US, UncertainError),
    (TimeoutError("timed out"), NONE, About.US, UncertainError),
]


@pytest.mark.parametrize(("error", "meaning", "about", "_failure"), REPLIES)
def test_what_a_reply_means_and_what_it_is_about(error, meaning, about, _failure):
    reply = reply_in(error)
    assert (reply.meaning, reply.about) == (meaning, about)


@pytest.mark.parametrize(("error", "_meaning", "_about", "failure"), REPLIES)
def test_an_email_of_the_queue_fails_by_the_same_meaning(error, _meaning, _about, failure):
    assert type(failure_of(error)) is failure


@pytest.mark.parametrize(
    ("code", "words", "expected"),
    [
        (550, "5.1.1 No such user", True),
        (553, "5.1.8 Sender address rejected", False),
        (550, "5.2.1 Disabled", True),
        (550, "5.7.1 Policy", False),
        (550, "Unknown", True),
        (554, "Spam", False),
        (450, "4.1.1 Not now", False),
    ],
)
def test_only_some_refusals_say_that_there_is_no_such_mailbox(code, words, expected):
    reply = reply_in(smtplib.SMTPRecipientsRefused({"a@b.c": (code, words.encode())}))
    assert reply.names_no_mailbox is expected


def test_the_words_are_those_of_the_server_on_one_line():
    error = smtplib.SMTPDataError(554, b"5.7.1 Looks\nlike  spam")
    assert reply_in(error).words == "554 5.7.1 Looks like spam"

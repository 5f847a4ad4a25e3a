"""What a returned email reports."""

import pytest

from confbox.kit.returned_emails import READ_BYTES, What, report_in
from confbox.kit.tests.returned import OUT_OF_OFFICE, QMAIL, complaint, status_report


@pytest.mark.parametrize(
    ("status", "reply", "action", "what"),
    [
        ("5.1.1", "550 5.1.1 No such user", "failed", What.HARD),
        ("5.2.1", "550 5.2.1 Mailbox disabled", "failed", What.HARD),
        ("5.4.4", "", "failed", What.HARD),
        # The remote server's own reply is more exact than what the sending one makes of it.
        ("5.0.0", "550 5.1.1 No such user", "failed", What.HARD),
        ("5.2.2", "552 5.2.2 Mailbox full", "failed", What.SOFT),
        ("4.4.1", "", "failed", What.SOFT),
        ("4.2.2", "452 4.2.2 Mailbox full", "delayed", What.SOFT),
    ],
)
def test_status_code_shows_whether_the_failure_is_permanent(status, reply, action, what):
    report = report_in(status_report("alice@example.org", status=status, reply=reply, action=action))
    assert (report.what, set(report.addresses)) == (what, {"alice@example.org"})


@pytest.mark.parametrize(
    ("status", "action"),
    [
        ("5.7.1", "failed"),
        ("5.6.0", "failed"),
        ("5.1.8", "failed"),
        ("4.7.1", "failed"),
        ("2.0.0", "delivered"),
        ("2.0.0", "relayed"),
        ("nonsense", "failed"),
    ],
)
def test_refusal_of_us_and_success_report_nothing(status, action):
    assert report_in(status_report("alice@example.org", status=status, action=action)) is None


def test_format_of_another_mail_server_is_read():
    report = report_in(QMAIL)
    assert (report.what, report.addresses) == (What.HARD, ("alice@example.org",))


def test_another_format_without_a_status_code_is_no_proof():
    assert report_in(QMAIL.replace(b"5.1.1 ", b"")).what is What.SOFT


def test_automatic_reply_reports_nothing():
    assert report_in(OUT_OF_OFFICE) is None


def test_complaint_names_the_sender_of_the_email():
    report = report_in(complaint("bounces+abc@example.org"))
    assert (report.what, report.sender) == (What.COMPLAINT, "bounces+abc@example.org")


def test_report_of_no_spam_is_no_complaint():
    assert report_in(complaint("bounces+abc@example.org", kind="not-spam")) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\x00" * 50,
        b"Content-Type: multipart/report\n\nno boundary",
        b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n--b--",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 3000,
        status_report("a", status="5.1.1")[:350],
    ],
)
def test_broken_email_reports_nothing(raw):
    assert report_in(raw) is None


def test_reply_in_other_bytes_becomes_one_visible_line():
    raw = status_report("alice@example.org", status="5.1.1", reply="550 5.1.1 \xe9\x00\x1b unknown")
    words = report_in(raw).words
    assert words.isprintable()
    assert words.startswith("550 5.1.1")


def test_long_email_is_read_as_far_as_its_report():
    raw = status_report("alice@example.org", status="5.1.1") + b"x" * (10 * READ_BYTES)
    assert report_in(raw).what is What.HARD

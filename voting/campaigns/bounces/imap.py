"""Returned emails that wait in a mailbox."""

from collections.abc import Iterator
from imaplib import IMAP4
from urllib.parse import unquote, urlsplit

from imap_tools import AND, BaseMailBox, MailBox, MailBoxUnencrypted, MailMessageFlags

from confbox.kit.returned_emails import READ_BYTES
from voting.campaigns.bounces.envelopes import recipients_in
from voting.campaigns.bounces.taking import Taken, note_reading, take_bounce

TIMEOUT_SECONDS = 30


def read_mailbox(url: str) -> Iterator[Taken]:
    """Takes each email that has not been read, and then marks it as read.

    If it is interrupted between the two, the email is taken again, which changes nothing.
    """
    parts = urlsplit(url)
    with _connection(url).login(
        unquote(parts.username or ""), unquote(parts.password or ""), unquote(parts.path[1:]) or "INBOX"
    ) as mailbox:
        note_reading()
        for uid in mailbox.uids(AND(seen=False)):
            raw = _fetch(mailbox, uid)
            yield take_bounce(raw=raw, sent_to=recipients_in(raw))
            mailbox.flag(uid, MailMessageFlags.SEEN, value=True)


def _connection(url: str) -> BaseMailBox:
    parts = urlsplit(url)
    if parts.scheme == "imaps":
        return MailBox(parts.hostname or "", parts.port or 993, timeout=TIMEOUT_SECONDS)
    return MailBoxUnencrypted(parts.hostname or "", parts.port or 143, timeout=TIMEOUT_SECONDS)


def _fetch(mailbox: BaseMailBox, uid: str) -> bytes:
    """Only as much as is read of it."""
    status, found = mailbox.client.uid("fetch", uid, f"(BODY.PEEK[]<0.{READ_BYTES}>)")
    if status != "OK":
        raise IMAP4.error(f"The server refused email {uid}.")
    return next((item[1] for item in found if isinstance(item, tuple)), b"")

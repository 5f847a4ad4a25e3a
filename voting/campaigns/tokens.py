"""The signed links in emails."""

from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.core.signing import BadSignature, Signer, TimestampSigner
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from confbox.kit.mailbox_digests import mailbox_digest
from conferences.models import Conference, Membership, RosterEntry

SIGNER = Signer(salt="unsubscribe")
INVITATION_SIGNER = TimestampSigner(salt="invitation")
INVITATION_LASTS = timedelta(days=14)
# Before the ID of a membership, in the link that switches off the emails about one's conferences.
NOTICES = "notices-"
# Before the digest of a mailbox in a token; other tokens contain the ID of a membership.
MAILBOX = "mailbox-"


def unsubscribe_token(membership_id: int) -> str:
    """Identifies one recipient of one conference's emails.

    It does not expire, so links in old emails keep working.
    """
    return _signed(str(membership_id))


def _signed(value: str) -> str:
    return SIGNER.sign(value).replace(":", ".")


def _unsigned(token: str) -> str:
    """What was signed; empty if the token is not ours."""
    try:
        return SIGNER.unsign(token.replace(".", ":"))
    except BadSignature:
        return ""


def membership_of(token: str) -> Membership | None:
    """The membership that this token identifies; None if it identifies none."""
    return _membership(_unsigned(token))


def _membership(number: str) -> Membership | None:
    if not number.isdecimal():
        return None
    found = Membership.objects.select_related("user", "conference")
    return found.filter(pk=number).first() or found.filter(old_memberships__pk=number).first()


def notices_token(membership_id: int) -> str:
    return _signed(f"{NOTICES}{membership_id}")


def recipient_of_notices(token: str) -> Membership | None:
    """The membership to which the email with this token went; None if it is not such a token."""
    value = _unsigned(token)
    return _membership(value.removeprefix(NOTICES)) if value.startswith(NOTICES) else None


def mailbox_token(address: str) -> str:
    """Identifies a mailbox without naming it, also after its entry on a roster is gone."""
    return _signed(MAILBOX + mailbox_digest(address))


def mailbox_digest_of(token: str) -> str:
    """The digest of the mailbox that this token identifies; empty if it identifies none."""
    value = _unsigned(token)
    return value.removeprefix(MAILBOX) if value.startswith(MAILBOX) else ""


def unsubscribe_url(recipient: Membership | RosterEntry) -> str:
    if isinstance(recipient, RosterEntry):
        token = mailbox_token(recipient.mailbox)
    else:
        token = unsubscribe_token(recipient.pk)
    return _url("unsubscribe", token)


def notices_url(recipient: Membership) -> str:
    return _url("unsubscribe", notices_token(recipient.pk))


def _url(name: str, token: str) -> str:
    return f"{settings.SITE_URL}{_path_before(name)}{token}/"


@cache
def _path_before(name: str) -> str:
    return reverse(name, args=["token"]).removesuffix("token/")


def invitation_token(entry: RosterEntry) -> str:
    """Shows that its holder reads the emails to this entry's address, as it is now."""
    return INVITATION_SIGNER.sign(f"{entry.pk}-{_mark_of(entry)}").replace(":", ".")


def _mark_of(entry: RosterEntry) -> str:
    return salted_hmac("invitation", entry.mailbox, algorithm="sha256").hexdigest()[:16]


def entry_of(token: str) -> RosterEntry | None:
    """The entry that this token identifies, also if it has expired; None if its address has changed since."""
    try:
        number, _dash, mark = INVITATION_SIGNER.unsign(token.replace(".", ":")).partition("-")
    except BadSignature:
        return None
    found = RosterEntry.objects.select_related("conference__election", "membership__user")
    entry = found.filter(pk=number).first() or found.filter(old_entries__pk=number).first()
    return entry if entry and constant_time_compare(mark, _mark_of(entry)) else None


def has_expired(token: str, conference: Conference) -> bool:
    """A link is valid until the conference starts and voting closes, and for 14 days in any case."""
    if conference.now < _valid_until(conference):
        return False
    try:
        INVITATION_SIGNER.unsign(token.replace(".", ":"), max_age=INVITATION_LASTS)
    except BadSignature:
        return True
    return False


def link_ends_at(conference: Conference) -> datetime:
    """Until when a person can join by a link that is emailed now."""
    valid_until = max(_valid_until(conference), conference.now + INVITATION_LASTS)
    return min(valid_until, conference.ends_at)


def _valid_until(conference: Conference) -> datetime:
    closes_at = conference.election.closes_at
    return max(conference.starts_at, closes_at) if closes_at else conference.starts_at


def invitation_url(entry: RosterEntry) -> str:
    return _url("invitation", invitation_token(entry))

"""What follows when the details of a conference are changed, however they are entered."""

from collections.abc import Collection

from conferences.actions import keep_hidden
from conferences.history.models import refuse_old_addresses
from conferences.mailboxes import remember_mailboxes
from conferences.models import Conference
from conferences.outbox.events import emit_change


def follow_details(conference: Conference, changed: Collection[str]) -> None:
    """Call it in the transaction that has stored these columns.

    Raises:
        ValidationError: the web address was that of a conference which was merged into another one.
    """
    refuse_old_addresses([conference.slug] if "slug" in changed else [])
    if changed:
        emit_change(conference, "details")
    if conference.members_are_listed and "members_are_listed" in changed:
        keep_hidden(conference)
    if conference.one_account_per_mailbox and "one_account_per_mailbox" in changed:
        remember_mailboxes(conference)

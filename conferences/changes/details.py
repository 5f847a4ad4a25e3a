"""What follows when the details of a conference are changed, however they are entered."""

from collections.abc import Collection

from accounts.actors import Actor
from accounts.audit_log import log_change
from confbox.kit.outcomes import Change
from conferences.actions import keep_hidden
from conferences.history.models import refuse_old_addresses
from conferences.mailboxes import remember_mailboxes
from conferences.models import Conference
from conferences.outbox.events import emit_change


def record_details(*, conference: Conference, changed: Collection[str], what: str, by: Actor) -> Change:
    """As `follow_details`, and writes the audit log, which a page of the admin does itself."""
    follow_details(conference, changed)
    log_change(by=by, target=conference, what=what)
    return Change.of(len(changed))


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

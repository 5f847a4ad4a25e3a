"""What the page of a roster shows of the emails to it."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from accounts.requests import PersonRequest
from conferences.models import Conference, RosterEntry
from conferences.roster.page_parts import RosterPart, Shown
from voting.campaigns.invitations.sent import can_be_resent, emails_to_roster
from voting.campaigns.subscriptions.models import UndeliverableAddress
from voting.campaigns.subscriptions.reachability import is_unsubscribed_mailbox, unsubscribed_digests
from voting.desk.campaign_access import INVITE, may_publish
from voting.desk.campaign_panels import invitations_panel
from voting.desk.unreachable import why_unreachable


def invitation_facts(request: PersonRequest, conference: Conference, shown: Shown) -> dict[str, Any]:
    if not request.user.has_perm(INVITE, conference):
        return {"invitations": None, "can_send_to": set()}
    unsubscribed, emails = unsubscribed_digests(), emails_to_roster(conference)
    _note_problems(shown.entries, unsubscribed)
    return {
        "invitations": invitations_panel(
            conference,
            emails[0] if emails else None,
            unsubscribed=unsubscribed if shown.is_counted else None,
            viewer=request.user,
        ),
        "may_publish": may_publish(request.user, conference),
        "can_send_to": _reachable(shown.entries) if any(map(can_be_resent, emails)) else set(),
    }


def _note_problems(entries: Sequence[RosterEntry], unsubscribed: set[str]) -> None:
    """Why those who have not joined cannot be reached."""
    waiting = [entry for entry in entries if entry.can_be_invited]
    addresses = [entry.mailbox for entry in waiting]
    answers = dict(
        UndeliverableAddress.objects.filter(address__in=addresses).values_list("address", "answer")
    )
    for entry in waiting:
        if entry.mailbox in answers:
            entry.note = why_unreachable(answers[entry.mailbox])
        elif is_unsubscribed_mailbox(entry.mailbox, unsubscribed):
            entry.note = _("Does not want invitations.")


def _reachable(entries: Sequence[RosterEntry]) -> set[int]:
    return {
        entry.pk for entry in entries if entry.can_be_invited and not entry.same_mailbox and not entry.note
    }


PART = RosterPart(
    facts=invitation_facts,
    above_entries="admin/voting/campaign/_invitations.html",
    of_entry="admin/voting/campaign/_send_to_one.html",
)

"""What the pages of a campaign show to organisers, by its state."""

from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from confbox.kit.panels import Panel
from conferences.local_times import in_zone
from conferences.models import Conference, RosterEntry
from conferences.teams.organisers import organisers_of
from voting.campaigns.kinds.invitation import (
    INVITATION,
    JOIN_REMINDER,
    reminder_waits_until,
    why_not_joinable,
)
from voting.campaigns.kinds.kind import CampaignKind
from voting.campaigns.kinds.registry import kind_of
from voting.campaigns.models import Campaign
from voting.campaigns.progress import Progress, SecretProgress, progress_of
from voting.campaigns.recipients import campaign_to_be, count_recipients, count_waiting
from voting.campaigns.rules import refusal_to_announce
from voting.desk.campaign_access import is_ready_for, who_can_approve

UNDER_WAY = (Campaign.Status.APPROVED, Campaign.Status.SENDING, Campaign.Status.PAUSED)
NOT_SENT = (Campaign.Status.WITHDRAWN, Campaign.Status.REFUSED, Campaign.Status.STOPPED)
FOLDER = "admin/voting/campaign"
VERBS = f"{FOLDER}/verbs"
TROUBLE_NOTE = f"{FOLDER}/trouble_note"
RECIPIENTS_PANEL = f"{FOLDER}/recipients_panel"
ANNOUNCE_PANEL = f"{FOLDER}/announce_panel"
APPROVE_PANEL = f"{FOLDER}/approve_panel"
INVITATIONS_PANEL = f"{FOLDER}/invitations_panel"


def verbs(campaign: Campaign, *, refusal: str, is_own: bool, is_moved: bool = False) -> Panel:
    """What can be done next; `refusal` is why this organiser may not approve it, and someone else has to.

    What they asked for themselves they withdraw, where they refuse what others did.

    With `is_moved` it replaces what the page shows.
    """
    facts = {"campaign": campaign, "refusal": refusal, "is_own": is_own, "is_moved": is_moved}
    if campaign.is_waiting() and refusal:
        kind = kind_of(campaign)
        facts["approvers"] = who_can_approve(campaign)
        facts["can_be_rewritten"] = is_own and kind.draft is not None and not campaign.is_standard_text
        return Panel(VERBS, "waiting_for_another", facts)
    if campaign.is_waiting():
        return Panel(VERBS, "waiting", facts)
    if campaign.status in NOT_SENT and _can_be_written(campaign):
        to_roster = kind_of(campaign).roster_audience is not None
        facts["again"] = _("Invite again") if to_roster else _("Write a new one")
        return Panel(VERBS, "over", facts)
    return Panel(VERBS, campaign.status if campaign.status in UNDER_WAY else "none", facts)


def _can_be_written(campaign: Campaign) -> bool:
    """Whether organisers can write another one now."""
    if kind_of(campaign).draft is None:
        return False
    return not refusal_to_announce(campaign.conference, campaign.kind)


def recipients_panel(campaign: Campaign, progress: Progress | SecretProgress) -> Panel:
    """Who would get it while that can change; from the start of its sending, how many did."""
    facts: dict[str, Any] = {"progress": progress}
    if audience := kind_of(campaign).secret_audience:
        return Panel(RECIPIENTS_PANEL, "secret", facts | {"recipients": audience.recipients})
    if campaign.started_at:
        return Panel(RECIPIENTS_PANEL, "sending" if campaign.is_open() else "finished", facts)
    if campaign.is_open():
        return Panel(RECIPIENTS_PANEL, "expected", facts | {"recipients": count_recipients(campaign)})
    return Panel(RECIPIENTS_PANEL, "never_sent", facts)


def trouble_note(
    campaign: Campaign, progress: Progress | SecretProgress, *, may_quote: bool = True
) -> Panel | None:
    """The mail server's reply; its text could name a recipient, so not for a secret audience.

    Nor for those who do not see the members, as `may_quote` says.
    """
    if not campaign.trouble:
        return None
    if isinstance(progress, SecretProgress):
        return Panel(TROUBLE_NOTE, "code" if progress.code else "refused", {"code": progress.code})
    if not may_quote:
        return Panel(TROUBLE_NOTE, "refused", {})
    return Panel(TROUBLE_NOTE, "quoted", {"n": campaign.failures, "trouble": campaign.trouble})


def announce_panel(conference: Conference, kind: CampaignKind, *, viewer: User) -> Panel:
    """The page to write one of the organisers' own emails, or why it cannot be begun."""
    if refusal := refusal_to_announce(conference, kind.code):
        state = "refused_of_roster" if kind.roster_audience else "refused"
        return Panel(ANNOUNCE_PANEL, state, {"refusal": refusal, "is_closed": not conference.is_joinable()})
    others = organisers_of(conference, kind.permission_to_review, but=[viewer])
    facts: dict[str, Any] = {"note": kind.draft.note if kind.draft else "", "approvers": others}
    if kind.secret_audience:
        facts["before_writing"] = kind.secret_audience.before_writing
        return Panel(ANNOUNCE_PANEL, "secret", facts)
    recipients = count_recipients(campaign_to_be(conference=conference, kind=kind.code))
    if kind.roster_audience and not recipients:
        is_empty = not RosterEntry.objects.present().filter(conference=conference).exists()
        return Panel(ANNOUNCE_PANEL, "empty_roster") if is_empty else _no_one_left(conference, kind)
    return Panel(ANNOUNCE_PANEL, _counted(kind), facts | {"recipients": recipients})


def _no_one_left(conference: Conference, kind: CampaignKind) -> Panel:
    """Who was invited can be reminded instead."""
    reminder = campaign_to_be(conference=conference, kind=JOIN_REMINDER.code)
    is_reminder = kind.code == JOIN_REMINDER.code
    number = 0 if is_reminder else count_recipients(reminder)
    facts = {"is_reminder": is_reminder, "to_remind": number, "reminder": JOIN_REMINDER.code}
    return Panel(ANNOUNCE_PANEL, "no_one_left", facts)


def _counted(kind: CampaignKind) -> str:
    return "of_roster" if kind.roster_audience else "counted"


def approve_panel(campaign: Campaign, *, is_own: bool) -> Panel:
    """With `is_own`, its author sends it without anyone else's approval."""
    if audience := kind_of(campaign).secret_audience:
        facts = {"question": audience.question, "button": _("Send") if is_own else _("Approve")}
        return Panel(APPROVE_PANEL, "secret", facts)
    recipients, state = count_recipients(campaign), _counted(kind_of(campaign))
    button = _button(state, recipients or 0, is_own=is_own)
    return Panel(APPROVE_PANEL, state, {"recipients": recipients, "button": button})


def _button(state: str, recipients: int, *, is_own: bool) -> str:
    if state == "of_roster":
        send = ngettext("Send to %(number)s person", "Send to %(number)s people", recipients)
        approve = ngettext("Approve for %(number)s person", "Approve for %(number)s people", recipients)
    else:
        send = ngettext("Send to %(number)s member", "Send to %(number)s members", recipients)
        approve = ngettext("Approve for %(number)s member", "Approve for %(number)s members", recipients)
    return (send if is_own else approve) % {"number": intcomma(recipients)}


def invitations_panel(
    conference: Conference, last: Campaign | None, *, unsubscribed: set[str] | None, viewer: User
) -> Panel:
    """What organisers can send to those on the roster who have not joined; `last` is the last such email.

    `unsubscribed` are the digests of mailboxes that want none; without them, those to invite are not counted.
    """
    if last and last.is_waiting():
        state = "ready" if is_ready_for(last, viewer) else "waiting"
        return Panel(INVITATIONS_PANEL, state, {"last": last})
    if last and last.is_open() and not last.finished_at:
        return Panel(INVITATIONS_PANEL, "running", {"last": last, "progress": progress_of(last)})
    if refusal := why_not_joinable(conference):
        return Panel(INVITATIONS_PANEL, "closed", {"refusal": refusal})
    codes = {"invitation": INVITATION.code, "reminder": JOIN_REMINDER.code}
    facts: dict[str, Any] = {"last": last, **codes}
    facts |= {"progress": progress_of(last)} if last and last.started_at else {}
    if unsubscribed is None:
        facts["remind_from"] = in_zone(conference, reminder_waits_until(conference))
        return Panel(INVITATIONS_PANEL, "uncounted", facts)
    waiting = count_waiting(conference=conference, unsubscribed=unsubscribed)
    if waiting["to_remind"]:
        facts["remind_from"] = in_zone(conference, reminder_waits_until(conference))
    return Panel(INVITATIONS_PANEL, "idle", facts | waiting | {"has_recipients": any(waiting.values())})

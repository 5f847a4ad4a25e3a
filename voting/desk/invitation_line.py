"""The line of the checklist about the invitations to a roster."""

from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from conferences.admission.rules import rules_of
from conferences.models import RosterEntry
from conferences.organising.checklist import Line, Look, State, page_of
from conferences.roster.access import READ
from voting.campaigns.invitations.sent import emails_to_roster
from voting.campaigns.kinds.invitation import INVITATION, why_not_joinable
from voting.campaigns.models import Campaign
from voting.campaigns.rules import refusal_to_approve
from voting.desk.campaign_access import INVITE, is_ready_for, who_can_approve


def invitations(look: Look) -> Line | None:
    """Where those on the roster join or vote, and no one has invited them yet."""
    election, rules = look.conference.election, rules_of(look.conference)
    if not (election.only_roster_votes() or (rules.roster and not rules.everyone)):
        return None
    emails = emails_to_roster(look.conference)
    # Of a large roster, that takes a while; once there is an email, the line does not say it.
    number = 0 if emails else RosterEntry.objects.filter(conference=look.conference).not_joined().count()
    if not (number or emails):
        return None
    state, words = _state_of(look, emails, number)
    approvers = _others_who_approve(look, emails)
    if approvers:
        words = _("The email waits for %(names)s.") % {"names": get_text_list(approvers, _("or"))}
    refusal = why_not_joinable(look.conference) if state is State.TO_DO else ""
    return Line(
        "invitations",
        _("Invitations to the roster"),
        state,
        " ".join(filter(None, (words, refusal))),
        *_place_of(look, state, emails, refusal),
        is_theirs=look.may(INVITE) and not refusal and not approvers,
        is_first=True,
    )


def _others_who_approve(look: Look, emails: list[Campaign]) -> list[str]:
    """Whose turn it is, if this person may not approve the email that waits, as they wrote it."""
    waiting = next((email for email in emails if email.is_waiting()), None)
    if waiting is None or not (isinstance(look.person, User) and refusal_to_approve(waiting, look.person)):
        return []
    return [person.name for person in who_can_approve(waiting)]


def _state_of(look: Look, emails: list[Campaign], number: int) -> tuple[State, str]:
    if any(email.started_at for email in emails):
        return State.DONE, _("They have been sent.")
    if emails and isinstance(look.person, User) and is_ready_for(emails[0], look.person):
        return State.TO_DO, _("The email is written, and is sent once you send it.")
    if emails:
        return State.TO_DO, _("The email is written, and is sent once it is approved.")
    said = ngettext(
        "%(n)d person on the roster has not joined, and no one has invited them.",
        "%(n)d people on the roster have not joined, and no one has invited them.",
        number,
    )
    return State.TO_DO, said % {"n": number}


def _place_of(look: Look, state: State, emails: list[Campaign], refusal: str) -> tuple[str, str]:
    if state is State.TO_DO and emails:
        url = reverse("admin:voting_campaign_change", args=[emails[0].pk]) if look.may(INVITE) else ""
        return url, _("Open the email")
    if state is State.TO_DO and not refusal and look.may(READ, INVITE):
        url = reverse("admin:voting_campaign_announce", args=[look.conference.pk, INVITATION.code])
        return url, _("Invite them")
    roster = page_of(look, "conferences_roster", READ)
    return f"{roster}#invitations" if roster else "", _("Open the invitations")

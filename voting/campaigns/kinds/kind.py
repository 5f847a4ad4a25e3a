"""What is specific to one kind of campaign. The defaults are those of a member's campaign."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from confbox.kit.clock import database_now
from confbox.kit.coded import coded
from conferences.local_times import in_zone
from conferences.memberships.models import MembershipQuerySet
from conferences.memberships.roster.models import RosterEntryQuerySet
from conferences.models import Conference
from voting.campaigns.models import Campaign
from voting.elections.election.models import VotingState

MEMBER = gettext_lazy("You are receiving this email because you are a member of %(conference)s on %(site)s.")
# Lazy, so that each reader gets it in their own language.
Text = str | Promise

# Its file name, content and MIME type.
Attachment = tuple[str, bytes, str]

OVER = (VotingState.CLOSED, VotingState.DECIDED, VotingState.CANCELLED)


def until_voting_closes(campaign: Campaign, at: datetime) -> str:
    if refusal := while_active(campaign, at):
        return refusal
    is_over = campaign.conference.election.state(at) in OVER
    return (
        coded("voting_over", _("Voting will be over by then, so the email would come too late."))
        if is_over
        else ""
    )


def while_active(campaign: Campaign, _at: datetime) -> str:
    if campaign.conference.is_cancelled:
        return coded("conference_cancelled", _("The conference is cancelled."))
    is_active = campaign.conference.status == Conference.Status.ACTIVE
    return "" if is_active else coded("conference_not_active", _("The conference is not active."))


def too_late_to_begin(conference: Conference) -> str:
    is_over = conference.election.state(conference.as_of or database_now()) in OVER
    return coded("voting_over", _("Voting is over, so the email would come too late.")) if is_over else ""


def voting_is_ahead(conference: Conference) -> bool:
    return conference.election.state() not in OVER


def nothing_against(_subject: Any) -> str:
    return ""


def no_pitches(_conference: Conference) -> list[dict[str, Any]]:
    return []


def all_members(_campaign: Campaign, members: MembershipQuerySet) -> MembershipQuerySet:
    return members


def do_nothing(_campaign: Campaign) -> None:
    pass


def own_subject(campaign: Campaign) -> str:
    return campaign.subject


def own_message(campaign: Campaign) -> str:
    return str(campaign.message)


def no_special_action(_campaign: Campaign) -> str:
    return ""


def no_attachments(_campaign: Campaign) -> list[Attachment]:
    return []


def when_voting_closes(campaign: Campaign) -> str:
    """The times to come as a sentence in Markdown; empty if voting will not close any more."""
    election = campaign.conference.election
    if not election.is_close_ahead():
        return ""
    if election.state() == VotingState.SCHEDULED:
        times = {
            name: in_zone(campaign.conference, getattr(election, f"{name}_at"))
            for name in ("opens", "closes")
        }
        return _("Voting opens on **%(opens)s** and closes on **%(closes)s**.") % times
    return _("Voting closes on **%(time)s**.") % {"time": in_zone(campaign.conference, election.closes_at)}


def no_deadline(_campaign: Campaign) -> str:
    """For a text that has its dates itself."""
    return ""


def ballot_path(campaign: Campaign) -> str:
    return reverse("ballot", args=[campaign.conference.slug])


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The text that an organiser starts with, and its link on the desk."""

    link: Text
    subject: Text
    message: Text
    # A note to the organiser before writing.
    note: Text = ""
    is_offered: Callable[[Conference], bool] = voting_is_ahead

    def text_for(self, conference: Conference) -> dict[str, str]:
        """Subject and message, in the active language."""
        names = {"conference": conference.title}
        return {"subject": str(self.subject) % names, "message": str(self.message) % names}


@dataclass(frozen=True, kw_only=True)
class SecretAudience:
    """An audience that depends on votes is never listed, counted or marked; these texts are shown instead."""

    recipients: Text
    before_writing: Text
    question: Text
    approved: Text
    sent: Text
    progress: Text


@dataclass(frozen=True, kw_only=True)
class CampaignKind:
    code: Campaign.Kind

    # The sentences around the text; `%(candidate)s`, `%(conference)s` and `%(site)s` are filled in.
    origin: Text
    reader: Text = MEMBER
    why: Text
    action: Text
    # Instead of it, where it depends on what the email is about; empty if it does not.
    special_action: Callable[[Campaign], str] = no_special_action
    action_path: Callable[[Campaign], str] = ballot_path
    # Above the button, in Markdown.
    deadline: Callable[[Campaign], str] = when_voting_closes
    attachments: Callable[[Campaign], list[Attachment]] = no_attachments
    # The text to send: stored in one language, unless a kind writes it in the reader's.
    subject: Callable[[Campaign], str] = own_subject
    message: Callable[[Campaign], str] = own_message

    # None: organisers cannot write one.
    draft: Draft | None = None
    # The pitches that it contains. Raises ValidationError if it needs some and there are none.
    pitches: Callable[[Conference], list[dict[str, Any]]] = no_pitches

    # Narrows down the members who can be reached by email to the recipients.
    audience: Callable[[Campaign, MembershipQuerySet], MembershipQuerySet] = all_members
    # Or narrows down the entries of the roster that no one has joined with; members do not get it then.
    roster_audience: Callable[[Campaign, RosterEntryQuerySet], RosterEntryQuerySet] | None = None
    secret_audience: SecretAudience | None = None
    # False only for emails that every member must get, including those who opted out of campaigns.
    can_be_unsubscribed: bool = True
    # Whether people switch it off with the emails about their conferences, not with the campaigns.
    is_notice: bool = False

    # Why it may not be sent at this time.
    refusal_to_send: Callable[[Campaign, datetime], str] = until_voting_closes
    # Why organisers may not write one.
    refusal_to_announce: Callable[[Conference], str] = too_late_to_begin
    # Why no organiser may approve it, beyond the rule that no one approves their own words.
    refusal_to_approve: Callable[[Campaign], str] = nothing_against
    # Whether organisers can pause and stop it.
    can_be_held: bool = True

    # Whether organisers can send it to one recipient again, or to one that was added since.
    can_be_resent: bool = False

    after_start: Callable[[Campaign], None] = do_nothing
    # Whether the requester is notified of its status.
    notifies_requester: bool = False

    @property
    def permission_to_review(self) -> str:
        """Emails to the roster have a permission of their own."""
        return "voting.send_invitation" if self.roster_audience else "voting.review_campaign"

    @property
    def label(self) -> str:
        return str(self.code.label)

    def origin_of(self, campaign: Campaign) -> str:
        """Who sends this email."""
        return str(self.origin) % names_in(campaign)

    def action_of(self, campaign: Campaign) -> str:
        """The words of the button."""
        return self.special_action(campaign) or str(self.action)

    def why_of(self, campaign: Campaign) -> str:
        """Why the recipient gets it."""
        names = names_in(campaign)
        return f"{str(self.reader) % names} {str(self.why) % names}"


def names_in(campaign: Campaign) -> dict[str, str]:
    candidate = campaign.candidate.user.name if campaign.candidate else ""
    return {"candidate": candidate, "conference": campaign.conference.title, "site": settings.SITE_NAME}

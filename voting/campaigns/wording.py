"""The sentences around a campaign's text, per kind."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from conferences.local_times import in_zone
from conferences.models import Conference
from voting.campaigns.models import Campaign

Kind = Campaign.Kind


def standard_text(conference: Conference, kind: str) -> dict[str, str]:
    """Subject and message with which an organiser's email begins, in the language that is spoken."""
    names = {"conference": conference.title}
    return {
        Kind.CANDIDATES: {
            "subject": _("Meet the candidates of %(conference)s") % names,
            "message": _("These members would like to be the speaker. Read what they say, and vote."),
        },
        Kind.REMINDER: {
            "subject": _("Your vote for the speaker of %(conference)s") % names,
            "message": _("You have not voted yet. It takes a minute, and you can change your vote."),
        },
        Kind.RESULT: {
            "subject": _("The speaker of %(conference)s") % names,
            "message": _("The speaker is chosen. See the result and how it came about."),
        },
    }[Kind(kind)]


def subject(campaign: Campaign) -> str:
    """The campaign's own; that of a notice is written here, in the language that is spoken."""
    if campaign.kind != Kind.WINDOW:
        return campaign.subject
    if _is_closed_early(campaign):
        return str(_("Voting at %(conference)s was closed early") % _names(campaign))
    return str(_("The deadline of the vote at %(conference)s was moved") % _names(campaign))


def message(campaign: Campaign) -> str:
    if campaign.kind != Kind.WINDOW:
        return str(campaign.message)
    change, conference = campaign.window_change, campaign.conference
    times = {"old": in_zone(conference, change.closed_before), "new": in_zone(conference, change.closes_at)}
    if _is_closed_early(campaign):
        moved = _("Voting closed on **%(new)s**. It was to go on until %(old)s. The count is final.") % times
    else:
        moved = _("Voting now closes on **%(new)s**. Before, it was to close on %(old)s.") % times
    reason = _("The organisers’ reason: %(reason)s") % {"reason": change.reason}
    return f"{moved}\n\n{reason}"


def _is_closed_early(campaign: Campaign) -> bool:
    return bool(campaign.window_change.act == "closed")


def origin(campaign: Campaign) -> str:
    """Whose mail this is."""
    names = _names(campaign)
    return {
        Kind.PROMOTION: _("A campaign by %(candidate)s, member of %(conference)s"),
        Kind.CANDIDATES: _("The candidates of %(conference)s"),
        Kind.REMINDER: _("Voting at %(conference)s"),
        Kind.RESULT: _("The result of %(conference)s"),
        Kind.WINDOW: _("Voting at %(conference)s"),
    }[Kind(campaign.kind)] % names


def why(campaign: Campaign) -> str:
    """Why the recipient gets it."""
    names = _names(campaign)
    member = _("You get this mail because you are a member of %(conference)s on %(site)s.") % names
    asked = {
        Kind.PROMOTION: _("%(candidate)s asked for it, and the organisers approved it."),
        Kind.CANDIDATES: _("The organisers send it; the order of the candidates is drawn for you alone."),
        Kind.REMINDER: _("The organisers send it to members who have not voted."),
        Kind.RESULT: _("The organisers send it to every member."),
        Kind.WINDOW: _("It goes to every member whenever the time of an open vote is changed."),
    }[Kind(campaign.kind)]
    return f"{member} {asked % names}"


def action(campaign: Campaign) -> str:
    return {
        Kind.PROMOTION: _("See the candidate"),
        Kind.CANDIDATES: _("Go to the ballot"),
        Kind.REMINDER: _("Vote now"),
        Kind.RESULT: _("See the result"),
        Kind.WINDOW: _("See the vote"),
    }[Kind(campaign.kind)]


def action_path(campaign: Campaign) -> str:
    slug = campaign.conference.slug
    if campaign.candidate_id and campaign.kind == Kind.PROMOTION:
        return reverse("member", args=[slug, campaign.candidate_id])
    return reverse("results" if campaign.kind == Kind.RESULT else "ballot", args=[slug])


def _names(campaign: Campaign) -> dict[str, str]:
    candidate = campaign.candidate.user.name if campaign.candidate else ""
    return {"candidate": candidate, "conference": campaign.conference.title, "site": settings.SITE_NAME}

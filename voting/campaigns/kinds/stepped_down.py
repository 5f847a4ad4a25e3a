"""The announced speaker has stepped down, or organisers have withdrawn them.

The site writes it, to each member in their own language.
"""

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conferences.memberships.models import MembershipQuerySet
from voting.campaigns.kinds.kind import CampaignKind, no_deadline, while_active
from voting.campaigns.kinds.result import RESULT
from voting.campaigns.models import Campaign, Delivery
from voting.elections.emails import SUBJECT_OF_ANSWER, team_to_notify
from voting.elections.models import Decision

# Also those who may have got it.
TOLD = (Delivery.Status.SENT, Delivery.Status.UNCERTAIN)


def _names(campaign: Campaign) -> dict[str, object]:
    return {"speaker": _decision_of(campaign).speaker_name, "conference": campaign.conference}


def _decision_of(campaign: Campaign) -> Decision:
    assert campaign.decision
    return campaign.decision


def _subject(campaign: Campaign) -> str:
    return str(SUBJECT_OF_ANSWER[Decision.Answer.WITHDRAWN]) % _names(campaign)


def _message(campaign: Campaign) -> str:
    said = _("%(speaker)s, who was to speak at %(conference)s, has stepped down.")
    if _decision_of(campaign).answer == Decision.Answer.REVOKED:
        said = _("%(speaker)s, who was to speak at %(conference)s, can no longer do so.")
    said %= _names(campaign)
    then = _("The organisers will now choose another member. You get an email once they have accepted.")
    return f"{said}\n\n{then}"


def _who_was_told(campaign: Campaign, members: MembershipQuerySet) -> MembershipQuerySet:
    """Without those of the team who get an email of their own, which asks them to choose again."""
    decision = campaign.decision
    if decision is None:
        return members.none()
    told = Delivery.objects.filter(
        recipient=OuterRef("pk"),
        status__in=TOLD,
        campaign__kind=RESULT.code,
        campaign__requested_at__gte=decision.decided_at,
    )
    others = members.exclude(pk=decision.speaker_id).exclude(user__in=team_to_notify(decision))
    return others.filter(Exists(told))


def _page(campaign: Campaign) -> str:
    return reverse("results", args=[campaign.conference.slug])


STEPPED_DOWN = CampaignKind(
    code=Campaign.Kind.STEPPED_DOWN,
    can_be_unsubscribed=False,
    can_be_held=False,
    subject=_subject,
    message=_message,
    audience=_who_was_told,
    origin=RESULT.origin,
    why=gettext_lazy("Sent to everyone who was told who would speak, when that member steps down."),
    deadline=no_deadline,
    action=gettext_lazy("See the result"),
    action_path=_page,
    refusal_to_send=while_active,
)

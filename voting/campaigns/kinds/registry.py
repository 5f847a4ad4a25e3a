"""All kinds of campaigns, by their code and in the order of the desk."""

from conferences.models import Conference
from voting.campaigns.kinds.candidates import CANDIDATES
from voting.campaigns.kinds.conference import CONFERENCE, INVITED_CHANGE
from voting.campaigns.kinds.invitation import INVITATION, JOIN_REMINDER
from voting.campaigns.kinds.kind import CampaignKind
from voting.campaigns.kinds.merged import MERGED
from voting.campaigns.kinds.notices import CLOSES_SOON, OPENED
from voting.campaigns.kinds.promotion import PROMOTION
from voting.campaigns.kinds.reminder import REMINDER
from voting.campaigns.kinds.result import RESULT
from voting.campaigns.kinds.stepped_down import STEPPED_DOWN
from voting.campaigns.kinds.window import INVITED_WINDOW, WINDOW
from voting.campaigns.models import Campaign

KINDS: dict[str, CampaignKind] = {
    kind.code.value: kind
    for kind in (
        PROMOTION,
        CANDIDATES,
        REMINDER,
        RESULT,
        STEPPED_DOWN,
        WINDOW,
        CONFERENCE,
        MERGED,
        OPENED,
        CLOSES_SOON,
        INVITATION,
        JOIN_REMINDER,
        INVITED_CHANGE,
        INVITED_WINDOW,
    )
}


def kind_of(campaign: Campaign) -> CampaignKind:
    return KINDS[campaign.kind]


def kinds_to_write(conference: Conference) -> list[CampaignKind]:
    """The kinds that an organiser can write now."""
    return [kind for kind in KINDS.values() if kind.draft and kind.draft.is_offered(conference)]


def secret_kinds() -> list[str]:
    return [code for code, kind in KINDS.items() if kind.secret_audience]

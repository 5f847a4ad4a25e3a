from typing import Any, ClassVar, Literal

from ninja import Query
from pydantic import Field

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Instant, RowID, Slug, UrlID
from confbox.kit.api.forms import cleaned
from confbox.kit.api.pages import Page, Paging, page_of_rows
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.limits import count_use
from conferences.views import own_membership
from voting.campaigns import actions
from voting.campaigns.forms import CampaignForm
from voting.campaigns.kinds.promotion import PROMOTION
from voting.campaigns.models import Campaign
from voting.campaigns.preview import preview_of
from voting.campaigns.progress import Progress, progress_of
from voting.campaigns.recipients import campaign_to_be, recipients_of
from voting.campaigns.rules import refusal_to_ask
from voting.campaigns.views import PREVIEWS, own_campaign

router = ApiRouter("Campaigns")
States = Literal["requested", "approved", "sending", "paused", "sent", "stopped", "refused", "withdrawn"]


class CampaignText(Input):
    subject: str = Field(max_length=400)
    message: str = Field(max_length=20_000, description="In Markdown, of at most 10,000 characters.")

    EXAMPLE: ClassVar = {"subject": "Less is more", "message": "I would speak about **small** programs."}


class CampaignInList(Answer):
    id: RowID
    subject: str
    state: States
    requested_at: Instant
    decided_at: Instant | None
    reason: str = Field(description="Why the organisers refused it.")

    EXAMPLE: ClassVar = {
        "id": 5,
        "subject": "Less is more",
        "state": "requested",
        "requested_at": "2027-02-01T09:30:00Z",
        "decided_at": None,
        "reason": "",
    }

    @classmethod
    def facts_of(cls, campaign: Campaign) -> dict[str, Any]:
        names = ("subject", "requested_at", "decided_at", "reason")
        return {name: getattr(campaign, name) for name in names} | {
            "id": campaign.pk,
            "state": str(campaign.status),
        }

    @classmethod
    def of(cls, campaign: Campaign) -> "CampaignInList":
        return cls(**cls.facts_of(campaign))


class Sending(Answer):
    total: int
    sent: int
    failed: int
    uncertain: int
    skipped: int

    EXAMPLE: ClassVar = {"total": 60, "sent": 58, "failed": 1, "uncertain": 0, "skipped": 1}


class OneCampaign(CampaignInList):
    message: str
    is_edited: bool = Field(description="Whether an organiser has changed your text.")
    send_at: Instant | None
    recipients: int = Field(description="How many would get it now.")
    sending: Sending = Field(description="How many got it; never who.")

    EXAMPLE: ClassVar = CampaignInList.EXAMPLE | {
        "message": "I would speak about **small** programs.",
        "is_edited": False,
        "send_at": None,
        "recipients": 60,
        "sending": dict.fromkeys(Sending.EXAMPLE, 0),
    }

    @classmethod
    def of(cls, campaign: Campaign) -> "OneCampaign":
        counted = progress_of(campaign)
        assert isinstance(counted, Progress)
        return cls(
            **cls.facts_of(campaign),
            message=campaign.message,
            is_edited=campaign.edited_at is not None,
            send_at=campaign.send_at,
            recipients=recipients_of(campaign).count(),
            sending=Sending(**{name: getattr(counted, name) for name in Sending.EXAMPLE}),
        )


class Campaigns(Page[CampaignInList]):
    """Yours, newest first, and whether you can ask for another one."""

    refusal: str = Field(description="Why you cannot ask for one now; empty if you can.")
    recipients: int = Field(description="How many members would get one now.")

    EXAMPLE: ClassVar = {"items": [CampaignInList.EXAMPLE], "next": None, "refusal": "", "recipients": 60}


class CampaignPreview(Answer):
    html: str

    EXAMPLE: ClassVar = {"html": "<!doctype html><p>I would speak about …</p>"}


@router.get("conferences/{slug}/campaigns/", scope=Scope.CAMPAIGN, answer=Campaigns, summary="Your campaigns")
def own_campaigns(request: PersonRequest, slug: Slug, paging: Query[Paging]) -> Campaigns:
    """The emails to the members that you have asked for."""
    mine = own_membership(request, slug)
    rows = Campaign.objects.filter(candidate=mine)
    page = page_of_rows(rows, paging, order=("-requested_at", "-pk"), show=CampaignInList.of)
    to_be = campaign_to_be(conference=mine.conference, kind=PROMOTION.code, candidate=mine)
    refusal, recipients = refusal_to_ask(mine), recipients_of(to_be).count()
    return Campaigns(items=page.items, next=page.next, refusal=refusal, recipients=recipients)


@router.post(
    "conferences/{slug}/campaigns/",
    scope=Scope.CAMPAIGN,
    answer=OneCampaign,
    status=201,
    summary="Ask for a campaign",
    refusals=["You already have a request that is waiting for the organisers."],
)
def request_campaign(request: PersonRequest, slug: Slug, form: CampaignText) -> OneCampaign:
    """Asks the organisers to email your text to the members. Asking again with the same text asks once."""
    entered = cleaned(CampaignForm(form.model_dump()))
    mine = own_membership(request, slug)
    return OneCampaign.of(actions.request_campaign(membership=mine, by=actor_of(request), **entered))


@router.post(
    "conferences/{slug}/campaigns/preview/",
    scope=Scope.CAMPAIGN,
    answer=CampaignPreview,
    summary="Preview a campaign",
)
def preview(request: PersonRequest, slug: Slug, form: CampaignText) -> CampaignPreview:
    """The email as members would get it. Nothing is stored or sent."""
    mine = own_membership(request, slug)
    entered = cleaned(CampaignForm(form.model_dump()))
    count_use(PREVIEWS, request)
    return CampaignPreview(html=preview_of(mine, **entered))


@router.get(
    "conferences/{slug}/campaigns/{campaign_id}/",
    scope=Scope.CAMPAIGN,
    answer=OneCampaign,
    summary="One of your campaigns",
)
def campaign(request: PersonRequest, slug: Slug, campaign_id: UrlID) -> OneCampaign:
    """Its text as it would be sent, the organisers' answer, and how far it has got."""
    return OneCampaign.of(own_campaign(request, slug, campaign_id))


@router.post(
    "conferences/{slug}/campaigns/{campaign_id}/change/",
    scope=Scope.CAMPAIGN,
    answer=OneCampaign,
    summary="Change a campaign that waits for review",
    refusals=["This request has been decided in the meantime."],
)
def change_campaign(
    request: PersonRequest, slug: Slug, campaign_id: UrlID, form: CampaignText
) -> OneCampaign:
    """Replaces its text."""
    mine = own_campaign(request, slug, campaign_id)
    entered = cleaned(CampaignForm(form.model_dump()))
    return OneCampaign.of(actions.change_campaign(campaign=mine, by=actor_of(request), **entered))


@router.post(
    "conferences/{slug}/campaigns/{campaign_id}/withdraw/",
    scope=Scope.CAMPAIGN,
    answer=OneCampaign,
    summary="Withdraw a campaign that waits for review",
    refusals=["This request has been decided in the meantime."],
)
def withdraw_campaign(request: PersonRequest, slug: Slug, campaign_id: UrlID) -> OneCampaign:
    """It is not sent."""
    mine = own_campaign(request, slug, campaign_id)
    return OneCampaign.of(actions.withdraw_campaign(campaign=mine, by=actor_of(request)))

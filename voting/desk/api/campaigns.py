from functools import partial
from typing import Any, ClassVar, Literal

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import Field

from accounts.actors import actor_of
from accounts.api.log_ins import require_fresh_log_in_of_browser
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Instant, RowID, Slug, UrlID
from confbox.kit.api.forms import cleaned
from confbox.kit.api.pages import Page, Paging, page_of_rows
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from voting.campaigns import actions
from voting.campaigns.api.campaigns import CampaignInList, CampaignText, Sending
from voting.campaigns.emails import CampaignEmails
from voting.campaigns.forms import CampaignForm
from voting.campaigns.models import Campaign
from voting.campaigns.progress import Progress, progress_of
from voting.campaigns.recipients import about_to_send, count_recipients
from voting.campaigns.rules import refusal_to_approve
from voting.desk.api.reasons import reason_in, to_the_minute
from voting.desk.campaign_access import campaign_for, conferences_with_campaigns, may_review, readable_by
from voting.desk.campaign_forms import ReasonForm, refuse_time_of_sending
from voting.desk.campaign_views import CAMPAIGNS

router = ApiRouter("Organising: campaigns")
PATH = "conferences/{slug}/organise/campaigns/"
DECIDED = ["This request has been decided in the meantime."]
Kinds = Literal[
    "promotion",
    "candidates",
    "reminder",
    "result",
    "steppeddown",
    "window",
    "conference",
    "merged",
    "opened",
    "closessoon",
    "invitation",
    "joinreminder",
    "changeinvite",
    "windowinvite",
]


class ReviewedInList(CampaignInList):
    kind: Kinds
    requested_by: str = Field(description="Empty: the site, by the timetable.")
    candidate: RowID | None = Field(description="The member whom it promotes.")

    EXAMPLE: ClassVar = CampaignInList.EXAMPLE | {
        "kind": "promotion",
        "requested_by": "Bob Example",
        "candidate": 12,
    }

    @classmethod
    def facts_of(cls, campaign: Campaign) -> dict[str, Any]:
        asked = str(campaign.requested_by) if campaign.requested_by else ""
        more = {"kind": str(campaign.kind), "requested_by": asked, "candidate": campaign.candidate_id}
        return super().facts_of(campaign) | more

    @classmethod
    def of(cls, campaign: Campaign) -> "ReviewedInList":
        return cls(**cls.facts_of(campaign))


class ReviewedCampaign(ReviewedInList):
    message: str
    version: int = Field(description="Of the text, to name in what you change or approve.")
    is_edited: bool
    send_at: Instant | None
    decided_by: str
    may_review: bool
    refusal: str = Field(description="While it waits: why you cannot approve it; empty if you can.")
    recipients: int | None = Field(description="How many would get it now; null where that is secret.")
    consequence: str = Field(description="What approving it does.")
    sending: Sending | None = Field(description="How many got it, never who; null where that is secret.")
    progress: str = Field(description="In place of the numbers, where they are secret.")
    trouble: bool = Field(description="Whether a mail server refuses emails of it.")

    EXAMPLE: ClassVar = ReviewedInList.EXAMPLE | {
        "message": "I would speak about **small** programs.",
        "version": 1,
        "is_edited": False,
        "send_at": None,
        "decided_by": "",
        "may_review": True,
        "refusal": "",
        "recipients": 60,
        "consequence": "You are about to send an email to 60 people.",
        "sending": dict.fromkeys(Sending.EXAMPLE, 0),
        "progress": "",
        "trouble": False,
    }

    @classmethod
    def seen_by(cls, person: Any, campaign: Campaign) -> "ReviewedCampaign":
        counted, waits, sending = progress_of(campaign), campaign.is_waiting(), None
        if isinstance(counted, Progress):
            sending = Sending(**{name: getattr(counted, name) for name in Sending.EXAMPLE})
        return cls(
            **cls.facts_of(campaign),
            message=campaign.message,
            version=campaign.version,
            is_edited=campaign.edited_at is not None,
            send_at=campaign.send_at,
            decided_by=str(campaign.decided_by) if campaign.decided_by else "",
            may_review=may_review(person, campaign),
            refusal=refusal_to_approve(campaign, person) if waits else "",
            recipients=count_recipients(campaign),
            consequence=about_to_send(campaign) if waits else "",
            sending=sending,
            progress="" if isinstance(counted, Progress) else counted.sentence,
            trouble=bool(campaign.trouble),
        )


class EditedText(CampaignText):
    version: RowID = Field(description="That you have read; refused if it has changed since.")

    EXAMPLE: ClassVar = CampaignText.EXAMPLE | {"version": 1}


class Approval(Input):
    version: RowID = Field(description="That you have read; refused if it has changed since.")
    send_at: Instant | None = Field(None, description="To the minute. Left out: now.")

    EXAMPLE: ClassVar = {"version": 1, "send_at": None}


class ReasonToRequester(Input):
    reason: str = Field(max_length=4000, description="The member who asked for it reads it.")

    EXAMPLE: ClassVar = {"reason": "Please leave out the advert."}


class EmailAsRead(Answer):
    html: str
    text: str

    EXAMPLE: ClassVar = {
        "html": "<!doctype html><p>I would speak about …</p>",
        "text": "I would speak about …",
    }


def campaign_in(request: PersonRequest, slug: str, campaign_id: int, *, to_review: bool = True) -> Campaign:
    campaigns = CAMPAIGNS.filter(conference__slug=slug)
    return campaign_for(request, campaigns, campaign_id, to_review=to_review)


def as_answer(request: PersonRequest, campaign: Campaign) -> ReviewedCampaign:
    return ReviewedCampaign.seen_by(request.user, CAMPAIGNS.get(pk=campaign.pk))


@router.get(
    PATH, scope=Scope.ORGANISE_READ, answer=Page[ReviewedInList], summary="The campaigns of a conference"
)
def campaigns_to_review(
    request: PersonRequest, slug: Slug, paging: Query[Paging], show: Literal["waiting", "all"] = "waiting"
) -> Page[ReviewedInList]:
    """Requests of members, and emails of the team. Oldest first."""
    conference = get_object_or_404(conferences_with_campaigns(request.user), slug=slug)
    rows = readable_by(CAMPAIGNS.filter(conference=conference), request.user)
    rows = rows.filter(status=Campaign.Status.REQUESTED) if show == "waiting" else rows
    return page_of_rows(rows, paging, order=("requested_at", "pk"), show=ReviewedInList.of)


@router.get(
    PATH + "{campaign_id}/",
    scope=Scope.ORGANISE_READ,
    answer=ReviewedCampaign,
    summary="One campaign, with how far its sending is",
)
def campaign_to_review(request: PersonRequest, slug: Slug, campaign_id: UrlID) -> ReviewedCampaign:
    """Its text, who asked for it, and whether you can approve it."""
    return ReviewedCampaign.seen_by(request.user, campaign_in(request, slug, campaign_id, to_review=False))


@router.get(
    PATH + "{campaign_id}/mail/",
    scope=Scope.ORGANISE_READ,
    answer=EmailAsRead,
    summary="A campaign as its recipients read it",
)
def email_of_campaign(request: PersonRequest, slug: Slug, campaign_id: UrlID) -> EmailAsRead:
    """As if it were sent to you."""
    campaign = campaign_in(request, slug, campaign_id, to_review=False)
    email = CampaignEmails(campaign).for_person(request.user)
    return EmailAsRead(html=email.html_preview(request.user), text=email.text_preview(request.user))


@router.post(
    PATH + "{campaign_id}/edit/",
    scope=Scope.ORGANISE_WRITE,
    answer=ReviewedCampaign,
    summary="Change the text of a campaign that waits",
    refusals=DECIDED,
)
def edit_campaign(
    request: PersonRequest, slug: Slug, campaign_id: UrlID, form: EditedText
) -> ReviewedCampaign:
    """The member who asked for it sees what you changed. Another person has to approve it then."""
    campaign = campaign_in(request, slug, campaign_id)
    entered = cleaned(CampaignForm({"subject": form.subject, "message": form.message}))
    edit = partial(actions.edit_campaign, campaign=campaign, version=form.version, by=actor_of(request))
    return as_answer(request, edit(**entered))


@router.post(
    PATH + "{campaign_id}/approve/",
    scope=Scope.ORGANISE_WRITE,
    answer=ReviewedCampaign,
    summary="Approve a campaign",
    refusals=["You wrote part of this text, so another organiser has to approve it."],
)
def approve_campaign(
    request: PersonRequest, slug: Slug, campaign_id: UrlID, form: Approval
) -> ReviewedCampaign:
    """It is sent at this time, or now, and its text cannot change any more."""
    campaign = campaign_in(request, slug, campaign_id)
    require_fresh_log_in_of_browser(request)
    send_at = to_the_minute(form.send_at) if form.send_at else None
    refuse_time_of_sending(send_at)
    approve = partial(actions.approve_campaign, campaign=campaign, version=form.version)
    return as_answer(request, approve(send_at=send_at, by=actor_of(request)))


@router.post(
    PATH + "{campaign_id}/refuse/",
    scope=Scope.ORGANISE_WRITE,
    answer=ReviewedCampaign,
    summary="Refuse a campaign",
    refusals=DECIDED,
)
def refuse_campaign(
    request: PersonRequest, slug: Slug, campaign_id: UrlID, form: ReasonToRequester
) -> ReviewedCampaign:
    """It is not sent. The member who asked for it reads the reason."""
    campaign, reason = campaign_in(request, slug, campaign_id), reason_in(ReasonForm, form.reason)
    refused = actions.refuse_campaign(campaign=campaign, reason=reason, by=actor_of(request))
    return as_answer(request, refused)


@router.post(
    PATH + "{campaign_id}/withdraw/",
    scope=Scope.ORGANISE_WRITE,
    answer=ReviewedCampaign,
    summary="Withdraw an email that you wrote",
    refusals=DECIDED,
)
def withdraw_own_email(request: PersonRequest, slug: Slug, campaign_id: UrlID) -> ReviewedCampaign:
    """While it waits to be approved. What others asked for is refused instead, with a reason."""
    campaign = campaign_in(request, slug, campaign_id)
    if campaign.requested_by_id != request.user.pk:
        raise PermissionDenied
    return as_answer(request, actions.withdraw_campaign(campaign=campaign, by=actor_of(request)))

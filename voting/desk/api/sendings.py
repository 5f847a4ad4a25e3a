from typing import ClassVar

from pydantic import Field

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Input, Slug, UrlID
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from voting.campaigns.sending import actions as sending_actions
from voting.desk.api.campaigns import (
    DECIDED,
    PATH,
    ReasonToRequester,
    ReviewedCampaign,
    as_answer,
    campaign_in,
)
from voting.desk.api.reasons import reason_in
from voting.desk.campaign_forms import ReasonForm

router = ApiRouter("Organising: campaigns")


class Settling(Input):
    send_again: bool = Field(description="False leaves them: some may not have arrived.")

    EXAMPLE: ClassVar = {"send_again": False}


@router.post(
    PATH + "{campaign_id}/stop/",
    scope=Scope.ORGANISE_WRITE,
    answer=ReviewedCampaign,
    summary="Stop the sending of a campaign",
    refusals=["Every member must be notified of the change, so this cannot be stopped."],
)
def stop_campaign(
    request: PersonRequest, slug: Slug, campaign_id: UrlID, form: ReasonToRequester
) -> ReviewedCampaign:
    """Permanently: who has not got it will not get it."""
    campaign, reason = campaign_in(request, slug, campaign_id), reason_in(ReasonForm, form.reason)
    stopped = sending_actions.stop_campaign(campaign=campaign, reason=reason, by=actor_of(request))
    return as_answer(request, stopped)


@router.post(
    PATH + "{campaign_id}/pause/",
    scope=Scope.ORGANISE_WRITE,
    answer=ReviewedCampaign,
    summary="Pause the sending of a campaign",
    refusals=["Every member must be notified of the change, so this cannot be stopped."],
)
def pause_campaign(request: PersonRequest, slug: Slug, campaign_id: UrlID) -> ReviewedCampaign:
    """Emails that are being handed over are still sent."""
    campaign = campaign_in(request, slug, campaign_id)
    return as_answer(request, sending_actions.pause_campaign(campaign=campaign, by=actor_of(request)))


@router.post(
    PATH + "{campaign_id}/resume/",
    scope=Scope.ORGANISE_WRITE,
    answer=ReviewedCampaign,
    summary="Resume the sending of a campaign",
    refusals=DECIDED,
)
def resume_campaign(request: PersonRequest, slug: Slug, campaign_id: UrlID) -> ReviewedCampaign:
    """One that was paused, by you or because of a problem."""
    campaign = campaign_in(request, slug, campaign_id)
    return as_answer(request, sending_actions.resume_campaign(campaign=campaign, by=actor_of(request)))


@router.post(
    PATH + "{campaign_id}/settle/",
    scope=Scope.ORGANISE_WRITE,
    answer=ReviewedCampaign,
    summary="Settle emails of which it is uncertain whether they were sent",
)
def resolve_uncertain(
    request: PersonRequest, slug: Slug, campaign_id: UrlID, form: Settling
) -> ReviewedCampaign:
    """Sends them once more, or leaves them."""
    campaign, by = campaign_in(request, slug, campaign_id), actor_of(request)
    sending_actions.resolve_uncertain(campaign=campaign, send_again=form.send_again, by=by)
    return as_answer(request, campaign)

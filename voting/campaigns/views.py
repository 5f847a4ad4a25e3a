from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.email_pages import email_page
from confbox.kit.form_pages import asking
from confbox.kit.limit_pages import with_limit
from confbox.kit.limits import Limit, LimitReached, count_use
from conferences.models import Membership
from conferences.views import own_membership
from voting.campaigns import actions
from voting.campaigns.forms import CampaignForm
from voting.campaigns.kinds.promotion import PROMOTION, starting_text
from voting.campaigns.models import Campaign
from voting.campaigns.panels import preview_panel, progress_panel
from voting.campaigns.preview import keep_preview, preview_html
from voting.campaigns.progress import progress_of
from voting.campaigns.recipients import campaign_to_be, recipients_of
from voting.campaigns.rules import refusal_to_ask
from voting.campaigns.text_changes import changes_of
from voting.elections.models import Pitch

# The page requests one while a member types, at most every 0.7 seconds.
PREVIEWS = Limit("previews", person="60/m")


@asking
def request_campaign(request: PersonRequest, slug: str) -> HttpResponse:
    membership = own_membership(request, slug)
    pitch = Pitch.objects.filter(membership=membership).first()
    form = CampaignForm(request.POST or None, initial=starting_text(pitch))
    if request.method == "POST" and "preview" not in request.POST and form.is_valid():
        try:
            asked = actions.request_campaign(membership=membership, by=actor_of(request), **form.cleaned_data)
            messages.success(request, _("Your request has been sent to the organisers."))
            return redirect(asked)
        except ValidationError as refusal:
            form.add_error(None, refusal)
    why_not = refusal_to_ask(membership)
    more = {"refusal": why_not, "shows_form": form.is_bound or not why_not}
    return _form_page(request, "voting/campaigns/request.html", membership, form, **more)


def _form_page(
    request: PersonRequest, template: str, membership: Membership, form: CampaignForm, **more: Any
) -> HttpResponse:
    text = (form.cleaned_data if form.is_valid() else {}) if form.is_bound else form.initial
    shown, reached = _preview_of(request, membership, text)
    response = render(request, template, _form_context(membership, form, shown, reached) | more)
    return with_limit(response, reached) if reached and form.is_bound else response


def _preview_of(
    request: PersonRequest, membership: Membership, text: Mapping[str, Any]
) -> tuple[str, LimitReached | None]:
    """The key of the stored preview, or why there is none."""
    if not text.get("subject") or not text.get("message"):
        return "", None
    try:
        count_use(PREVIEWS, request)
    except LimitReached as reached:
        return "", reached
    return keep_preview(membership, **text), None


def _form_context(
    membership: Membership, form: CampaignForm, shown: str, reached: LimitReached | None
) -> dict[str, Any]:
    to_be = campaign_to_be(conference=membership.conference, kind=PROMOTION.code, candidate=membership)
    return {
        "conference": membership.conference,
        "membership": membership,
        "form": form,
        "preview": preview_panel(key=shown, reached=reached, form=form),
        "recipients": recipients_of(to_be).count(),
        "earlier": Campaign.objects.filter(candidate=membership).order_by("-requested_at", "-pk"),
    }


@asking
def preview(request: PersonRequest, slug: str) -> HttpResponse:
    """POST: the frame around a preview of the typed text. GET: the email itself, for that frame."""
    membership = own_membership(request, slug)
    if request.method != "POST":
        return _framed_email(request, membership)
    form = CampaignForm(request.POST)
    text = form.cleaned_data if form.is_valid() else {}
    shown, reached = _preview_of(request, membership, text)
    panel = preview_panel(key=shown, reached=reached, form=form)
    context = {"conference": membership.conference, "facts": panel.facts}
    response = render(request, panel.template, context)
    return with_limit(response, reached) if reached else response


def _framed_email(request: PersonRequest, membership: Membership) -> HttpResponse:
    return email_page(preview_html(membership, request.GET.get("v", "")))


@require_safe
def campaign(request: PersonRequest, slug: str, campaign_id: int) -> HttpResponse:
    mine = own_campaign(request, slug, campaign_id)
    url = reverse("campaign-progress", args=[slug, mine.pk])
    context = {
        "conference": mine.conference,
        "campaign": mine,
        "sending": progress_panel(mine, progress_of(mine), url=url),
        "changes": changes_of(mine),
        "recipients": recipients_of(mine).count(),
    }
    return render(request, "voting/campaigns/campaign.html", context)


def own_campaign(request: PersonRequest, slug: str, campaign_id: int) -> Campaign:
    membership = own_membership(request, slug)
    found = Campaign.objects.filter(candidate=membership).select_related(
        "conference__election", "candidate__user"
    )
    return get_object_or_404(found, pk=campaign_id)


@require_safe
def progress(request: PersonRequest, slug: str, campaign_id: int) -> HttpResponse:
    mine = own_campaign(request, slug, campaign_id)
    panel = progress_panel(mine, progress_of(mine), url=request.path)
    return render(request, panel.template, {"facts": panel.facts})


@asking
def change_campaign(request: PersonRequest, slug: str, campaign_id: int) -> HttpResponse:
    mine = own_campaign(request, slug, campaign_id)
    typed = request.POST or None
    form = CampaignForm(typed, initial={"subject": mine.subject, "message": mine.message})
    if request.method == "POST" and "preview" not in request.POST and form.is_valid():
        try:
            actions.change_campaign(campaign=mine, by=actor_of(request), **form.cleaned_data)
            messages.success(request, _("Your request has been changed."))
            return redirect(mine)
        except ValidationError as refusal:
            form.add_error(None, refusal)
    assert mine.candidate is not None
    return _form_page(request, "voting/campaigns/change.html", mine.candidate, form, campaign=mine)


@require_POST
def withdraw_campaign(request: PersonRequest, slug: str, campaign_id: int) -> HttpResponse:
    mine = own_campaign(request, slug, campaign_id)
    try:
        actions.withdraw_campaign(campaign=mine, by=actor_of(request))
        messages.success(request, _("Your request has been withdrawn."))
    except ValidationError as refusal:
        messages.error(request, refusal.message)
    return redirect(mine)

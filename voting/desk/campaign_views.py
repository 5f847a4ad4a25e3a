"""The organiser's review of one campaign: read it as its recipients will, decide, watch it being sent."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actors import actor_of
from accounts.models import User
from accounts.reauthentication import require_fresh_log_in
from confbox.kit.email_pages import email_page
from confbox.kit.form_pages import asking
from conferences.local_times import in_zone
from conferences.organising.pages import shared_context
from voting.campaigns import actions
from voting.campaigns.email_size import CLIPPED_FROM
from voting.campaigns.emails import CampaignEmail, CampaignEmails
from voting.campaigns.kinds.registry import kind_of
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.panels import progress_panel
from voting.campaigns.progress import progress_of
from voting.campaigns.recipients import about_to_send, approved_in_words, sent_in_words
from voting.campaigns.rules import refusal_to_approve
from voting.campaigns.sending import actions as sending_actions
from voting.campaigns.text_changes import changes_of
from voting.desk.campaign_access import campaign_for as found_campaign
from voting.desk.campaign_access import is_ready_for, may_review
from voting.desk.campaign_forms import ApprovalForm, EditForm, ReasonForm
from voting.desk.campaign_panels import approve_panel, recipients_panel, trouble_note, verbs

CAMPAIGNS = Campaign.objects.select_related(
    "conference__election", "candidate__user", "requested_by", "decided_by"
)
PROBLEMS = (Delivery.Status.FAILED, Delivery.Status.UNCERTAIN)
PROBLEMS_PER_PAGE = 50


def campaign_for(request: HttpRequest, campaign_id: int, *, to_review: bool = True) -> Campaign:
    return found_campaign(request, CAMPAIGNS, campaign_id, to_review=to_review)


def page_context(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    return shared_context(request, campaign.conference, "campaigns") | {
        "subtitle": campaign.subject,
        "campaign": campaign,
        "asked": in_zone(campaign.conference, campaign.requested_at),
        "send_at": in_zone(campaign.conference, campaign.send_at),
    }


@require_safe
def review(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, to_review=False)
    viewer = _person(request)
    reads_members = request.user.has_perm("conferences.view_membership", campaign)
    context = page_context(request, campaign) | {
        "viewer": viewer,
        "can_be_unsubscribed": kind_of(campaign).can_be_unsubscribed,
        **_length(CampaignEmails(campaign).for_person(viewer), viewer),
        "changes": changes_of(campaign),
        "problems": _problems(campaign) if reads_members else [],
    }
    context |= _live_context(request, campaign)
    context |= {"trouble": trouble_note(campaign, context["progress"], may_quote=reads_members)}
    return render(request, "admin/voting/campaign/review.html", context)


def _length(email: CampaignEmail, viewer: User) -> dict[str, Any]:
    """The text part, and the length of the HTML part."""
    size = len(email.html_preview(viewer).encode())
    return {
        "text": email.text_preview(viewer),
        "size": size,
        "is_too_long": size > CLIPPED_FROM,
        "is_shortened": email.is_shortened,
    }


def _problems(campaign: Campaign) -> Any:
    """Failed and uncertain deliveries; none for a secret audience, as each would reveal a member."""
    if kind_of(campaign).secret_audience:
        return Delivery.objects.none()
    found = Delivery.objects.filter(campaign=campaign, status__in=PROBLEMS)
    return found.select_related("recipient__user", "roster_entry").order_by("pk")[:PROBLEMS_PER_PAGE]


def _live_context(request: HttpRequest, campaign: Campaign, *, is_moved: bool = False) -> dict[str, Any]:
    path, progress = reverse("admin:voting_campaign_progress", args=[campaign.pk]), progress_of(campaign)
    refusal = refusal_to_approve(campaign, _person(request)) if campaign.is_waiting() else ""
    return {
        "campaign": campaign,
        "progress": progress,
        "sending": progress_panel(
            campaign,
            progress,
            url=f"{path}?shown={campaign.status}",
            is_ready=is_ready_for(campaign, _person(request)),
        ),
        "recipients": recipients_panel(campaign, progress),
        "has_own_links": kind_of(campaign).roster_audience is not None,
        "reads_roster": request.user.has_perm("conferences.view_rosterentry", campaign),
        "verbs": verbs(campaign, refusal=refusal, is_own=_is_own(request, campaign), is_moved=is_moved),
        "may_review": may_review(request.user, campaign),
    }


@require_safe
def email(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The email's HTML as if it were sent to the reviewer, for the frame on the review page."""
    campaign, viewer = campaign_for(request, campaign_id, to_review=False), _person(request)
    return email_page(CampaignEmails(campaign).for_person(viewer).html_preview(viewer))


@require_safe
def progress(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The part that polls.

    It replaces the buttons only if they change, so that none disappears under a click.
    """
    campaign = campaign_for(request, campaign_id, to_review=False)
    is_moved = request.GET.get("shown") != campaign.status
    context = _live_context(request, campaign, is_moved=is_moved) | {"is_moved": is_moved}
    return render(request, "admin/voting/campaign/_live.html", context)


@asking
def edit(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = campaign_for(request, campaign_id)
    columns = {"subject": campaign.subject, "message": campaign.message, "version": campaign.version}
    form = EditForm(request.POST or None, initial=columns)
    if request.method == "POST" and form.is_valid():
        act = partial(actions.edit_campaign, **form.cleaned_data)
        if _try(request, campaign, form, act, _("Text changed.")):
            return _back(campaign)
    context = page_context(request, campaign) | {"form": form}
    return render(request, "admin/voting/campaign/edit.html", context)


@asking
def approve(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = campaign_for(request, campaign_id)
    require_fresh_log_in(request, why=about_to_send(campaign))
    form = ApprovalForm(
        request.POST or None, conference=campaign.conference, initial={"version": campaign.version}
    )
    if request.method == "POST" and form.is_valid():
        act = partial(actions.approve_campaign, **form.cleaned_data)
        if _try(request, campaign, form, act, _said_of(request, campaign)):
            return _back(campaign)
    panel = approve_panel(campaign, is_own=is_ready_for(campaign, _person(request)))
    context = page_context(request, campaign) | {"form": form, "panel": panel}
    return render(request, "admin/voting/campaign/approve.html", context)


def _said_of(request: HttpRequest, campaign: Campaign) -> str:
    """In the words of the button: its author sends it, and others approve it."""
    in_words = sent_in_words if _is_own(request, campaign) else approved_in_words
    return in_words(campaign)


@asking
def refuse(request: HttpRequest, campaign_id: int) -> HttpResponse:
    return _with_reason(request, campaign_id, "refuse", actions.refuse_campaign, _("Refused."))


@asking
def withdraw(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """One's own request, which its author needs no reason for."""
    campaign = campaign_for(request, campaign_id)
    if not _is_own(request, campaign):
        raise PermissionDenied
    if request.method == "POST":
        return _at_once(request, campaign_id, actions.withdraw_campaign, _("Withdrawn."))
    if not campaign.is_waiting():
        return _back(campaign)
    context = page_context(request, campaign) | {"is_own_kind": kind_of(campaign).draft is not None}
    return render(request, "admin/voting/campaign/withdraw.html", context)


@asking
def stop(request: HttpRequest, campaign_id: int) -> HttpResponse:
    return _with_reason(request, campaign_id, "stop", sending_actions.stop_campaign, _("Sending stopped."))


def _with_reason(
    request: HttpRequest, campaign_id: int, name: str, act: Callable[..., object], done: str
) -> HttpResponse:
    campaign = campaign_for(request, campaign_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reasoned = partial(act, reason=form.cleaned_data["reason"])
        if _try(request, campaign, form, reasoned, done):
            return _back(campaign)
    context = page_context(request, campaign) | {"form": form, "verb": name}
    return render(request, "admin/voting/campaign/reason.html", context)


@require_POST
def pause(request: HttpRequest, campaign_id: int) -> HttpResponse:
    return _at_once(request, campaign_id, sending_actions.pause_campaign, _("Sending paused."))


@require_POST
def resume(request: HttpRequest, campaign_id: int) -> HttpResponse:
    return _at_once(request, campaign_id, sending_actions.resume_campaign, _("Sending resumed."))


@require_POST
def resolve(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """What to do with uncertain emails: `again` sends them once more, `leave` does not."""
    campaign_for(request, campaign_id)
    done = {
        "again": _("The uncertain emails are sent again."),
        "leave": _("The uncertain emails are left as they are."),
    }.get(wish := request.POST.get("wish", ""))
    if done is None:
        messages.error(request, _("Please choose whether to send them again or leave them."))
        return redirect("admin:voting_campaign_change", campaign_id)
    return _at_once(
        request,
        campaign_id,
        partial(sending_actions.resolve_uncertain, send_again=wish == "again"),
        done,
    )


def _at_once(request: HttpRequest, campaign_id: int, act: Callable[..., object], done: str) -> HttpResponse:
    campaign = campaign_for(request, campaign_id)
    _try(request, campaign, None, act, done)
    return _back(campaign)


def _try(request: HttpRequest, campaign: Campaign, form: Any, act: Callable[..., object], done: str) -> bool:
    """Acts, or shows why not: on the form, or as a message if there is none."""
    try:
        act(campaign=campaign, by=actor_of(request))
    except ValidationError as refusal:
        if form is None:
            messages.error(request, refusal.message)
        else:
            form.add_error(None, refusal)
        return False
    messages.success(request, done)
    return True


def _is_own(request: HttpRequest, campaign: Campaign) -> bool:
    return campaign.requested_by_id == request.user.pk


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _back(campaign: Campaign) -> HttpResponse:
    return redirect("admin:voting_campaign_change", campaign.pk)

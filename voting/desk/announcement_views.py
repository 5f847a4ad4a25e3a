"""The organiser's own emails to the members: the candidates, a reminder, the result."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking
from conferences.models import Conference
from conferences.organising.pages import shared_context
from conferences.organising.tabs import rows_of
from conferences.roster.access import READ as READ_ROSTER
from voting.campaigns.actions import announce as make_announcement
from voting.campaigns.forms import CampaignForm
from voting.campaigns.kinds.kind import Draft
from voting.campaigns.kinds.registry import KINDS
from voting.campaigns.models import Campaign
from voting.campaigns.rules import refusal_to_approve
from voting.desk.campaign_access import TO_ROSTER, may_publish, permission_to_review
from voting.desk.campaign_panels import announce_panel


def conference_to_write_for(request: HttpRequest, kind: str, **which: int | str) -> tuple[Conference, Draft]:
    """For a person who may send such an email there, with the text to begin with."""
    draft = KINDS[kind].draft if kind in KINDS else None
    if draft is None:
        raise Http404
    asked = permission_to_review(kind)
    if not request.user.has_perm(asked):
        raise PermissionDenied
    return get_object_or_404(Conference.objects.managed_by(request.user, asked), **which), draft


@asking
def announce(request: PersonRequest, conference_id: int, kind: str) -> HttpResponse:
    """Writes one; it goes to the queue like any other, to be previewed and approved."""
    conference, draft = conference_to_write_for(request, kind, pk=conference_id)
    form = CampaignForm(request.POST or None, initial=draft.text_for(conference))
    made = _make(request, conference, kind, form) if request.method == "POST" and form.is_valid() else None
    if made:
        messages.success(request, _next_step(request, made))
        return redirect("admin:voting_campaign_change", made.pk)
    context = shared_context(request, conference, "campaigns") | {
        "subtitle": KINDS[kind].label,
        "form": form,
        "back_url": _back_url(request, conference, kind),
        "panel": announce_panel(conference, KINDS[kind], viewer=request.user),
        "may_publish": may_publish(request.user, conference),
    }
    return render(request, "admin/voting/campaign/announce.html", context)


def _next_step(request: PersonRequest, made: Campaign) -> str:
    if refusal_to_approve(made, request.user):
        return _("This is the email. It is sent once another person of the team has approved it.")
    return _("This is the email. Nothing has been sent yet: “Send” sends it.")


def _make(request: PersonRequest, conference: Conference, kind: str, form: CampaignForm) -> Campaign | None:
    try:
        return make_announcement(conference=conference, kind=kind, by=actor_of(request), **form.cleaned_data)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return None


def _back_url(request: PersonRequest, conference: Conference, kind: str) -> str:
    """Where such an email is begun, if the person may open that page."""
    if kind in TO_ROSTER and request.user.has_perm(READ_ROSTER, conference):
        return reverse("admin:conferences_roster", args=[conference.pk])
    return rows_of("voting_campaign")(conference.pk)

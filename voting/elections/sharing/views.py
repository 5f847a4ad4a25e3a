from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.form_pages import form_is_on
from confbox.kit.message_buttons import success_with_button
from confbox.kit.outcomes import Change
from confbox.kit.referrer_policy import sends_no_path
from conferences.models import Conference, ConferenceQuerySet, Membership
from conferences.sharing.views import card_response
from conferences.views import own_membership
from voting.elections.models import Pitch
from voting.elections.panels.candidate import next_step_panel
from voting.elections.sharing import actions
from voting.elections.sharing.card import candidate_card


def shared_candidate(conferences: ConferenceQuerySet, slug: str, member_id: int) -> Membership:
    """The candidate in one of these conferences, if their pitch is shared and they can be voted for."""
    people = Membership.objects.candidates().filter(
        conference__in=conferences.filter(slug=slug, status=Conference.Status.ACTIVE),
        pitch__shared_at__isnull=False,
    )
    return get_object_or_404(people.select_related("conference__election", "user", "pitch"), pk=member_id)


@login_not_required
@sends_no_path
@require_safe
def candidate(request: HttpRequest, slug: str, member_id: int) -> HttpResponse:
    person = shared_candidate(Conference.objects.visible_to(request.user), slug, member_id)
    mine = None
    if request.user.is_authenticated:
        mine = Membership.objects.current().filter(conference=person.conference, user=request.user).first()
    context: dict[str, Any] = {
        "person": person,
        "conference": person.conference,
        "next_step": next_step_panel(request.user, person.conference, mine),
        "description": _description(person),
        "version": candidate_card(person).digest,
    }
    return render(request, "voting/elections/candidate.html", context)


def _description(person: Membership) -> str:
    headline = "" if person.pitch.is_covered else person.pitch.headline
    return " · ".join(filter(None, (headline, person.conference.title)))


@login_not_required
@require_safe
def candidate_picture(request: HttpRequest, slug: str, member_id: int) -> HttpResponseBase:
    """Only of public conferences, because shared caches may store it."""
    person = shared_candidate(Conference.objects.listed_for(AnonymousUser()), slug, member_id)
    return card_response(request, candidate_card(person), owner=f"candidate-{person.pk}")


@form_is_on("pitch")
@require_POST
def share_pitch(request: PersonRequest, slug: str) -> HttpResponse:
    membership = own_membership(request, slug)
    if not Pitch.objects.filter(membership=membership).exists():
        messages.error(request, _("Please write your pitch first. The page shows its headline."))
        return redirect("pitch", slug)
    try:
        if actions.share_pitch(membership=membership, by=actor_of(request)) is Change.MADE:
            messages.success(request, _("Your page is now public. Send the link to anyone who should vote."))
    except ValidationError as refusal:
        messages.error(request, refusal.message)
    return redirect("member", slug, membership.pk)


@form_is_on("pitch")
@require_POST
def unshare_pitch(request: PersonRequest, slug: str) -> HttpResponse:
    membership = own_membership(request, slug)
    if actions.unshare_pitch(membership=membership, by=actor_of(request)) is Change.MADE:
        again = reverse("share-pitch", args=[slug])
        success_with_button(
            request, _("Your page is no longer public."), verb=_("Make it public again"), path=again
        )
    return redirect("member", slug, membership.pk)

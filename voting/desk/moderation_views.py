"""Moderation: the pitches of one conference, for those of its team who review them."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actors import Actor, actor_of
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.clock import EARLIEST, LATEST
from confbox.kit.form_pages import asking, posted
from confbox.kit.outcomes import Change
from confbox.kit.pagination import page_of, search_words
from confbox.kit.panels import Panel
from confbox.kit.seen import seen_in
from confbox.kit.sorting import Alphabetical
from conferences.consent.actions import do_or_ask
from conferences.consent.answers import is_asked
from conferences.consent.panels import notice_of
from conferences.memberships.models import IS_LISTED
from conferences.models import Conference, Membership, MembershipQuerySet
from conferences.organising.pages import shared_context
from conferences.roster.access import conference_or_refuse
from conferences.series.roles.models import MODERATE
from voting.desk.forms import HidingForm
from voting.desk.hiding_requests import asked_to_hide, note_requests
from voting.desk.reported import reported_in, reports_for, suggested_reason, targets_of
from voting.elections.election.two_people import HIDING
from voting.elections.moderation.emails import PAGE
from voting.elections.moderation.hiding import (
    hide_pitch,
    hide_profile,
    keep_pitch_hidden,
    restore_pitch,
    restore_profile,
)
from voting.elections.moderation.reporting import PITCH, PROFILE, version_shown

PER_PAGE = 50
PITCH_PANEL = "admin/voting/moderation/pitch_panel"
PROFILE_PANEL = "admin/voting/moderation/profile_panel"
# For the order of `moderated_in`: columns that are never null, so that a program can go on after any row.
MODERATED = {
    "asked": Coalesce("showing_asked_at", LATEST),
    "hidden": Coalesce("pitch_hidden_at", EARLIEST),
    "sorted_by": Alphabetical("user__name"),
}
# First those whose authors ask for them to be shown again, then the hidden ones, the last one first.
MODERATED_ORDER = ("asked", "-hidden", "sorted_by", "pk")


def page(request: PersonRequest, conference: Conference, template: str, **context: Any) -> HttpResponse:
    shared = shared_context(request, conference, "moderation") | {
        "permissions": request.user.get_all_permissions(conference),
        "moderation_url": reverse(PAGE, args=[conference.pk]),
    }
    return TemplateResponse(request, f"admin/voting/moderation/{template}.html", shared | context)


@require_safe
def moderation(request: PersonRequest, pk: int) -> HttpResponse:
    """All pitches: those whose authors ask for them to be shown again first, then the hidden ones.

    The search finds the other members too, for their profiles.
    """
    conference, words = conference_or_refuse(request, pk, MODERATE), search_words(request)
    found = moderated_in(conference, words)
    pitches = page_of(request, found, PER_PAGE)
    queue = _reported(request, conference, words)
    shown_members = [*pitches.object_list, *(each.member for each in queue.get("reported", []))]
    note_requests(shown_members, conference, viewer=request.user)
    return page(request, conference, "moderation", page=pitches, q=words, **queue)


def moderated_in(conference: Conference, words: str) -> MembershipQuerySet:
    """Members with a pitch or a hidden profile; with words, of all whom members see."""
    # Members whom no one else may see are not found here either.
    shown = Q(pitch__isnull=False) | Q(profile_hidden_at__isnull=False)
    found = Membership.objects.of_active_people().filter(conference=conference)
    found = found.filter(shown | IS_LISTED if words else shown).search(words).select_related("user", "pitch")
    return found.annotate(**MODERATED).order_by(*MODERATED_ORDER)


def _reported(request: PersonRequest, conference: Conference, words: str) -> dict[str, Any]:
    """One page of the queue; none of it next to what a search has found."""
    if words:
        return {}
    reports = reports_for(request.user, conference)
    targets = page_of(request, targets_of(reports), name="reports")
    return {"reported": reported_in(reports, targets), "reported_page": targets}


@asking
def pitch(request: PersonRequest, pk: int, member_id: int) -> HttpResponse:
    """Hides the pitch; or shows it again or keeps it hidden."""
    conference = conference_or_refuse(request, pk, MODERATE)
    require_fresh_log_in(request)
    member = member_with_pitch(conference, member_id)
    form = _hiding_form(request, member, PITCH)
    acts = {"hide": _hide, "show": _show, "keep": _keep}
    if form.is_bound and _moderate(request, member, form, acts):
        return redirect(PAGE, conference.pk)
    panel = _pitch_panel(request, member)
    is_shown, about = panel.state == "shown", {"member": member.pk}
    consent = notice_of(HIDING, conference, about, person=request.user) if is_shown else None
    return page(request, conference, "pitch", panel=panel, form=form, consent=consent)


def member_with_pitch(conference: Conference, member_id: int) -> Membership:
    """Whose pitch the team can hide."""
    members = Membership.objects.filter(conference=conference, pitch__isnull=False)
    member = get_object_or_404(members.select_related("user", "pitch"), pk=member_id)
    member.conference = conference
    return member


def member_with_profile(conference: Conference, member_id: int) -> Membership:
    """Whose profile the team can hide."""
    members = Membership.objects.filter(
        Q(pitch__isnull=False) | Q(profile_hidden_at__isnull=False) | IS_LISTED
    )
    member = get_object_or_404(members.select_related("user").filter(conference=conference), pk=member_id)
    member.conference = conference
    return member


def _pitch_panel(request: PersonRequest, member: Membership) -> Panel:
    facts = {"name": member, "is_count_final": member.conference.election.is_count_final()}
    facts["seen"] = version_shown(member, PITCH)
    if member.is_pitch_hidden:
        return Panel(PITCH_PANEL, "hidden", facts)
    if asked := asked_to_hide(member.conference, viewer=request.user).get(member.pk):
        facts |= {"asked": asked, "is_own": asked.request.asked_by_id == request.user.pk}
        return Panel(PITCH_PANEL, "asked", facts)
    return Panel(PITCH_PANEL, "shown", facts)


@asking
def profile(request: PersonRequest, pk: int, member_id: int) -> HttpResponse:
    """Hides picture, profession and bio in this conference, or shows them again."""
    conference = conference_or_refuse(request, pk, MODERATE)
    require_fresh_log_in(request)
    member = member_with_profile(conference, member_id)
    form = _hiding_form(request, member, PROFILE)
    acts = {"hide": _hide_profile, "show": _show_profile}
    if form.is_bound and _moderate(request, member, form, acts):
        return redirect(PAGE, conference.pk)
    facts = {"name": member, "seen": version_shown(member, PROFILE)}
    panel = Panel(PROFILE_PANEL, "hidden" if member.profile_hidden_at else "shown", facts)
    return page(request, conference, "pitch", panel=panel, form=form)


def _hiding_form(request: PersonRequest, member: Membership, subject: str) -> HidingForm:
    """With the reason that most members gave who reported it, if any did."""
    initial = {"reason": suggested_reason(member, subject)}
    return HidingForm(posted(request), initial=initial)


def _moderate(request: PersonRequest, member: Membership, form: HidingForm, acts: dict[str, Any]) -> bool:
    asked = request.POST.get("act", "")
    if asked == "show":
        form.fields["reason"].required = False
    if asked not in acts or not (form.is_valid() or asked == "show"):
        return False
    try:
        acts[asked](request, member, form.cleaned_data.get("reason", ""), actor_of(request))
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    return True


def _hide(request: PersonRequest, member: Membership, reason: str, by: Actor) -> None:
    verb = partial(hide_pitch, membership=member, reason=reason, by=by, seen=seen_in(request))
    done = do_or_ask(verb, reason=reason, by=by)
    if not is_asked(request, done):
        done_now = _("The pitch of %(name)s is hidden. They have been notified by email.")
        _say(request, member, done, done_now, _("The pitch of %(name)s was hidden already."))


def _show(request: PersonRequest, member: Membership, _reason: str, by: Actor) -> None:
    shown = restore_pitch(membership=member, by=by, seen=seen_in(request))
    done_now = _("The pitch of %(name)s is shown again. They have been notified by email.")
    _say(request, member, shown, done_now, _("The pitch of %(name)s was not hidden."))


def _keep(request: PersonRequest, member: Membership, reason: str, by: Actor) -> None:
    kept = keep_pitch_hidden(membership=member, reason=reason, by=by, seen=seen_in(request))
    done_now = _("The pitch of %(name)s stays hidden. They have been notified by email.")
    _say(request, member, kept, done_now, _("%(name)s has not asked, so nothing was changed."))


def _hide_profile(request: PersonRequest, member: Membership, reason: str, by: Actor) -> None:
    hidden = hide_profile(membership=member, reason=reason, by=by, seen=seen_in(request))
    done_now = _("The profile of %(name)s is hidden here. They have been notified by email.")
    _say(request, member, hidden, done_now, _("The profile of %(name)s was hidden already."))


def _show_profile(request: PersonRequest, member: Membership, _reason: str, by: Actor) -> None:
    shown = restore_profile(membership=member, by=by, seen=seen_in(request))
    done_now = _("The profile of %(name)s is shown again. They have been notified by email.")
    _say(request, member, shown, done_now, _("The profile of %(name)s was not hidden."))


def _say(request: PersonRequest, member: Membership, done: object, made: str, none: str) -> None:
    is_made = done is Change.MADE
    (messages.success if is_made else messages.warning)(
        request, (made if is_made else none) % {"name": member}
    )


def moderation_urls(site: AdminSite) -> list[URLPattern]:
    one = "<row:pk>/moderation/"
    pages: list[tuple[str, Any, str]] = [
        (one, moderation, ""),
        (f"{one}<row:member_id>/pitch/", pitch, "_pitch"),
        (f"{one}<row:member_id>/person/", profile, "_profile"),
    ]
    return [
        path(route, site.admin_view(view), name=f"conferences_moderation{name}")
        for route, view, name in pages
    ]

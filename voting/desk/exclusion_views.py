"""Signs of fraud, and excluding a member from a vote."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actors import actor_of
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking
from confbox.kit.limits import is_heavy
from confbox.kit.outcomes import Change
from conferences.models import Membership
from voting.desk.access import conference_or_refuse, page_context, panel_page
from voting.desk.exports import EXPORTS
from voting.desk.forms import ExclusionForm
from voting.desk.panels import exclusion_panel, signal_panel
from voting.elections.exclusions import exclude_member, readmit_member
from voting.elections.fraud_signs import signals_of

SIGNALS_SHOWN, MEMBERS_SHOWN = 50, 20


@require_safe
@is_heavy(EXPORTS)
def signals(request: PersonRequest, conference_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, conference_id, "conferences.view_membership")
    excluded = Membership.objects.filter(conference=conference, excluded_at__isnull=False)
    found = signals_of(conference)
    can_exclude = request.user.has_perm("conferences.exclude_membership", conference)
    context = page_context(request, conference) | {
        "signals": [
            signal_panel(signal, most=MEMBERS_SHOWN, can_exclude=can_exclude)
            for signal in found[:SIGNALS_SHOWN]
        ],
        "more": max(len(found) - SIGNALS_SHOWN, 0),
        "excluded": excluded.select_related("user").order_by("excluded_at"),
        "can_exclude": can_exclude,
    }
    return render(request, "admin/voting/tally/signals.html", context)


@asking
def exclude(request: PersonRequest, conference_id: int, member_id: int) -> HttpResponse:
    """Excludes a member, or readmits one who is excluded; both ask for the reason first."""
    conference = conference_or_refuse(request, conference_id, "conferences.exclude_membership")
    require_fresh_log_in(request)
    members = Membership.objects.filter(conference=conference).select_related("user", "conference")
    member = get_object_or_404(members, pk=member_id)
    act = _readmit if request.GET.get("again") else _exclude
    form = ExclusionForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            act(request, member, form.cleaned_data["reason"])
            return redirect("admin:voting_election_signals", conference.pk)
        except ValidationError as refusal:
            form.add_error(None, refusal)
    panel = exclusion_panel(member=member, conference=conference, form=form, is_readmission=act is _readmit)
    return panel_page(request, conference, panel)


def _exclude(request: PersonRequest, member: Membership, reason: str) -> None:
    if exclude_member(membership=member, by=actor_of(request), reason=reason) is Change.NONE:
        messages.warning(request, _("%(name)s had already been excluded.") % {"name": member})
        return
    said = _(
        "%(name)s has been excluded. Members who had voted for them are notified that they can vote again."
    )
    messages.success(request, said % {"name": member})


def _readmit(request: PersonRequest, member: Membership, reason: str) -> None:
    if readmit_member(membership=member, by=actor_of(request), reason=reason) is Change.MADE:
        messages.success(request, _("%(name)s can vote again.") % {"name": member})
    else:
        messages.warning(request, _("%(name)s had not been excluded.") % {"name": member})

"""Signs of fraud, and excluding a member from a vote."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actors import actor_of
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, posted
from confbox.kit.limits import heavy_work
from confbox.kit.outcomes import Change
from conferences.consent.actions import do_or_ask
from conferences.consent.answers import is_asked
from conferences.consent.panels import notice_of
from conferences.models import Conference, Membership
from voting.desk.access import conference_or_refuse, page_context, panel_page
from voting.desk.exports import EXPORTS
from voting.desk.forms import ExclusionForm
from voting.desk.panels import exclusion_panel, signal_panel
from voting.elections.election.two_people import EXCLUSION
from voting.elections.exclusions import exclude_member, readmit_member
from voting.elections.fraud_signs import is_large, members_of, signals_of, with_members

SIGNALS_SHOWN = 50


@require_safe
def signals(request: PersonRequest, conference_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, conference_id, "conferences.view_membership")
    excluded = Membership.objects.filter(conference=conference, excluded_at__isnull=False)
    can_exclude = request.user.has_perm("conferences.exclude_membership", conference)
    is_asked_first = "check" not in request.GET and is_large(conference)
    context = page_context(request, conference) | {
        "asks_first": is_asked_first,
        "excluded": excluded.select_related("user").order_by("excluded_at"),
        "can_exclude": can_exclude,
    }
    if not is_asked_first:
        with heavy_work(EXPORTS, request):
            context |= _signals(conference, can_exclude=can_exclude)
    return render(request, "admin/voting/tally/signals.html", context)


def _signals(conference: Conference, *, can_exclude: bool) -> dict[str, Any]:
    found = signals_of(conference)
    shown = with_members(conference, found[:SIGNALS_SHOWN])
    members = members_of(shown)
    panels = [signal_panel(signal, members, can_exclude=can_exclude) for signal in shown]
    return {"signals": panels, "more": len(found) - len(shown)}


@asking
def exclude(request: PersonRequest, conference_id: int, member_id: int) -> HttpResponse:
    """Excludes a member, or readmits one who is excluded; both ask for the reason first."""
    conference = conference_or_refuse(request, conference_id, "conferences.exclude_membership")
    require_fresh_log_in(request)
    members = Membership.objects.filter(conference=conference).select_related("user", "conference")
    member = get_object_or_404(members, pk=member_id)
    readmits = bool(request.GET.get("again"))
    form = ExclusionForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            _change(request, member, form.cleaned_data["reason"], readmits=readmits)
            return redirect("admin:voting_election_signals", conference.pk)
        except ValidationError as refusal:
            form.add_error(None, refusal)
    panel = exclusion_panel(member=member, conference=conference, form=form, is_readmission=readmits)
    asked = {"member": member.pk, "readmits": readmits}
    notice = notice_of(EXCLUSION, conference, asked, person=request.user)
    return panel_page(request, conference, panel, notice=notice)


def _change(request: PersonRequest, member: Membership, reason: str, *, readmits: bool) -> None:
    verb, by = readmit_member if readmits else exclude_member, actor_of(request)
    done = do_or_ask(partial(verb, membership=member, by=by, reason=reason), reason=reason, by=by)
    if is_asked(request, done):
        return
    is_new = done is Change.MADE
    if readmits:
        said = _("%(name)s can vote again.") if is_new else _("%(name)s had not been excluded.")
    elif is_new:
        said = _(
            "%(name)s has been excluded. Members who had voted for them are notified that they can vote "
            "again."
        )
    else:
        said = _("%(name)s had already been excluded.")
    (messages.success if is_new else messages.warning)(request, said % {"name": member})

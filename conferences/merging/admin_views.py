"""An organiser chooses the conference that stays, and confirms what follows."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actors import actor_of
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, posted
from confbox.kit.pagination import search_words
from confbox.kit.seen import seen_in
from conferences.changes.admin_views import page
from conferences.changes.forms import MergeForm
from conferences.merging.actions import merge_conferences
from conferences.merging.comparison import rows_of
from conferences.merging.consequences import of_merging
from conferences.merging.likeness import candidates
from conferences.merging.names import duplicate_of, named, told_apart
from conferences.merging.people import Merge
from conferences.merging.rules import MERGE, refusals_of_any_merge, refusals_of_merge
from conferences.models import Conference, ConferenceChange
from conferences.organising.saying import run_by
from conferences.roster.access import conference_or_refuse


@require_safe
def choose(request: PersonRequest, pk: int) -> HttpResponse:
    duplicate = conference_or_refuse(request, pk, MERGE)
    words = search_words(request)
    found = candidates(duplicate, person=request.user, words=words)
    never = refusals_of_any_merge(duplicate)
    return page(request, duplicate, "merge", candidates=found, q=words, refusals=never)


@asking
def merge(request: PersonRequest, pk: int, stays: int) -> HttpResponse:
    if request.method == "POST" and (done := _done_before(request, pk, stays)):
        return _lead_on(request, done)
    pair = _found(request, pk, stays)
    form = MergeForm(posted(request), duplicate=pair.duplicate)
    if done := _merged(request, pair, form):
        return _lead_on(request, done)
    refusals = refusals_of_merge(pair, request.user)
    follows = [] if refusals else of_merging(pair)
    facts = {"stays": pair.stays, "names": pair.names(), "rows": rows_of(pair), "form": form}
    facts["seen"] = pair.version()
    facts["can_keep"] = not refusals_of_merge(Merge(pair.stays, pair.duplicate), request.user)
    return page(request, pair.duplicate, "merge_into", refusal=refusals, consequences=follows, **facts)


def _done_before(request: PersonRequest, pk: int, stays: int) -> ConferenceChange | None:
    """For a form that was sent twice: its duplicate is gone."""
    if Conference.objects.filter(pk=pk).exists():
        return None
    return ConferenceChange.of_merge(pk, [conference_or_refuse(request, stays, MERGE)])


def _lead_on(request: PersonRequest, done: ConferenceChange) -> HttpResponse:
    duplicate, stays = told_apart(duplicate_of(done), named(done.conference))
    said = _("%(duplicate)s is merged into %(conference)s.") % {"duplicate": duplicate, "conference": stays}
    messages.success(request, said)
    return redirect("admin:conferences_overview", done.conference_id)


def _found(request: PersonRequest, pk: int, stays: int) -> Merge:
    conference_or_refuse(request, pk, MERGE)
    require_fresh_log_in(request)
    managed = run_by(request.user) & Conference.objects.managed_by(request.user, MERGE)
    duplicate = get_object_or_404(managed, pk=pk)
    return Merge(duplicate, get_object_or_404(managed.exclude(pk=pk), pk=stays))


def _merged(request: PersonRequest, pair: Merge, form: MergeForm) -> ConferenceChange | None:
    if not form.is_bound or not form.is_valid():
        return None
    by = actor_of(request)
    try:
        return merge_conferences(
            duplicate=pair.duplicate, stays=pair.stays, by=by, seen=seen_in(request), **form.cleaned_data
        )
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return None

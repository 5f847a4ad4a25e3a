"""The roster of a conference for its organisers."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, posted
from confbox.kit.outcomes import Change
from confbox.kit.pagination import search_words
from conferences.consent.actions import do_or_ask
from conferences.consent.answers import is_asked
from conferences.local_times import in_zone
from conferences.models import Conference, RosterEntry, RosterState
from conferences.organising.saying import say_outcome, say_saved
from conferences.roster.access import READ, WRITE, conference_or_refuse, entry_or_404, page, roster_url
from conferences.roster.actions import Added, add_entry, change_entry, remove_entry, restore_entry
from conferences.roster.forms import EntryForm, RemovalForm
from conferences.roster.listing import counts_of, is_large, page_of_roster
from conferences.roster.page_parts import Shown, facts_of, removal_notice
from conferences.roster.panels import empty_words, entries_panel, figures_of

PER_PAGE = 100
LIST = "admin:conferences_roster"


@require_safe
def roster(request: PersonRequest, pk: int) -> HttpResponse:
    conference = conference_or_refuse(request, pk, READ)
    entries, words, state = found_of(request, conference)
    large = is_large(conference)
    counts = counts_of(request, conference, large=large)
    shown = page_of_roster(request, entries, conference, words, PER_PAGE, large=large)
    figures = figures_of(counts)
    return page(
        request,
        conference,
        "list",
        page=shown,
        panel=entries_panel(shown, is_empty=counts is not None and not any(counts.values())),
        q=words,
        state=state,
        place=urlencode({"q": words, "state": state}),
        is_large=large,
        empty=empty_words(conference) if figures["present"] == 0 else [],
        since=_since(conference, list(shown)),
        **figures,
        **facts_of(request, conference, Shown(list(shown), is_counted=counts is not None)),
    )


def _since(conference: Conference, entries: list[RosterEntry]) -> str:
    """Since when all of these are in their state, if that is the same time, as after an import."""
    times = {in_zone(conference, entry.in_state_since) for entry in entries}
    return times.pop() if len(times) == 1 and len(entries) > 1 else ""


def found_of(request: PersonRequest, conference: Conference) -> tuple[Any, str, str]:
    """The entries that match the words and the state in the URL."""
    words, state = search_words(request), request.GET.get("state", "")
    entries = RosterEntry.objects.filter(conference=conference).select_related("membership")
    entries = entries.with_same_mailbox()
    if state in RosterState.values:
        entries = entries.in_state(state)
    else:
        state = ""
    return entries.search(words).order_by("mailbox"), words, state


@asking
def add(request: PersonRequest, pk: int) -> HttpResponse:
    conference = conference_or_refuse(request, pk, WRITE)
    form = EntryForm(posted(request))
    if form.is_bound and form.is_valid() and _add(request, conference, form):
        return redirect(LIST, conference.pk)
    return page(request, conference, "entry", form=form)


def _add(request: PersonRequest, conference: Conference, form: EntryForm) -> bool:
    try:
        entry, added = add_entry(conference=conference, by=actor_of(request), **form.cleaned_data)
    except ValidationError as refusal:
        return _refused(form, refusal)
    said = {
        Added.NEW: _("Added: %(email)s."),
        Added.AGAIN: _("Previously removed, now listed again: %(email)s."),
    }
    say_saved(request, conference.pk, said[added] % {"email": entry})
    return True


@asking
def change(request: PersonRequest, pk: int, entry_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, pk, WRITE)
    entry = entry_or_404(conference, entry_id)
    initial = {"email": entry.email, "name": entry.name, "reference": entry.reference}
    form = EntryForm(posted(request), initial=initial)
    if form.is_bound and form.is_valid() and _change(request, entry, form):
        return redirect(roster_url(request, conference))
    return page(request, conference, "entry", form=form, entry=entry)


def _change(request: PersonRequest, entry: RosterEntry, form: EntryForm) -> bool:
    try:
        changed = change_entry(entry=entry, by=actor_of(request), **form.cleaned_data)
    except ValidationError as refusal:
        return _refused(form, refusal)
    said = {Change.MADE: _("The entry is changed."), Change.NONE: _("Nothing was changed.")}
    say_outcome(request, entry.conference_id, changed, said[changed])
    return True


def _refused(form: EntryForm, refusal: ValidationError) -> bool:
    form.add_error(None if hasattr(refusal, "error_dict") else "email", refusal)
    return False


@asking
def remove(request: PersonRequest, pk: int, entry_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, pk, WRITE)
    entry = entry_or_404(conference, entry_id)
    form = RemovalForm(posted(request))
    if form.is_bound and form.is_valid() and _remove(request, entry, form):
        return redirect(roster_url(request, conference))
    consent = removal_notice(request, entry)
    return page(request, conference, "remove", form=form, entry=entry, consent=consent)


def _remove(request: PersonRequest, entry: RosterEntry, form: RemovalForm) -> bool:
    reason, by = form.cleaned_data["reason"], actor_of(request)
    try:
        removed = do_or_ask(partial(remove_entry, entry=entry, reason=reason, by=by), reason=reason, by=by)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    if is_asked(request, removed):
        return True
    if removed is Change.MADE:
        said = _("Removed from the roster: %(email)s.") % {"email": entry}
        say_saved(request, entry.conference_id, said)
    else:
        messages.warning(request, _("Already removed: %(email)s.") % {"email": entry})
    return True


@asking
def restore(request: PersonRequest, pk: int, entry_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, pk, WRITE)
    entry = entry_or_404(conference, entry_id)
    if request.method != "POST":
        return page(request, conference, "restore", entry=entry)
    if restore_entry(entry=entry, by=actor_of(request)) is Change.MADE:
        say_saved(request, conference.pk, _("Listed again: %(email)s.") % {"email": entry})
    else:
        messages.warning(request, _("It had not been removed: %(email)s.") % {"email": entry})
    return redirect(roster_url(request, conference))

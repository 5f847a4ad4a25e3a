"""The import of a roster: paste or upload a list, look at what it would do, confirm."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking
from confbox.kit.limits import Limit, heavy_work, is_heavy
from conferences.models import Conference
from conferences.organising.saying import say_saved
from conferences.roster.access import WRITE, conference_or_refuse, page
from conferences.roster.actions import import_roster
from conferences.roster.forms import ListForm
from conferences.roster.panels import plan_panel
from conferences.roster.planning import RosterPlan, plan_import
from conferences.roster.rows import Listing
from conferences.roster.waiting import forget, keep, kept

# Counts uploads, previews of an upload, and imports.
IMPORTS = Limit("imports of rosters", person="60/h")
MOST_LINES = 200
# In the session: the digests of the last lists that were imported.
IMPORTED, MOST_REMEMBERED = "imported-lists", 5


@asking
def upload(request: PersonRequest, pk: int) -> HttpResponse:
    conference = conference_or_refuse(request, pk, WRITE)
    if request.method != "POST":
        found = kept(person=request.user, conference=conference, digest=request.GET.get("again", ""))
        form = ListForm(initial={"text": found[1] if found else ""})
        return page(request, conference, "import", form=form)
    with heavy_work(IMPORTS, request):
        form = ListForm(request.POST, request.FILES)
        if form.is_valid():
            text = form.cleaned_data["text"]
            digest = keep(person=request.user, conference=conference, listing=form.listing, text=text)
            return redirect("admin:conferences_roster_confirm", conference.pk, digest)
    return page(request, conference, "import", form=form)


@asking
@is_heavy(IMPORTS)
def confirm(request: PersonRequest, pk: int, digest: str) -> HttpResponse:
    conference = conference_or_refuse(request, pk, WRITE)
    found = kept(person=request.user, conference=conference, digest=digest)
    if found is None and digest in request.session.get(IMPORTED, []):
        messages.info(request, _("This list has been imported. This is the roster."))
        return redirect("admin:conferences_roster", conference.pk)
    if found is None:
        messages.warning(request, _("That list is no longer available. Please paste or upload it again."))
        return redirect("admin:conferences_roster_import", conference.pk)
    listing, text = found
    if request.method == "POST":
        return _import(request, conference, listing, digest)
    plan = plan_import(conference=conference, listing=listing)
    again = f"?again={digest}" if text else ""
    return page(request, conference, "preview", again=again, **_words(listing, plan))


def _words(listing: Listing, plan: RosterPlan) -> dict[str, Any]:
    """The plan for the page, each list cut to what one page can show."""
    lists: dict[str, list[Any]] = {
        "refused": listing.refused,
        "left_out": listing.left_out,
        "new": plan.new,
        "changed": plan.changed,
        "restored": plan.restored,
        "missing": plan.missing,
        "look_alikes": plan.look_alikes,
        "same_mailbox": plan.same_mailbox,
        "repeated": plan.repeated,
    }
    return {name: (found[:MOST_LINES], len(found)) for name, found in lists.items()} | {
        "listing": listing,
        "plan": plan,
        "known": len(plan.known),
        "seen": plan.version(),
        "seen_missing": plan.version(removes_missing=True),
        "panel": plan_panel(listing, plan),
    }


def _import(request: PersonRequest, conference: Conference, listing: Listing, digest: str) -> HttpResponse:
    removes_missing, leaves_out = "removes_missing" in request.POST, "leaves_out_refused" in request.POST
    if listing.refused and not leaves_out:
        messages.error(request, _said_refused(len(listing.refused)))
        return redirect(request.path)
    seen = request.POST.get("seen_missing" if removes_missing else "seen", "")
    try:
        plan = import_roster(
            conference=conference,
            listing=listing,
            by=actor_of(request),
            removes_missing=removes_missing,
            leaves_out_refused=leaves_out,
            seen=seen or "nothing",
        )
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages[:MOST_LINES]))
        return redirect(request.path)
    forget(person=request.user)
    # For those who go back to a list that is no longer kept.
    request.session[IMPORTED] = [*request.session.get(IMPORTED, []), digest][-MOST_REMEMBERED:]
    said = _said(plan, len(listing.refused), removes_missing=removes_missing)
    say_saved(request, conference.pk, said)
    return redirect("admin:conferences_roster", conference.pk)


def _said_refused(number: int) -> str:
    sentence = ngettext(
        "Nothing was imported: %(n)d row is refused. Correct the list, or choose to leave it out.",
        "Nothing was imported: %(n)d rows are refused. Correct the list, or choose to leave them out.",
        number,
    )
    return sentence % {"n": number}


def _said(plan: RosterPlan, refused: int, *, removes_missing: bool) -> str:
    if not plan.changes_anything(removes_missing=removes_missing):
        return _("Nothing was changed: everyone in the list is already on the roster.")
    added = ngettext("%(n)d person added.", "%(n)d people added.", len(plan.new)) % {"n": len(plan.new)}
    others = {
        _("Already there: %(n)d."): len(plan.known),
        _("Changed: %(n)d."): len(plan.changed),
        _("Removed before, back now: %(n)d."): len(plan.restored),
        _("Removed: %(n)d."): len(plan.missing) if removes_missing else 0,
        _("Repeated: %(n)d."): len(plan.repeated),
        _("Left out: %(n)d."): refused,
    }
    return " ".join([added, *(said % {"n": number} for said, number in others.items() if number)])

"""Acts on a published conference: each page shows the consequences and asks for a reason."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from accounts.actors import Actor, actor_of
from accounts.models import User
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, posted
from confbox.kit.outcomes import Change
from confbox.kit.seen import seen_in
from conferences.actions import publish_conference
from conferences.changes.actions import (
    cancel_conference,
    move_conference,
    reinstate_conference,
    unpublish_conference,
)
from conferences.changes.consequences import (
    of_cancelling,
    of_moving,
    of_others,
    of_publishing,
    of_reinstating,
    of_unpublishing,
    warnings_of_publishing,
    why_not_to_take_off,
)
from conferences.changes.dates import dates_of
from conferences.changes.dates import in_words as dates_in_words
from conferences.changes.deletion import (
    delete_conference,
    of_deleting,
    permission_to_delete,
    why_not_to_delete,
)
from conferences.changes.forms import DeletionForm, MoveDaysForm, MoveForm, ReasonForm
from conferences.changes.rules import (
    CANCELLING,
    REINSTATING,
    why_not_to_cancel,
    why_not_to_move,
    why_not_to_publish,
    why_not_to_reinstate,
)
from conferences.consent.actions import do_or_ask
from conferences.consent.answers import is_asked
from conferences.consent.panels import notice_of
from conferences.models import Conference
from conferences.organising.checklist import lines_of, look_at, refusals_of
from conferences.organising.pages import shared_context
from conferences.organising.saying import in_words, run_by, say_saved
from conferences.roster.access import CHANGE, conference_or_refuse
from conferences.versions import version_shown

Follows = Callable[[Conference], list[str]]
OVERVIEW = "admin:conferences_overview"


def page(request: PersonRequest, conference: Conference, template: str, **context: Any) -> HttpResponse:
    shared = shared_context(request, conference, "overview") | {"seen": version_shown(conference)}
    return TemplateResponse(request, f"admin/conferences/changes/{template}.html", shared | context)


@asking
def publish(request: PersonRequest, pk: int) -> HttpResponse:
    conference = conference_or_refuse(request, pk, CHANGE)
    if request.method == "POST" and _is_published(request, conference):
        return redirect(OVERVIEW, pk)
    refusal = why_not_to_publish(conference)
    follows = [] if refusal else [*of_publishing(conference), *what_is_missing(request.user, pk)]
    warnings = [] if refusal else warnings_of_publishing(conference, request.user)
    return page(request, conference, "publish", refusal=refusal, consequences=follows, warnings=warnings)


def _is_published(request: PersonRequest, conference: Conference) -> bool:
    try:
        published = publish_conference(conference=conference, by=actor_of(request), seen=seen_in(request))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return False
    if published is Change.MADE:
        said = _("%(conference)s is published.") % {"conference": conference}
        say_saved(request, conference.pk, said, of_vote=True)
    else:
        messages.warning(request, _("This conference is published already."))
    return True


def what_is_missing(person: User, pk: int) -> list[str]:
    """Why voting will not open even when it is published."""
    look = look_at(person, run_by(person).get(pk=pk))
    missing = [line for line in refusals_of(look, lines_of(look)) if line.name != "published"]
    return [in_words(missing)] if missing else []


@asking
def cancel(request: PersonRequest, pk: int) -> HttpResponse:
    conference, form = _found(request, pk), ReasonForm(posted(request))
    if _is_done(request, conference, form, partial(_cancel, request)):
        return redirect(OVERVIEW, pk)
    refusal = why_not_to_cancel(conference)
    notice = None if refusal else notice_of(CANCELLING, conference, {}, person=request.user)
    return _ask(request, conference, "cancel", form, refusal=refusal, follows=of_cancelling, consent=notice)


def _cancel(request: PersonRequest, *, conference: Conference, reason: str, by: Actor, seen: str) -> None:
    verb = partial(cancel_conference, conference=conference, reason=reason, by=by, seen=seen)
    if not is_asked(request, do_or_ask(verb, reason=reason, by=by)):
        _say_to_all(request, conference, _("The conference is cancelled. All members are notified."))


def _say_to_all(request: PersonRequest, conference: Conference, said: str) -> None:
    """Also that people who were invited are notified, if there are any."""
    messages.success(request, " ".join([said, *of_others(conference)]))


@asking
def reinstate(request: PersonRequest, pk: int) -> HttpResponse:
    conference, form = _found(request, pk), ReasonForm(posted(request))
    if _is_done(request, conference, form, partial(_reinstate, request)):
        return redirect(OVERVIEW, pk)
    refusal = why_not_to_reinstate(conference)
    notice = None if refusal else notice_of(REINSTATING, conference, {}, person=request.user)
    return _ask(
        request, conference, "reinstate", form, refusal=refusal, follows=of_reinstating, consent=notice
    )


def _reinstate(request: PersonRequest, *, conference: Conference, reason: str, by: Actor, seen: str) -> None:
    verb = partial(reinstate_conference, conference=conference, reason=reason, by=by, seen=seen)
    if not is_asked(request, do_or_ask(verb, reason=reason, by=by)):
        said = _("The conference takes place after all. All members are notified.")
        _say_to_all(request, conference, said)


@asking
def move(request: PersonRequest, pk: int) -> HttpResponse:
    conference = _found(request, pk)
    by_days = conference.is_all_day and "times" not in request.GET
    form = (MoveDaysForm if by_days else MoveForm)(posted(request), conference=conference)
    if "confirmed" in request.POST and _is_done(request, conference, form, move_conference):
        _say_to_all(request, conference, _("The conference has been moved. All members are notified."))
        return redirect(OVERVIEW, pk)
    refusal, dates = why_not_to_move(conference), dates_of(conference)
    facts = {"by_days": by_days, "now": dates_in_words(dates, names_zone=True)}
    is_entered = form.is_bound and form.is_valid() and "change" not in request.POST
    if is_entered and not refusal:
        facts["then"] = dates_in_words(form.dates(), names_zone=True)
    template = "move_confirm" if "then" in facts else "move"
    return _ask(request, conference, template, form, refusal=refusal, follows=of_moving, **facts)


@asking
def unpublish(request: PersonRequest, pk: int) -> HttpResponse:
    conference, form = _found(request, pk), ReasonForm(posted(request))
    if _is_done(request, conference, form, unpublish_conference):
        messages.success(request, _("The conference is off the site. All members are notified."))
        return redirect(OVERVIEW, pk)
    return _ask(
        request,
        conference,
        "unpublish",
        form,
        refusal=why_not_to_take_off(conference),
        follows=of_unpublishing,
    )


@asking
def delete(request: PersonRequest, pk: int) -> HttpResponse:
    conference, form = _to_delete(request, pk), DeletionForm(posted(request))
    if _is_done(request, conference, form, delete_conference):
        said = _("%(conference)s is deleted.") % {"conference": conference}
        messages.success(request, said)
        return redirect("admin:conferences_conference_changelist")
    return _ask(
        request, conference, "delete", form, refusal=why_not_to_delete(conference), follows=of_deleting
    )


def _to_delete(request: PersonRequest, pk: int) -> Conference:
    own = Conference.objects.managed_by(request.user, CHANGE).filter(pk=pk).first()
    return _found(request, pk, permission_to_delete(own, request.user))


def _found(request: PersonRequest, pk: int, permission: str = CHANGE) -> Conference:
    conference = conference_or_refuse(request, pk, permission)
    require_fresh_log_in(request)
    return conference


def _ask(
    request: PersonRequest,
    conference: Conference,
    template: str,
    form: Form,
    *,
    refusal: str,
    follows: Follows,
    **context: Any,
) -> HttpResponse:
    shown = {"form": form, "refusal": refusal, "consequences": [] if refusal else follows(conference)}
    return page(request, conference, template, **shown, **context)


def _is_done(request: PersonRequest, conference: Conference, form: Form, verb: Callable[..., object]) -> bool:
    if not form.is_bound or not form.is_valid():
        return False
    try:
        verb(conference=conference, by=actor_of(request), seen=seen_in(request), **form.cleaned_data)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    return True

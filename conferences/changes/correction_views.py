"""The page on which organisers correct the reason of what they did to a conference."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import actor_of
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, posted
from confbox.kit.outcomes import Change
from confbox.kit.url_converters import is_row_number
from conferences.changes.admin_views import OVERVIEW, page
from conferences.changes.corrections import correct_reason, last_with_reason
from conferences.changes.forms import CorrectionForm
from conferences.local_times import in_zone
from conferences.models import Conference, ConferenceChange
from conferences.roster.access import CHANGE, conference_or_refuse


@asking
def correct(request: PersonRequest, pk: int) -> HttpResponse:
    """Of the last change that members read a reason for; of the last one of this kind, with `?act=moved`."""
    conference = conference_or_refuse(request, pk, CHANGE)
    require_fresh_log_in(request)
    change = _found(request, conference)
    if change is None:
        messages.info(request, _("No reason is on the page of this conference, so there is none to correct."))
        return redirect(OVERVIEW, pk)
    form = CorrectionForm(posted(request), row=change)
    if is_corrected(request, form, partial(correct_reason, change=change)):
        return redirect(OVERVIEW, pk)
    back_url = reverse(OVERVIEW, args=[pk])
    shown = {"form": form, "done": done_in_words(conference, change), "back_url": back_url}
    return page(request, conference, "correct_reason", **shown)


def _found(request: PersonRequest, conference: Conference) -> ConferenceChange | None:
    """That of the page which was sent, also if there is another one since."""
    sent = request.POST.get("change", "")
    if is_row_number(sent):
        return conference.changes.exclude(reason="").filter(pk=sent).first()
    return last_with_reason(conference, act=request.GET.get("act", ""))


def done_in_words(conference: Conference, change: Any) -> str:
    """What was done, whose reason is to be corrected, and when."""
    return f"{change.get_act_display()} · {in_zone(conference, change.at)}"


def is_corrected(request: PersonRequest, form: CorrectionForm, verb: Callable[..., Change]) -> bool:
    """Whether the verb corrected the reason, or it was this one already; otherwise the form says why not."""
    if not form.is_bound or not form.is_valid():
        return False
    typed = {name: form.cleaned_data[name] for name in ("reason", "before")}
    try:
        corrected = verb(by=actor_of(request), **typed)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    if corrected is Change.MADE:
        messages.success(request, _("The reason is corrected. No one gets an email about it."))
    else:
        messages.info(request, _("This is the reason already, so nothing was changed."))
    return True

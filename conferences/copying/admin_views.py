"""“Copy this conference”, as pages of the conference in the admin."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from accounts.actors import actor_of
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, posted
from confbox.kit.limits import Limit, count_use
from conferences.copying.actions import Copied, copy_conference
from conferences.copying.forms import CopyForm
from conferences.copying.overview import entries_to_copy, left_of, sections_of
from conferences.models import Conference
from conferences.organising.pages import shared_context
from conferences.roster.access import conference_or_refuse
from conferences.teams.series_field import CREATE

COPIES = Limit("copies of conferences", person="60/h")


def page(request: PersonRequest, conference: Conference, template: str, **context: Any) -> HttpResponse:
    shared = shared_context(request, conference, "overview")
    return TemplateResponse(request, f"admin/conferences/copying/{template}.html", shared | context)


@asking
def copy(request: PersonRequest, pk: int) -> HttpResponse:
    if not request.user.has_perm(CREATE):
        raise PermissionDenied
    source = conference_or_refuse(request, pk)
    require_fresh_log_in(request)
    entries = entries_to_copy(source, request.user)
    form = CopyForm(posted(request), source=source, person=request.user, entries=entries)
    if form.is_bound and form.is_valid() and (made := _copy(request, source, form)):
        return redirect("admin:conferences_overview", made.pk)
    sections = sections_of(source, request.user, entries=entries)
    return page(request, source, "copy", form=form, sections=sections, left=left_of())


def _copy(request: PersonRequest, source: Conference, form: CopyForm) -> Conference | None:
    try:
        count_use(COPIES, request)
        made, copied = copy_conference(source=source, by=actor_of(request), **form.choices)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return None
    if copied is Copied.AGAIN:
        said = _("You have made this copy before, so nothing was created. This is it.")
        messages.warning(request, said)
    else:
        said = _("“%(title)s” has been created as a draft. Only its team sees it.") % {"title": made}
        messages.success(request, said)
    return made

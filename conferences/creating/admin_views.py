"""Creating a conference in three steps, as pages of the admin. Each one stores a draft."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, posted
from confbox.kit.limits import Limit, count_use
from confbox.kit.time_zones import zones_of_place
from conferences.contact import contact_of
from conferences.creating.actions import Begun, begin_conference, change_what, set_dates, set_who
from conferences.creating.forms import WhatForm, WhenForm, WhoForm
from conferences.creating.parts import PARTS
from conferences.creating.who import Who
from conferences.models import Conference
from conferences.organising.saying import say_saved
from conferences.roster.access import CHANGE, WRITE, conference_or_refuse
from conferences.teams.series_field import CREATE

CREATIONS = Limit("new conferences", person="60/h")
OVERVIEW, WHEN, WHO = "admin:conferences_overview", "admin:conferences_when", "admin:conferences_who"


def page(
    request: PersonRequest, step: str, form: Form, conference: Conference | None, **context: Any
) -> HttpResponse:
    shared = admin.site.each_context(request) | {
        "opts": Conference._meta,
        "title": conference.title if conference else _("Create a conference"),
        "conference": conference,
        "form": form,
        "step": step,
    }
    return TemplateResponse(request, f"admin/conferences/creating/{step}.html", shared | context)


@asking
def create(request: PersonRequest) -> HttpResponse:
    if not request.user.has_perm(CREATE):
        raise PermissionDenied
    form = WhatForm(posted(request), person=request.user)
    if form.is_bound and form.is_valid() and (made := _begin(request, form)):
        return redirect(WHEN, made.pk)
    return page(request, "what", form, None)


def _begin(request: PersonRequest, form: WhatForm) -> Conference | None:
    try:
        count_use(CREATIONS, request)
        made, begun = begin_conference(by=actor_of(request), **form.choices)
    except ValidationError as refusal:
        _show(form, refusal)
        return None
    if begun is Begun.AGAIN:
        messages.warning(request, _("You have begun this conference before. This is it."))
    return made


def _show(form: Form, refusal: ValidationError) -> None:
    """At the fields that the verb names."""
    found = refusal.error_dict if hasattr(refusal, "error_dict") else {"": refusal.messages}
    for name, errors in found.items():
        form.add_error(name if name in form.fields else None, errors)


def of_draft(view: Callable[[PersonRequest, Conference], HttpResponse]) -> Callable[..., HttpResponse]:
    """Once it is published, its details have a form of their own."""

    @wraps(view)
    def with_draft(request: PersonRequest, pk: int) -> HttpResponse:
        conference = conference_or_refuse(request, pk, CHANGE)
        if conference.status == Conference.Status.DRAFT:
            return view(request, conference)
        messages.info(request, _("This conference is no draft any more. You can change it here."))
        return redirect("admin:conferences_conference_change", pk)

    return with_draft


@asking
@of_draft
def what(request: PersonRequest, draft: Conference) -> HttpResponse:
    form = WhatForm(posted(request), person=request.user, conference=draft)
    if form.is_bound and form.is_valid():
        try:
            change_what(conference=draft, by=actor_of(request), **form.choices)
            return redirect(WHEN, draft.pk)
        except ValidationError as refusal:
            _show(form, refusal)
    return page(request, "what", form, draft)


@asking
@of_draft
def when(request: PersonRequest, draft: Conference) -> HttpResponse:
    form = WhenForm(posted(request), conference=draft)
    if form.is_bound and form.is_valid():
        try:
            set_dates(conference=draft, dates=form.cleaned_data["dates"], by=actor_of(request))
            return redirect(WHO, draft.pk)
        except ValidationError as refusal:
            _show(form, form.named(refusal))
    # The zone of an unknown place is a guess: the person's usual one, or their browser's.
    is_known = bool(zones_of_place(draft.place))
    return page(request, "when", form, draft, is_place_known=is_known)


@asking
@of_draft
def who(request: PersonRequest, draft: Conference) -> HttpResponse:
    form = WhoForm(posted(request), conference=draft)
    if form.is_bound and form.is_valid():
        try:
            chosen = Who(form.cleaned_data["who"])
            set_who(conference=draft, who=chosen, by=actor_of(request))
            return _created(request, draft, chosen)
        except ValidationError as refusal:
            _show(form, refusal)
    rules = [sentence for part in PARTS for sentence in part.in_words(draft)]
    urls = [part.url(draft) for part in PARTS]
    contact = contact_of(draft)
    is_own = contact.email == request.user.email
    return page(
        request, "who", form, draft, rules=rules, rules_urls=urls, contact=contact, is_own_contact=is_own
    )


def _created(request: PersonRequest, conference: Conference, chosen: Who) -> HttpResponse:
    if chosen is Who.ROSTER and request.user.has_perm(WRITE, conference):
        messages.info(
            request,
            _(
                "The draft is stored. Now paste your list of addresses. After that, you publish the "
                "conference and send the invitation."
            ),
        )
        return redirect("admin:conferences_roster_import", conference.pk)
    said = _("“%(title)s” is a draft. Only its team sees it until you publish it.") % {"title": conference}
    say_saved(request, conference.pk, said)
    return redirect(OVERVIEW, conference.pk)

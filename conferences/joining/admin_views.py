"""“Who may join”: the rules, join codes and requests of a conference, for its organisers."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, posted
from confbox.kit.outcomes import Change
from conferences.admission.actions import end_code, make_code, renew_code, set_admission
from conferences.admission.rules import rules_of
from conferences.admission.words import rules_in_words
from conferences.joining.actions import answer_request
from conferences.joining.forms import AdmissionForm, AnswerForm, CodeForm
from conferences.joining.overview import code_card, codes_of, doubts_of, requests_of
from conferences.models import Conference, JoinCode, JoinRequest
from conferences.organising.pages import shared_context
from conferences.organising.saying import say_outcome
from conferences.roster.access import ADMIT, CHANGE, conference_or_refuse

PAGE = "admin:conferences_joining"


def page(request: PersonRequest, conference: Conference, template: str, **context: Any) -> HttpResponse:
    shared = shared_context(request, conference, "joining") | {
        "joining_url": reverse(PAGE, args=[conference.pk]),
        "roster_url": reverse("admin:conferences_roster", args=[conference.pk]),
    }
    return TemplateResponse(request, f"admin/conferences/joining/{template}.html", shared | context)


@asking
def joining(request: PersonRequest, pk: int) -> HttpResponse:
    conference = conference_or_refuse(request, pk, CHANGE if request.method == "POST" else ADMIT)
    form = AdmissionForm(posted(request), rules=rules_of(conference))
    if form.is_bound and form.is_valid():
        changed = set_admission(conference=conference, by=actor_of(request), **form.rules)
        _say_saved(request, conference, form, changed)
        return redirect(PAGE, conference.pk)
    return page(
        request,
        conference,
        "joining",
        form=form,
        may_change=request.user.has_perm(CHANGE, conference),
        rules_in_words=rules_in_words(rules_of(conference)),
        doubts=doubts_of(conference),
        codes=codes_of(conference),
        code_form=CodeForm(conference=conference, auto_id="new_%s"),
        requests=requests_of(request, conference),
    )


def _say_saved(request: PersonRequest, conference: Conference, form: AdmissionForm, changed: Change) -> None:
    said = {
        Change.MADE: _("The rules for joining have been saved."),
        Change.NONE: _("Nothing was changed."),
    }
    if form.has_idle_rules:
        warning = _(
            "Everyone may still join: the other rules have no effect until you choose “Only people …”."
        )
        messages.warning(request, f"{said[changed]} {warning}")
    else:
        say_outcome(request, conference.pk, changed, said[changed])


@asking
def add_code(request: PersonRequest, pk: int) -> HttpResponse:
    conference = conference_or_refuse(request, pk, ADMIT)
    form = CodeForm(posted(request), conference=conference)
    if form.is_bound and form.is_valid():
        try:
            code = make_code(conference=conference, by=actor_of(request), **form.cleaned_data)
            messages.success(request, _("The new join code is %(code)s.") % {"code": code})
            return redirect(PAGE, conference.pk)
        except ValidationError as refusal:
            form.add_error(None, refusal)
    return page(request, conference, "add_code", form=form)


def _code_or_404(conference: Conference, code_id: int) -> JoinCode:
    code = get_object_or_404(JoinCode, conference=conference, pk=code_id)
    code.conference = conference
    return code


@require_safe
def slide(request: PersonRequest, pk: int, code_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, pk, ADMIT)
    card = code_card(_code_or_404(conference, code_id))
    return render(request, "admin/conferences/joining/slide.html", {"conference": conference, "card": card})


@asking
def renew(request: PersonRequest, pk: int, code_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, pk, ADMIT)
    code = _code_or_404(conference, code_id)
    now = {"name": code.name, "most_uses": code.most_uses, "expires_at": code.expires_at}
    form = CodeForm(posted(request), conference=conference, initial=now)
    if form.is_bound and form.is_valid():
        try:
            new = renew_code(code=code, by=actor_of(request), **form.cleaned_data)
            messages.success(request, _("The new join code is %(code)s.") % {"code": new})
            return redirect(PAGE, conference.pk)
        except ValidationError as refusal:
            form.add_error(None, refusal)
    return page(request, conference, "renew", form=form, code=code)


@asking
def end(request: PersonRequest, pk: int, code_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, pk, ADMIT)
    code = _code_or_404(conference, code_id)
    if request.method != "POST":
        return page(request, conference, "end", code=code)
    if end_code(code=code, by=actor_of(request)) is Change.MADE:
        messages.success(request, _("The join code %(code)s no longer admits anyone.") % {"code": code})
    else:
        messages.warning(request, _("The join code %(code)s had already been ended.") % {"code": code})
    return redirect(PAGE, conference.pk)


@asking
def answer(request: PersonRequest, pk: int, request_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, pk, ADMIT)
    asked = get_object_or_404(
        JoinRequest.objects.select_related("user"), conference=conference, pk=request_id
    )
    form = AnswerForm(posted(request))
    if form.is_bound and form.is_valid() and _answer(request, asked, form):
        return redirect(PAGE, conference.pk)
    return page(request, conference, "answer", form=form, asked=asked)


def _answer(request: PersonRequest, asked: JoinRequest, form: AnswerForm) -> bool:
    try:
        answer_request(
            asked=asked,
            answer=request.POST.get("answer", ""),
            reason=form.cleaned_data["reason"],
            by=actor_of(request),
        )
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    is_in = asked.answer == JoinRequest.Answer.ACCEPTED
    said = _("%(name)s is now a member.") if is_in else _("Declined: %(name)s.")
    messages.success(request, said % {"name": asked})
    return True

"""“My ticket is under another address”: a code to that address shows that it is the person's.

Until the right code is typed nothing here reads the roster, so neither an answer nor its time depends on it.
"""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.actors import actor_of
from accounts.codes import EmailedCode
from accounts.forms import AddressForm, CodeForm
from accounts.issued_codes import issue_code
from accounts.linked_addresses import confirmed_addresses
from accounts.requests import PersonRequest
from accounts.views.codes import check_code, code_context, count_email
from confbox.kit.form_pages import asking, form_is_on
from conferences.models import Conference
from conferences.tickets.actions import Claim, claim_ticket, confirm_ticket
from conferences.tickets.panels import ticket_panel

PURPOSE = "ticket"


@never_cache
@asking
def ticket(request: PersonRequest, slug: str) -> HttpResponse:
    conference = _conference(request, slug)
    form = AddressForm(request.POST or None)
    form.fields["email"].label = _("Email address of your ticket")
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if email in confirmed_addresses(request.user):
            return _claim(request, conference, email)
        try:
            if not EmailedCode(request.session, PURPOSE).was_just_sent_to(email):
                _send_code(request, email)
            return redirect("ticket-code", slug)
        except ValidationError as refusal:
            form.add_error("email", refusal)
    panel = ticket_panel(request.user, conference)
    context = {"conference": conference, "form": form, "panel": panel}
    return render(request, "conferences/tickets/ticket.html", context)


def _conference(request: PersonRequest, slug: str) -> Conference:
    return get_object_or_404(Conference.objects.as_of_now().visible_to(request.user), slug=slug)


def _send_code(request: PersonRequest, email: str) -> None:
    count_email(request, email)
    issue_code(session=request.session, purpose=PURPOSE, email=email)


@never_cache
@asking
def code(request: PersonRequest, slug: str) -> HttpResponse:
    conference, sent = _conference(request, slug), EmailedCode(request.session, PURPOSE)
    if not sent.state:
        return redirect("ticket", slug)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            check_code(request, sent, form.cleaned_data["code"])
            return _confirm(request, conference, sent)
        except ValidationError as refusal:
            form.add_error("code", refusal)
    context = {"conference": conference, "form": form} | code_context(sent)
    return render(request, "conferences/tickets/code.html", context)


def _confirm(request: PersonRequest, conference: Conference, sent: EmailedCode) -> HttpResponse:
    email = sent.email
    sent.drop()
    try:
        claim = confirm_ticket(conference=conference, by=actor_of(request), email=email)
    except ValidationError as refusal:
        return _refused(request, conference, refusal)
    return _answer(request, conference, claim, email)


@form_is_on("ticket")
@require_POST
def resend(request: PersonRequest, slug: str) -> HttpResponse:
    sent = EmailedCode(request.session, PURPOSE)
    if not sent.state:
        return redirect("ticket", slug)
    try:
        _send_code(request, sent.email)
        messages.success(request, _("A new code is on its way. The previous one no longer works."))
    except ValidationError as refusal:
        messages.error(request, refusal.message)
    return redirect("ticket-code", slug)


@form_is_on("ticket")
@require_POST
def claim(request: PersonRequest, slug: str) -> HttpResponse:
    """For a ticket under an address that is already confirmed."""
    return _claim(request, _conference(request, slug), "")


def _claim(request: PersonRequest, conference: Conference, email: str) -> HttpResponse:
    try:
        found = claim_ticket(conference=conference, by=actor_of(request), email=email)
    except ValidationError as refusal:
        return _refused(request, conference, refusal)
    return _answer(request, conference, found, email)


def _refused(request: PersonRequest, conference: Conference, refusal: ValidationError) -> HttpResponse:
    messages.error(request, refusal.message)
    return redirect(conference)


def _answer(request: PersonRequest, conference: Conference, claim: Claim, email: str) -> HttpResponse:
    """The owner of a confirmed address learns whether a ticket is under it."""
    if claim is Claim.NOT_FOUND:
        messages.warning(
            request,
            _(
                "There is no unclaimed ticket under your confirmed email addresses. Try the email "
                "address with which the ticket was bought, or ask the organisers."
            ),
        )
        return redirect("ticket", conference.slug)
    said = {
        Claim.JOINED: _("Your ticket was found, and you have joined %(conference)s."),
        Claim.CLAIMED: _("Your ticket was found. You are on the organisers’ list of participants."),
        Claim.HAD_ONE: _("You already have a ticket for %(conference)s."),
    }
    messages.success(request, said[claim] % {"conference": conference})
    return redirect(conference)

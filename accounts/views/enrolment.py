"""The code that comes before a first second factor."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.codes import NO_CODE, VOID, WRONG, WRONG_AT_LAST, EmailedCode, void_code
from accounts.enrolment import PURPOSE, codes_in_the_making, mark_confirmed
from accounts.forms import CodeForm
from accounts.issued_codes import issue_code
from accounts.requests import PersonRequest
from accounts.security_log import log_failed_code
from accounts.views.codes import code_context, count_email
from confbox.kit.form_pages import asking

NEXT = "enrolment_next"
# Input that is not a code at all does not count as a try, so it is the only refusal.
WORST = [VOID, WRONG_AT_LAST, WRONG, NO_CODE]


@never_cache
@asking
def confirm_enrolment(request: PersonRequest) -> HttpResponse:
    back = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        request.session[NEXT] = back
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _check(request, form.cleaned_data["code"])
            mark_confirmed(request)
            return redirect(request.session.pop(NEXT, "") or "mfa_index")
        except ValidationError as refusal:
            form.add_error("code", refusal)
    codes = codes_in_the_making(request)
    newest = codes[0] if codes else EmailedCode({}, PURPOSE)
    context = {"form": form, "is_sent": bool(codes)} | code_context(newest) | {"email": request.user.email}
    return render(request, "accounts/confirm_enrolment.html", context)


def _check(request: PersonRequest, typed: str) -> None:
    """Raises if it is none of the codes, with the refusal of the one that has tries left."""
    refusals = []
    for code in codes_in_the_making(request):
        try:
            code.check(typed)
        except ValidationError as refusal:
            refusals.append(refusal)
        else:
            return
    refusals.sort(key=lambda refusal: WORST.index(str(refusal.code)))
    if not refusals or refusals[-1].code != NO_CODE:
        log_failed_code(request, PURPOSE, request.user.email)
    raise refusals[-1] if refusals else void_code()


@require_POST
def send_enrolment_code(request: PersonRequest) -> HttpResponse:
    email = request.user.email
    if EmailedCode(request.session, PURPOSE).was_just_sent_to(email):
        return redirect("confirm-enrolment")
    try:
        count_email(request, email)
    except ValidationError as refusal:
        messages.error(request, refusal.message)
        return redirect("confirm-enrolment")
    issue_code(session=request.session, purpose=PURPOSE, email=email)
    messages.success(request, _("A code is on its way."))
    return redirect("confirm-enrolment")

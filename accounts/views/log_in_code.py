"""Log-in with a code by email instead of a password.

Only the worker that sends emails and a right code reveal whether there is an account with this email
address; the page that asks never does.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.codes import EmailedCode, void_code
from accounts.forms import AddressForm, LogInCodeForm
from accounts.issued_codes import issue_code
from accounts.log_in_code import log_in_with_code
from accounts.models import User
from accounts.views.codes import check_code, code_context, count_email
from confbox.kit.form_pages import asking, posted, way_back
from confbox.kit.menus import lead_back

PURPOSE = "log-in"
# Where the person was going when they had to log in.
NEXT = "log_in_next"
# Where the last log-in led: a person who confirms again is redirected there again.
LED_TO = "log-in-led-to"


@login_not_required
@never_cache
@asking
def request_log_in_code(request: HttpRequest) -> HttpResponse:
    back = way_back(request, "")
    if request.user.is_authenticated:
        return redirect(back or resolve_url("me"))
    form = AddressForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            if not EmailedCode(request.session, PURPOSE).was_just_sent_to(form.cleaned_data["email"]):
                _send_code(request, form.cleaned_data["email"])
            request.session[NEXT] = back
            return redirect("confirm-log-in-code")
        except ValidationError as refusal:
            form.add_error("email", refusal)
    lead_back(request, back)
    return render(request, "accounts/log_in_code.html", {"form": form, "back": back})


def _send_code(request: HttpRequest, email: str) -> None:
    count_email(request, email)
    issue_code(session=request.session, purpose=PURPOSE, email=email)


@login_not_required
@never_cache
@asking
def confirm_log_in_code(request: HttpRequest) -> HttpResponse:
    code = EmailedCode(request.session, PURPOSE)
    if request.user.is_authenticated or not code.state:
        return redirect(request.session.get(LED_TO, "request-log-in-code"))
    form = LogInCodeForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            return _finish(request, code, form.cleaned_data)
        except ValidationError as refusal:
            form.add_error("code", refusal)
    lead_back(request, request.session.get(NEXT, ""))
    return render(request, "accounts/confirm_log_in_code.html", {"form": form} | code_context(code))


def _finish(request: HttpRequest, code: EmailedCode, typed: dict[str, str | bool]) -> HttpResponse:
    check_code(request, code, str(typed["code"]))
    user = User.objects.active().filter(email=code.email).first()
    if user is None:
        raise void_code()
    code.drop()
    url = request.session.pop(NEXT, "") or None
    response = log_in_with_code(request, user, url=url, is_remembered=bool(typed["remember"]))
    request.session[LED_TO] = response.headers["Location"]
    return response


@login_not_required
@require_POST
def resend_log_in_code(request: HttpRequest) -> HttpResponse:
    code = EmailedCode(request.session, PURPOSE)
    if not code.state:
        return redirect("request-log-in-code")
    try:
        _send_code(request, code.email)
        messages.success(request, _("A new code is on its way. The previous one no longer works."))
    except ValidationError as refusal:
        messages.error(request, refusal.message)
    return redirect("confirm-log-in-code")

"""Sign-up. Everything is kept in the browser's own session until the emailed code is entered.

So no one can take an email address that is not theirs, and a known email address is answered by exactly the
same work as a new one.
"""

from contextlib import nullcontext
from typing import Any
from zoneinfo import ZoneInfo

from allauth.account.views import SignupView
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import actions
from accounts.actors import actor_of
from accounts.codes import EmailedCode
from accounts.email_limits import counting_email
from accounts.first_log_in import log_in_new_person
from accounts.forms import AddressForm, CodeForm, SignUpForm
from accounts.hashers import hashing_turn
from accounts.invited_address import invited_address
from accounts.issued_codes import issue_code
from accounts.password_attempts import record_failure
from accounts.views.codes import check_code, code_context, count_email
from confbox.kit.form_pages import asking
from confbox.kit.limits import LimitReached
from confbox.kit.menus import lead_back

PURPOSE = "signup"
# Where the session's sign-up led: a person who confirms again is redirected there again.
LED_TO = "signup-led-to"


@method_decorator(login_not_required, name="dispatch")
class SignUp(SignupView):  # type: ignore[misc]
    def get_form_class(self) -> type[SignUpForm]:
        return SignUpForm

    def get_initial(self) -> dict[str, Any]:
        email = invited_address(self.request, self.get_next_url())
        initial: dict[str, Any] = super().get_initial()
        return initial | ({"email": email} if email else {})

    def form_invalid(self, form: SignUpForm) -> HttpResponse:
        record_failure(self.request)
        return super().form_invalid(form)  # type: ignore[no-any-return]

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        data = form.cleaned_data
        is_sent = EmailedCode(self.request.session, PURPOSE).was_just_sent_to(data["email"])
        try:
            # Counted before the password is hashed, which costs more than the count, but not while it waits
            # for its turn, because a form that waits is sent again every few seconds.
            with hashing_turn(), nullcontext() if is_sent else counting_email(self.request, data["email"]):
                password = make_password(data["password1"])
        except ValidationError as refusal:
            if getattr(refusal, "code", "") == "busy":
                raise
            if isinstance(refusal, LimitReached):
                record_failure(self.request)
            form.add_error("email", refusal)
            return self.render_to_response(self.get_context_data(form=form))  # type: ignore[no-any-return]
        pending = {name: data[name] for name in ("name", "profession", "time_zone")}
        pending |= {"password": password, "next": self.get_next_url() or ""}
        self.request.session[PURPOSE] = pending
        if not is_sent:
            issue_code(session=self.request.session, purpose=PURPOSE, email=data["email"])
        return redirect("confirm-signup")


@login_not_required
@never_cache
@asking
def confirm_signup(request: HttpRequest) -> HttpResponse:
    if PURPOSE not in request.session:
        return redirect(request.session.get(LED_TO, "account_signup"))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _finish(request, form.cleaned_data["code"])
        except ValidationError as refusal:
            form.add_error("code", refusal)
    return _page(request, form=form)


def _finish(request: HttpRequest, typed: str) -> HttpResponse:
    code = EmailedCode(request.session, PURPOSE)
    check_code(request, code, typed)
    pending = request.session[PURPOSE]
    user = actions.register_user(
        email=code.email,
        name=pending["name"],
        profession=pending["profession"],
        time_zone=pending.get("time_zone", "UTC"),
        password_hash=pending["password"],
        by=actor_of(request),
        language=get_language(),
    )
    code.drop()
    del request.session[PURPOSE]
    messages.success(request, _("Welcome, %(name)s. Your email address is confirmed.") % {"name": user})
    response = log_in_new_person(request, user, url=pending["next"] or None)
    request.session[LED_TO] = response.headers["Location"]
    return response


def _page(request: HttpRequest, **context: Any) -> HttpResponse:
    context |= code_context(EmailedCode(request.session, PURPOSE))
    context.setdefault("address_form", AddressForm())
    lead_back(request, request.session[PURPOSE]["next"])
    with timezone.override(ZoneInfo(request.session[PURPOSE].get("time_zone", "UTC"))):
        return render(request, "accounts/confirm_signup.html", context)


@login_not_required
@require_POST
def resend_signup_code(request: HttpRequest) -> HttpResponse:
    code = EmailedCode(request.session, PURPOSE)
    if PURPOSE not in request.session:
        return redirect("account_signup")
    try:
        count_email(request, code.email)
        issue_code(session=request.session, purpose=PURPOSE, email=code.email)
        messages.success(request, _("A new code is on its way. The previous one no longer works."))
    except ValidationError as refusal:
        messages.error(request, refusal.message)
    return redirect("confirm-signup")


@login_not_required
@require_POST
def change_signup_address(request: HttpRequest) -> HttpResponse:
    if PURPOSE not in request.session:
        return redirect("account_signup")
    form = AddressForm(request.POST)
    if form.is_valid():
        try:
            email = form.cleaned_data["email"]
            if not EmailedCode(request.session, PURPOSE).was_just_sent_to(email):
                count_email(request, email)
                issue_code(session=request.session, purpose=PURPOSE, email=email)
            return redirect("confirm-signup")
        except ValidationError as refusal:
            form.add_error("email", refusal)
    return _page(request, form=CodeForm(), address_form=form)

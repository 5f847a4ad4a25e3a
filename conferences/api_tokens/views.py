from collections.abc import Collection

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.actors import actor_of
from accounts.enrolment import SECOND_FACTORS, has_passed_second_factor
from accounts.reauthentication import require_fresh_log_in, suspend
from accounts.requests import PersonRequest, is_sent_again
from accounts.session_lifetime import page_to_ask
from confbox.kit.form_pages import asking, posted
from confbox.kit.limits import Limit, count_use
from confbox.kit.outcomes import Change
from conferences.api_access.models import OF_ORGANISERS, ApiToken
from conferences.api_tokens import actions
from conferences.api_tokens.forms import TokenForm
from conferences.api_tokens.panels import tokens_of
from conferences.api_tokens.words import conferences_in_words, scopes_of

# Each is an email.
TOKENS = Limit("API tokens made", person="20/h,60/d")


@require_safe
def api_tokens(request: PersonRequest) -> HttpResponse:
    return render(request, "conferences/api_tokens/tokens.html", {"tokens": tokens_of(request.user)})


@asking
@never_cache
def make_token(request: PersonRequest) -> HttpResponse:
    require_fresh_log_in(request, _("You are about to make an API token."))
    form = TokenForm(posted(request), person=request.user)
    if request.method == "POST" and form.is_valid():
        if _has_to_show_second_factor(request, form.cleaned_data["scopes"]):
            return suspend(request, page_to_ask(request.user))
        if is_sent_again(request):
            return _sent_again(request)
        try:
            return _made(request, form)
        except ValidationError as refusal:
            form.add_error(None, refusal)
    return render(request, "conferences/api_tokens/new.html", {"form": form})


def _has_to_show_second_factor(request: PersonRequest, scopes: Collection[str]) -> bool:
    """Without any second factor there is nothing to show, and the verb refuses."""
    is_asked = settings.STAFF_MFA_REQUIRED and OF_ORGANISERS & set(scopes)
    is_shown = is_asked and has_passed_second_factor(request)
    return bool(is_asked) and not is_shown and is_mfa_enabled(request.user, SECOND_FACTORS)


def _sent_again(request: PersonRequest) -> HttpResponse:
    sentence = _(
        "You have sent this form before. A token is shown only once: if you have not copied it, end it and "
        "make a new one."
    )
    messages.info(request, sentence)
    return redirect("api-tokens")


def _made(request: PersonRequest, form: TokenForm) -> HttpResponse:
    """The only response with the token: no redirect, for which it would have to be kept."""
    count_use(TOKENS, request)
    made = actions.make_token(by=actor_of(request), **form.token)
    context = {"token": made.token, "text": made.text, "scopes": scopes_of(made.token)}
    context |= {"conferences": conferences_in_words(made.token)}
    return render(request, "conferences/api_tokens/made.html", context)


@asking
def end_token(request: PersonRequest, token_id: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=token_id, owner=request.user)
    if request.method != "POST" and token.is_active():
        return render(request, "conferences/api_tokens/end.html", {"token": token})
    ended = actions.end_token(token=token, by=actor_of(request)) if request.method == "POST" else Change.NONE
    if ended is Change.MADE:
        messages.success(request, _("The token “%(name)s” has been ended.") % {"name": token})
    else:
        messages.info(request, _("The token “%(name)s” had already ended.") % {"name": token})
    return redirect("api-tokens")

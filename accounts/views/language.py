from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from accounts import actions
from accounts.actors import actor_of
from accounts.models import User
from confbox.kit.form_pages import page_before
from confbox.kit.languages import is_spoken


@csrf_exempt  # A token in every footer would make every page differ for every visitor.
@login_not_required
def choose_language(request: HttpRequest) -> HttpResponse:
    return (csrf_protect(speak) if request.user.is_authenticated else speak)(request)


@require_POST
def speak(request: HttpRequest) -> HttpResponse:
    """Stores the language in the browser, and for a person in their settings; then returns to the page."""
    language = request.POST.get("language", "")
    if not is_spoken(language):
        return HttpResponseBadRequest()
    if isinstance(request.user, User):
        actions.change_own_account(columns={"language": language}, by=actor_of(request))
    response = redirect(page_before(request))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        samesite="Lax",
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
    )
    return response

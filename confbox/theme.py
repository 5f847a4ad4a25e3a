"""Light or dark, as the person chose; stored in a cookie, so that a page is right from its first byte."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from confbox.kit.form_pages import page_before

YEAR = 365 * 24 * 3600


@csrf_exempt  # A token in every footer would make every page different; all this does is set a colour.
@login_not_required
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    theme = request.POST.get("theme")
    if theme not in ("light", "dark", "auto"):
        return HttpResponseBadRequest()
    response = redirect(page_before(request))
    if theme == "auto":
        response.delete_cookie(settings.THEME_COOKIE_NAME, samesite="Lax")
    else:
        response.set_cookie(
            settings.THEME_COOKIE_NAME,
            theme,
            max_age=YEAR,
            samesite="Lax",
            secure=settings.HTTPS,
            httponly=True,
        )
    return response

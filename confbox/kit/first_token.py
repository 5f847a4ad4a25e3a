from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie

View = Callable[[HttpRequest], HttpResponse]


def sets_first_token(view: View) -> View:
    """Sets the CSRF cookie for a visitor who has none.

    Django's own decorator sets it again at every visit, so that no response could be kept for others.
    """
    with_cookie = ensure_csrf_cookie(view)

    @wraps(view)
    def page(request: HttpRequest) -> HttpResponse:
        has_one = settings.CSRF_COOKIE_NAME in request.COOKIES
        return view(request) if has_one else with_cookie(request)

    return page

"""The site's own middleware for the language does what Django's does."""

import pytest
from django.http import HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.test import RequestFactory
from django.utils import translation

from confbox.locale import Locale


def answered(middleware, *, cookie, header, status):
    """The language within the request, and what the response says of it."""
    within = []

    def view(request):
        within.append((translation.get_language(), request.LANGUAGE_CODE))
        return HttpResponse(status=status, headers={"Vary": "Cookie"})

    request = RequestFactory().get("/de/conferences/", headers={"accept-language": header})
    if cookie:
        request.COOKIES["django_language"] = cookie
    with translation.override("en"):
        response = middleware(view)(request)
    return within, response.headers["Content-Language"], response.headers["Vary"], response.status_code


@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize("cookie", ["", "fr", "no-such"])
@pytest.mark.parametrize("header", ["", "de", "de-AT, en;q=0.5", "xx", "*", "hi;q=0.1, es"])
def test_language_is_that_of_django(settings, cookie, header, status):
    settings.LANGUAGE_COOKIE_NAME = "django_language"
    given = {"cookie": cookie, "header": header, "status": status}
    assert answered(Locale, **given) == answered(LocaleMiddleware, **given)


def test_control_another_language_would_be_noticed():
    given = {"cookie": "", "status": 200}
    assert answered(Locale, header="de", **given) != answered(Locale, header="fr", **given)

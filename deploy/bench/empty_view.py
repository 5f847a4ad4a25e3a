"""The least that Django can do: no middleware, no database, a view that redirects."""

from django.conf import settings

settings.configure(ALLOWED_HOSTS=["*"], MIDDLEWARE=[], ROOT_URLCONF=__name__, SECRET_KEY="-", USE_TZ=True)  # noqa: S106

import django

django.setup()

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=303, headers={"Location": "/", "Content-Length": "0"})


urlpatterns = [path("conferences/<slug:slug>/vote/", lambda request, slug: empty(request))]
application = WSGIHandler()

"""The pages about the API: the reference to try out, where to start, and what each kind of problem means."""

from dataclasses import replace

from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.html import escape
from django.views.decorators.http import require_safe

from confbox.kit.api.problems import KINDS
from confbox.kit.handbooks.reading import page_of_file

EXAMPLE_SITE = "https://conferences.example.org"
START = settings.BASE_DIR / "confbox/api/start.md"


# The reference has its texts cleaned by a library that names its policy; the site has only the default one.
@csp_update({"trusted-types": ["dompurify"]})
@login_not_required
@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """A log-in tries operations out with the CSRF token of the page."""
    token = get_token(request) if request.user.is_authenticated else ""
    return render(request, "api/reference.html", {"token": token})


@login_not_required
@require_safe
def api_start(request: HttpRequest) -> HttpResponse:
    """With the URL of this site in the lines that are copied."""
    chapter = page_of_file(START)
    html = chapter.html.replace(EXAMPLE_SITE, escape(settings.SITE_URL))
    return render(request, "api/start.html", {"chapter": replace(chapter, html=html)})


@login_not_required
@require_safe
def api_problem(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in KINDS:
        raise Http404
    by_status = dict(sorted(KINDS.items(), key=lambda item: item[1].status))
    return render(request, "api/problem.html", {"kind": kind, "problem": KINDS[kind], "problems": by_status})

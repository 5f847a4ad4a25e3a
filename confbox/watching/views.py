"""What `manage.py doctor` finds, as a page for the organisers of the site; figures for Prometheus."""

from django.conf import settings
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from confbox.watching.checks import all_checks
from confbox.watching.metrics import metrics_text
from confbox.watching.running import run_checks
from conferences.overview.undelivered import may_read


@require_safe
def doctor(request: PersonRequest) -> HttpResponse:
    if not may_read(request.user):
        raise PermissionDenied
    checked = run_checks(all_checks.CHECKS)
    context = admin.site.each_context(request) | {
        "title": _("State of this site"),
        "checked": sorted(checked, key=lambda each: -each.verdict),
    }
    return TemplateResponse(request, "admin/doctor/doctor.html", context)


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Only with the token of the settings, which is never in a URL; without one, there is no such page."""
    expected = f"Bearer {settings.METRICS_TOKEN}"
    given = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not constant_time_compare(given.encode(), expected.encode()):
        raise Http404
    return HttpResponse(metrics_text(), content_type="text/plain; version=0.0.4; charset=utf-8")


def doctor_urls(site: AdminSite) -> list[URLPattern]:
    return [path("doctor/", site.admin_view(doctor), name="doctor")]

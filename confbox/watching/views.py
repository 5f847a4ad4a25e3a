"""What `manage.py doctor` finds, as a page for the organisers of the site."""

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from confbox.watching.checks import all_checks
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


def doctor_urls(site: AdminSite) -> list[URLPattern]:
    return [path("doctor/", site.admin_view(doctor), name="doctor")]

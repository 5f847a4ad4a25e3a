"""What every page of a team starts with: the permission check, and what all pages show."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from conferences.models import Conference, Series
from conferences.organising.pages import tab_context

READ, CHANGE = "conferences.view_teammember", "conferences.change_teammember"
Scope = Series | Conference


def scope_or_refuse(request: HttpRequest, model: type[Scope], pk: int, permission: str = CHANGE) -> Any:
    """The series or conference, if the person has the permission in it; else it does not exist for them."""
    if not request.user.has_perm(permission):
        raise PermissionDenied
    scope = get_object_or_404(model.objects.managed_by(request.user, READ), pk=pk)
    if not request.user.has_perm(permission, scope):
        raise PermissionDenied
    return scope


def team_url(scope: Scope) -> str:
    return reverse(f"admin:{_prefix(scope)}", args=[scope.pk])


def url_of(scope: Scope, name: str, *ids: int) -> str:
    return reverse(f"admin:{_prefix(scope)}_{name}", args=[scope.pk, *ids])


def _prefix(scope: Scope) -> str:
    return "conferences_team" if isinstance(scope, Conference) else "conferences_series_team"


def _series_team_url(request: HttpRequest, scope: Scope) -> str:
    """For those who may open it."""
    series = scope.series if isinstance(scope, Conference) else None
    return team_url(series) if series and request.user.has_perm("conferences.view_series", series) else ""


def _url_of_scope(scope: Scope) -> str:
    is_conference = isinstance(scope, Conference)
    return reverse(f"admin:conferences_{'overview' if is_conference else 'series_change'}", args=[scope.pk])


def page(request: HttpRequest, scope: Scope, template: str, **context: Any) -> HttpResponse:
    kind = scope._meta.model_name
    shared = admin.site.each_context(request) | {
        "opts": scope._meta,
        "title": str(scope),
        "scope": scope,
        "team_url": team_url(scope),
        "scope_url": _url_of_scope(scope),
        "series_team_url": _series_team_url(request, scope),
        "list_url": reverse(f"admin:conferences_{kind}_changelist"),
    }
    if isinstance(scope, Conference):
        shared |= tab_context(request, scope, "team")
    return TemplateResponse(request, f"admin/conferences/teams/{template}.html", shared | context)

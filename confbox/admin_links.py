from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.contenttypes.models import ContentType
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.permissions import runs_something
from confbox.kit.form_pages import way_back
from conferences.models import Conference


def for_teams(log_in: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The log-in of the admin, which leads a person who is logged in to the page they asked for."""

    @login_not_required
    def view(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not request.user.is_authenticated:
            return log_in(request, extra_context)
        if not runs_something(request.user):
            return render(request, "not_in_a_team.html", status=403)
        return redirect(way_back(request, reverse("admin:index")))

    return view


def creating_in_steps(app_list: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """The list of all pages of the admin: “Add” of conferences leads to the steps, not to the long form."""

    def with_steps(request: HttpRequest, app_label: str | None = None) -> list[Any]:
        found = app_list(request, app_label)
        for model in (model for app in found for model in app["models"]):
            if model["model"] is Conference and model["add_url"]:
                model["add_url"] = reverse("admin:conferences_create")
        return found

    return with_steps


def view_on_site(request: HttpRequest, content_type_id: str, object_id: str) -> HttpResponse:
    """Redirects from an object to its page, if the person may see the object in the admin.

    Django's own view does so for all staff and would reveal the URL of a draft.
    """
    model_admin, row = _row(request, content_type_id, object_id)
    if row is None or not model_admin.has_view_permission(request, row):
        raise Http404
    url = model_admin.view_on_site(row) if callable(model_admin.view_on_site) else row.get_absolute_url()
    if not url:
        raise Http404
    return redirect(url)


def _row(request: HttpRequest, content_type_id: str, object_id: str) -> tuple[Any, Any]:
    """The object as the admin's own list would find it, if its model has pages and an admin."""
    kind = (
        ContentType.objects.filter(pk=content_type_id).first()
        if content_type_id.isascii() and content_type_id.isdigit()
        else None
    )
    if kind is None or (kind.app_label, kind.model) not in _registered():
        raise Http404
    model = apps.get_model(kind.app_label, kind.model)
    model_admin: Any = admin.site.get_model_admin(model)
    if not model_admin.view_on_site or not hasattr(model, "get_absolute_url"):
        raise Http404
    return model_admin, model_admin.get_object(request, object_id)


def _registered() -> set[tuple[str, str]]:
    return {(model._meta.app_label, model._meta.model_name or "") for model in admin.site._registry}

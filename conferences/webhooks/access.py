"""What every page of webhooks starts with: the permission check, and what all pages show."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables

from accounts.reauthentication import require_fresh_log_in
from confbox.kit.encryption import decrypt, encrypt
from conferences.models import Conference
from conferences.organising.pages import tab_context
from conferences.outbox.models import WebhookEndpoint, WebhookMessage
from conferences.teams.access import scope_or_refuse
from conferences.webhooks.links import CHANGE, Scope, url_of_list

SHOWN_ONCE = "webhook_secret"


def scope_of(request: HttpRequest, model: type[Scope], pk: int) -> Any:
    """The series or conference, for those who may change it; they confirm who they are before each change."""
    scope = scope_or_refuse(request, model, pk, CHANGE)
    if isinstance(scope, Conference) and scope.is_rehearsal:
        raise Http404
    if request.method == "POST":
        require_fresh_log_in(request)
    return scope


def endpoint_of(scope: Scope, endpoint_id: int) -> WebhookEndpoint:
    endpoints = WebhookEndpoint.objects.kept().of_scope(scope).select_related("series", "conference")
    return get_object_or_404(endpoints, pk=endpoint_id)


def message_of(scope: Scope, message_id: int) -> WebhookMessage:
    own = WebhookEndpoint.objects.kept().of_scope(scope)
    messages = WebhookMessage.objects.select_related("event", "endpoint__series", "endpoint__conference")
    return get_object_or_404(messages.filter(endpoint__in=own), pk=message_id)


def page(request: HttpRequest, scope: Scope, template: str, **context: Any) -> HttpResponse:
    is_conference = isinstance(scope, Conference)
    shared = admin.site.each_context(request) | {
        "opts": scope._meta,
        "title": str(scope),
        "scope": scope,
        "list_url": url_of_list(scope),
        "scope_url": reverse(
            f"admin:conferences_{'overview' if is_conference else 'series_change'}", args=[scope.pk]
        ),
        "scopes_url": reverse(f"admin:conferences_{scope._meta.model_name}_changelist"),
    }
    if isinstance(scope, Conference):
        shared |= tab_context(request, scope, "webhooks")
    return TemplateResponse(request, f"admin/conferences/webhooks/{template}.html", shared | context)


@sensitive_variables()
def keep_to_show_once(request: HttpRequest, endpoint: WebhookEndpoint, secret: str) -> None:
    """Until the next page shows it, encrypted: sessions are rows of a table."""
    request.session[SHOWN_ONCE] = {"endpoint": endpoint.pk, "secret": encrypt(secret)}


@sensitive_variables()
def secret_to_show(request: HttpRequest, endpoint: WebhookEndpoint) -> str:
    kept = request.session.get(SHOWN_ONCE)
    if not kept or kept["endpoint"] != endpoint.pk:
        return ""
    del request.session[SHOWN_ONCE]
    return decrypt(kept["secret"])

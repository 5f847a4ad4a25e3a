from functools import partial
from typing import Any

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from confbox.kit import url_converters  # noqa: F401  (registers the converter)
from conferences.webhooks import admin_views
from conferences.webhooks.links import Scope, prefix_of


def webhook_urls(site: AdminSite, model: type[Scope]) -> list[URLPattern]:
    every = "<row:pk>/webhooks/"
    one = f"{every}<row:hook_id>/"
    pages: list[tuple[str, Any, str]] = [
        (every, admin_views.webhooks, ""),
        (one, admin_views.webhook, "_one"),
        (f"{one}change/", admin_views.change, "_change"),
        (f"{one}secret/", admin_views.secret, "_secret"),
        (f"{one}test/", admin_views.test, "_test"),
        (f"{one}switch/", admin_views.switch, "_switch"),
        (f"{one}delete/", admin_views.delete, "_delete"),
        (f"{every}sent/<row:message_id>/", admin_views.message, "_message"),
    ]
    return [
        path(route, site.admin_view(partial(view, model=model)), name=f"{prefix_of(model)}{name}")
        for route, view, name in pages
    ]

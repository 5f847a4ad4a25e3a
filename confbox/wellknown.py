"""URLs that browsers and crawlers request automatically."""

import textwrap
from datetime import UTC, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

# Calendars are not listed: services that fetch one for a person obey this file. Their own headers keep them
# out of search indexes.
PRIVATE = ("accounts/", "admin/", "api/", "invitation/", "me/", "people/", "unsubscribe/")
# RFC 9116 recommends less than a year, so that an abandoned site stops showing its contact.
SECURITY_DAYS = 180
SHORT_NAME = 12
PAPER, BERRY = "#faf7f8", "#9b1b5a"


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    return redirect(static("img/favicon.ico"))


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: /{path}" for path in PRIVATE)]
    lines += ["", f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}"]
    return _plain(lines)


@login_not_required
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Where to report a vulnerability (RFC 9116); missing if no contact is configured."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    today = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {today + timedelta(days=SECURITY_DAYS):%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(code for code, _name in settings.LANGUAGES)}",
        f"Canonical: {settings.SITE_URL}{reverse('security')}",
    ]
    return _plain(lines)


def _plain(lines: list[str]) -> HttpResponse:
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to add the site to its home screen."""
    described = {
        "name": settings.SITE_NAME,
        "short_name": short_name(settings.SITE_NAME),
        "description": _("Join a conference and vote for the member who should speak."),
        "lang": get_language(),
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": BERRY,
        "icons": [
            _icon("icon-192", 192),
            _icon("icon-512", 512),
            _icon("icon-maskable-512", 512, "maskable"),
        ],
    }
    return JsonResponse(described, content_type="application/manifest+json")


def short_name(name: str) -> str:
    """As many whole words as fit below an icon, and at least one."""
    short = textwrap.shorten(name, SHORT_NAME, placeholder="", break_long_words=False)
    return short or name.split(maxsplit=1)[0]


def _icon(name: str, side: int, purpose: str = "any") -> dict[str, str]:
    return {
        "src": static(f"img/{name}.png"),
        "sizes": f"{side}x{side}",
        "type": "image/png",
        "purpose": purpose,
    }

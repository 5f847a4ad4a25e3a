from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps.views import sitemap
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from accounts.actors import actor_of
from accounts.calendar_keys import owner_of, remove_calendar_key, renew_calendar_key
from accounts.requests import PersonRequest
from confbox.kit.limits import Limit, heavy_work
from confbox.kit.outcomes import Change
from conferences.models import Conference
from conferences.sharing.calendars import calendar_of
from conferences.sharing.cards import Card, cached_card, conference_card, draw_card, site_card
from conferences.sharing.feeds import ConferenceFeed
from conferences.sharing.sitemap import SITEMAPS

HOUR = 3600
# For cards that have to be drawn; requests for a stored one are not counted.
DRAWINGS = Limit("preview cards", network="60/m")


@login_not_required
@require_safe
def conference_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    conference = get_object_or_404(
        Conference.objects.visible_to(request.user).select_related("election"), slug=slug
    )
    return _calendar(calendar_of([conference], name=conference.title), f"{conference.slug}.ics")


@login_not_required
@require_safe
@cache_control(private=True, no_store=True)
def my_calendar(request: HttpRequest) -> HttpResponse:
    """The conferences of the person whose secret URL this is; no log-in is needed."""
    person = owner_of(request.GET.get("key", ""))
    if person is None:
        raise Http404
    # Their own are visible to them as a member, so no role in a team is asked for.
    joined = Conference.objects.joined_by(person).real().exclude(status=Conference.Status.DRAFT)
    mine = joined.select_related("election")
    mine = mine.order_by("starts_at", "pk")
    with override(person.language or get_language()):
        name = _("My conferences on %(site)s") % {"site": settings.SITE_NAME}
        return _calendar(calendar_of(mine, name=name), "conferences.ics")


def _calendar(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_POST
def renew_my_calendar(request: PersonRequest) -> HttpResponse:
    is_first = not request.user.calendar_key
    renew_calendar_key(by=actor_of(request))
    messages.success(
        request,
        _("Your calendar now has a link.")
        if is_first
        else _("Your calendar has a new link. The old one no longer works."),
    )
    return redirect("me")


@require_POST
def remove_my_calendar(request: PersonRequest) -> HttpResponse:
    if remove_calendar_key(by=actor_of(request)) is Change.MADE:
        messages.success(request, _("The link to your calendar no longer works."))
    return redirect("me")


@login_not_required
@require_safe
def site_picture(request: HttpRequest) -> HttpResponseBase:
    return card_response(request, site_card(), owner="site")


@login_not_required
@require_safe
def conference_picture(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Only of public conferences, even for members of others, because shared caches may store it."""
    conference = get_object_or_404(Conference.objects.listed_for(AnonymousUser()), slug=slug)
    return card_response(request, conference_card(conference), owner=f"conference-{conference.pk}")


def card_response(request: HttpRequest, card: Card, *, owner: str) -> HttpResponseBase:
    """The picture, or 304 before anything is drawn."""
    etag = f'"{card.digest}"'
    response = get_conditional_response(request, etag=etag)
    response = response or HttpResponse(_picture(request, card, owner), content_type="image/png")
    response.headers["ETag"] = etag
    # Other sites show it next to a link to the page.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    patch_cache_control(response, public=True, max_age=HOUR)
    return response


def _picture(request: HttpRequest, card: Card, owner: str) -> bytes:
    if kept := cached_card(card, owner=owner):
        return kept
    with heavy_work(DRAWINGS, request):
        return draw_card(card, owner=owner)


@login_not_required
@require_safe
def conference_sitemap(request: HttpRequest) -> HttpResponse:
    return sitemap(request, SITEMAPS, content_type="application/xml; charset=utf-8")


@login_not_required
@require_safe
def conference_feed(request: HttpRequest) -> HttpResponse:
    return ConferenceFeed()(request)

"""The web address of a conference that was merged into another one leads there."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect
from django.urls import ResolverMatch, reverse
from django.utils.translation import gettext as _

from confbox.kit.url_converters import is_row_number
from conferences.merging.names import duplicate_of, named, told_apart
from conferences.models import Conference, ConferenceChange

# A person who is in both, and leaves the one on an old page, is not to leave the other.
NOT_DONE_ELSEWHERE = {"leave-conference", "leave_conference"}
# Where organisers run a conference, and what its ID is called there.
PAGES = ("admin/conferences/conference/<", "admin/voting/votes/<")
IDS = ("pk", "conference_id", "object_id")
PERMANENTLY, WITH_THE_SAME_FORM, NOT_FOUND = 301, 308, 404


class OldAddresses:
    """Looks only if there is no such page, so other requests cost nothing. What a form sent is kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        slug = match.kwargs.get("slug") if match else None
        if response.status_code != NOT_FOUND or match is None:
            return response
        found = self._lead_on(request, slug) if slug else self._lead_organiser_on(request, match)
        return found or response

    def _lead_organiser_on(self, request: HttpRequest, match: ResolverMatch) -> HttpResponse | None:
        """From the organisers' pages of the duplicate, if they may see the other conference."""
        pk = str(next((match.kwargs[name] for name in IDS if name in match.kwargs), ""))
        is_read = request.method in ("GET", "HEAD")
        is_there = match.app_name == "admin" and match.route.startswith(PAGES)
        if not (is_read and is_there and is_row_number(pk)):
            return None
        change = ConferenceChange.of_merge(int(pk), Conference.objects.managed_by(request.user))
        if change is None:
            return None
        duplicate, kept = told_apart(duplicate_of(change), named(change.conference))
        said = _("%(duplicate)s has been merged into %(conference)s. This is the one that stays.")
        messages.info(request, said % {"duplicate": duplicate, "conference": kept})
        return redirect("admin:conferences_overview", change.conference_id)

    def _lead_on(self, request: HttpRequest, slug: str) -> HttpResponse | None:
        """For whom the other conference does not exist, neither does this web address."""
        visible = Conference.objects.visible_to(request.user)
        stays = visible.filter(old_addresses__slug=slug).first()
        match = request.resolver_match
        if stays is None or match is None:
            return None
        if match.url_name in NOT_DONE_ELSEWHERE and getattr(request, "is_api", False):
            return None
        if match.url_name in NOT_DONE_ELSEWHERE:
            said = _("This conference has been merged into %(conference)s. Nothing was changed.")
            messages.info(request, said % {"conference": stays})
            return redirect(stays)
        url = reverse(match.view_name, kwargs=match.kwargs | {"slug": stays.slug})
        query = f"?{request.META['QUERY_STRING']}" if request.META["QUERY_STRING"] else ""
        response = HttpResponsePermanentRedirect(url + query)
        is_read = request.method in ("GET", "HEAD")
        response.status_code = PERMANENTLY if is_read else WITH_THE_SAME_FORM
        return response

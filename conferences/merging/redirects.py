"""The web address of a conference that was merged into another one leads there."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from conferences.models import Conference

# A person who is in both, and leaves the one on an old page, is not to leave the other.
NOT_DONE_ELSEWHERE = {"leave-conference"}
PERMANENTLY, WITH_THE_SAME_FORM, NOT_FOUND = 301, 308, 404


class OldAddresses:
    """Looks only if there is no such page, so other requests cost nothing. What a form sent is kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        slug = match.kwargs.get("slug") if match else None
        is_missing = response.status_code == NOT_FOUND
        return (is_missing and slug and self._lead_on(request, slug)) or response

    def _lead_on(self, request: HttpRequest, slug: str) -> HttpResponse | None:
        """For whom the other conference does not exist, neither does this web address."""
        visible = Conference.objects.visible_to(request.user)
        stays = visible.filter(old_addresses__slug=slug).first()
        match = request.resolver_match
        if stays is None or match is None:
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

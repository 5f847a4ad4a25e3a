"""What a page says after something was saved: also why voting will not open yet, if it will not."""

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from accounts.permissions import Viewer
from confbox.kit.outcomes import Change
from conferences.models import Conference, ConferenceQuerySet
from conferences.namesakes import with_namesakes
from conferences.organising.checklist import Line, lines_of, look_at, refusals_of
from conferences.organising.tabs import READ


def run_by(user: Viewer) -> ConferenceQuerySet:
    """The conferences that this person may read, as they are now, with all that the checklist asks."""
    found = Conference.objects.managed_by(user, READ).as_of_now()
    return with_namesakes(found.select_related("election__speaker__user", "admission", "series"))


def say_saved(request: HttpRequest, conference_id: int, sentence: str, *, of_vote: bool = False) -> None:
    """A green message only if nothing keeps voting from opening.

    Where no time is set for the vote, only what is `of_vote` says that one is missing.
    """
    missing = _missing(request.user, conference_id, of_vote=of_vote)
    if not missing:
        messages.success(request, sentence)
        return
    url, link = _place_of(missing, conference_id)
    words = format_html('{} {} <a href="{}">{}</a>', sentence, in_words(missing), url, link)
    messages.warning(request, words)


def _missing(user: Viewer, conference_id: int, *, of_vote: bool) -> list[Line]:
    conference = run_by(user).filter(pk=conference_id).first()
    if conference is None or conference.status == Conference.Status.INACTIVE:
        return []
    is_planned = of_vote or conference.election.opens_at is not None
    look = look_at(user, conference)
    return refusals_of(look, lines_of(look)) if is_planned else []


def say_outcome(request: HttpRequest, conference_id: int, changed: Change, sentence: str) -> None:
    if changed is Change.MADE:
        say_saved(request, conference_id, sentence)
    else:
        messages.success(request, _("Nothing was changed."))


def in_words(missing: list[Line]) -> str:
    reasons = get_text_list([line.refusal for line in missing], _("and"))
    return _("Voting will not open yet: %(reasons)s.") % {"reasons": reasons}


def _place_of(missing: list[Line], conference_id: int) -> tuple[str, str]:
    first = missing[0]
    if len(missing) == 1 and first.url:
        return first.url, first.link
    return reverse("admin:conferences_overview", args=[conference_id]), _("See what is missing")

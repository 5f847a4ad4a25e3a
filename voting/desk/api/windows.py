from functools import partial
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from pydantic import Field

from accounts.actors import actor_of
from accounts.api.log_ins import require_fresh_log_in_of_browser
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Input, Instant, Slug, UrlID, in_rfc3339
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.panels import Panel
from conferences.api.acts import Consequences, Correction
from conferences.api.outcomes import ActDone, Reason
from conferences.changes.consequences import emails_in_words
from conferences.consent.actions import do_or_ask
from conferences.consent.panels import notice_of
from conferences.versions import version_shown
from voting.campaigns.notices import window_emails_to_invited
from voting.desk.access import conference_with_slug
from voting.desk.api.consequences import consequences_of, refused
from voting.desk.api.reasons import reason_in, to_the_minute
from voting.desk.forms import WindowCorrectionForm, WindowReasonForm
from voting.desk.panels import MOVE_PANEL, close_panel
from voting.elections import window
from voting.elections.election.two_people import WINDOW
from voting.elections.models import WindowChange

router = ApiRouter("Organising: times of an open vote")
CHANGE = "conferences.change_conference"


class Deadline(Input):
    closes_at: Instant = Field(description="To the minute.")
    reason: str = Field(max_length=2000, description="All members read it.")
    seen: Instant | None = Field(
        None,
        description="The deadline that you have read: refused if it has changed since.",
    )

    EXAMPLE: ClassVar = {
        "closes_at": "2027-04-22T10:00:00Z",
        "reason": "The site was down for a day.",
        "seen": "2027-04-20T10:00:00Z",
    }


@router.get(
    "conferences/{slug}/organise/close/",
    scope=Scope.ORGANISE_READ,
    answer=Consequences,
    summary="What closing voting now leads to",
)
def consequences_of_closing(request: PersonRequest, slug: Slug) -> Consequences:
    """As the page says it, with the version to send with the act."""
    conference = conference_with_slug(request, slug, CHANGE)
    notice = notice_of(WINDOW, conference, {}, person=request.user)
    panel = close_panel(conference, form=None, decides=False)
    return consequences_of(conference, panel, seen=version_shown(conference), notice=notice)


@router.post(
    "conferences/{slug}/organise/close/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Close voting now",
    refusals=["Voting is over and the count is final, so its times can no longer be changed."],
)
def close_voting(request: PersonRequest, slug: Slug, form: Reason) -> ActDone:
    """Permanently. Publishes the ballots and notifies all members. A second person may have to confirm it."""
    conference, by = conference_with_slug(request, slug, CHANGE), actor_of(request)
    require_fresh_log_in_of_browser(request)
    reason = reason_in(WindowReasonForm, form.reason)
    verb = partial(window.close_early, conference=conference, by=by, reason=reason, seen=form.seen)
    return ActDone.of(do_or_ask(verb, reason=reason, by=by))


@router.get(
    "conferences/{slug}/organise/move-deadline/",
    scope=Scope.ORGANISE_READ,
    answer=Consequences,
    summary="What moving the deadline leads to",
)
def consequences_of_moving_deadline(request: PersonRequest, slug: Slug, closes_at: Instant) -> Consequences:
    """To this time. `seen` is the deadline that there is now."""
    conference = conference_with_slug(request, slug, CHANGE)
    election, new = conference.election, to_the_minute(closes_at)
    if not (election.closes_at and election.is_open()):
        return consequences_of(conference, Panel(MOVE_PANEL, "not_open", {"form": None}))
    seen = in_rfc3339(election.closes_at)
    if refusal := window.refusal_of_deadline(conference, new):
        return refused(refusal, seen=seen)
    emails = {"emails": emails_in_words(conference), "to_invited": window_emails_to_invited(conference)}
    panel = Panel(MOVE_PANEL, "earlier" if new < election.closes_at else "later", emails)
    notice = notice_of(WINDOW, conference, window.as_payload(conference, new), person=request.user)
    return consequences_of(conference, panel, seen=seen, notice=notice)


@router.post(
    "conferences/{slug}/organise/move-deadline/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Move the deadline of an open vote",
    refusals=["This is already the deadline, so nothing was changed."],
)
def move_deadline(request: PersonRequest, slug: Slug, form: Deadline) -> ActDone:
    """Earlier or later. All members are notified. A second person may have to confirm it."""
    conference, by = conference_with_slug(request, slug, CHANGE), actor_of(request)
    require_fresh_log_in_of_browser(request)
    reason, closes_at = reason_in(WindowReasonForm, form.reason), to_the_minute(form.closes_at)
    asked: dict[str, Any] = {"conference": conference, "closes_at": closes_at, "seen": form.seen}
    return ActDone.of(
        do_or_ask(partial(window.move_deadline, by=by, reason=reason, **asked), reason=reason, by=by)
    )


@router.post(
    "conferences/{slug}/organise/window-changes/{change_id}/correct-reason/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Correct why the times of a vote were changed",
    refusals=["Another organiser has corrected it since you opened this page."],
)
def correct_reason_of_window(
    request: PersonRequest, slug: Slug, change_id: UrlID, form: Correction
) -> ActDone:
    """As members should have read it. No one gets a second email; the audit log has both."""
    conference = conference_with_slug(request, slug, CHANGE)
    require_fresh_log_in_of_browser(request)
    change = get_object_or_404(WindowChange, pk=change_id, election=conference.pk)
    reason = reason_in(WindowCorrectionForm, form.reason)
    corrected = window.correct_reason_of_window(
        change=change, reason=reason, before=form.before, by=actor_of(request)
    )
    return ActDone.of(corrected)

from collections.abc import Callable
from functools import partial
from html import unescape
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

from django.shortcuts import get_object_or_404
from django.utils.html import strip_tags
from pydantic import Field

from accounts.actors import actor_of
from accounts.api.log_ins import require_fresh_log_in_of_browser
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Instant, RowID, Slug, UrlID
from confbox.kit.api.forms import cleaned
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.validators import time_zones
from conferences import actions
from conferences.api.doors import managed
from conferences.api.outcomes import SEEN, ActDone, Reason
from conferences.api.typed import typed
from conferences.changes import actions as changes
from conferences.changes import consequences, corrections, deletion, rules
from conferences.changes.admin_views import what_is_missing
from conferences.changes.forms import CorrectionForm, DeletionForm, MoveForm, ReasonForm
from conferences.consent.actions import do_or_ask
from conferences.consent.acts import is_required
from conferences.models import Conference, ConferenceChange
from conferences.roster.access import CHANGE
from conferences.versions import version_shown

router = ApiRouter("Organising: acts on a conference")
Acts = Literal["publish", "cancel", "reinstate", "move", "unpublish", "delete"]
FOLLOWS: dict[str, tuple[Callable[[Conference], str], Callable[[Conference], list[str]]]] = {
    "publish": (rules.why_not_to_publish, consequences.of_publishing),
    "cancel": (rules.why_not_to_cancel, consequences.of_cancelling),
    "reinstate": (rules.why_not_to_reinstate, consequences.of_reinstating),
    "move": (rules.why_not_to_move, consequences.of_moving),
    "unpublish": (consequences.why_not_to_take_off, consequences.of_unpublishing),
    "delete": (deletion.why_not_to_delete, deletion.of_deleting),
}
ASKS = {"cancel": rules.CANCELLING, "reinstate": rules.REINSTATING}


class Consequences(Answer):
    refusal: str = Field(description="Why this cannot be done now; empty if it can.")
    consequences: list[str] = Field(description="What follows, as the page says it.")
    warnings: list[str]
    needs_second_person: bool
    seen: str = Field(description="The version to send with the act.")

    EXAMPLE: ClassVar = {
        "refusal": "",
        "consequences": ["3 members get an email with your reason, including those who opted out."],
        "warnings": [],
        "needs_second_person": False,
        "seen": "2c26b46b68ffc68ff99b453c1d304134",
    }


class ActConfirmed(Input):
    seen: str = SEEN

    EXAMPLE: ClassVar = {"seen": ""}


class MoveTo(Reason):
    """When and where it takes place instead. What is left out stays."""

    starts_at: Instant | None = Field(None, description="To the minute.")
    ends_at: Instant | None = Field(None, description="To the minute.")
    time_zone: str = Field("", max_length=64)
    place: str | None = Field(None, max_length=200)

    EXAMPLE: ClassVar = {"reason": "The venue is closed.", "starts_at": "2027-06-01T07:00:00Z"}


class Deletion(Input):
    title: str = Field(max_length=200, description="That of the conference, to confirm.")
    seen: str = SEEN

    EXAMPLE: ClassVar = {"title": "Open Conf", "seen": ""}


class ChangeOfConference(Answer):
    id: RowID
    act: Literal["cancelled", "reinstated", "moved", "unpublished", "republished", "merged"]
    at: Instant
    reason: str

    EXAMPLE: ClassVar = {
        "id": 4,
        "act": "moved",
        "at": "2027-02-01T09:30:00Z",
        "reason": "The venue is closed.",
    }

    @classmethod
    def of(cls, change: ConferenceChange) -> "ChangeOfConference":
        return cls(id=change.pk, act=change.act, at=change.at, reason=change.reason)  # type: ignore[arg-type]


class ChangesOfConference(Answer):
    items: list[ChangeOfConference]

    EXAMPLE: ClassVar = {"items": [ChangeOfConference.EXAMPLE]}


class Correction(Input):
    reason: str = Field(max_length=2000)
    before: str = Field("", max_length=2000, description="The reason as you read it, to be compared.")

    EXAMPLE: ClassVar = {"reason": "The venue is closed in May.", "before": "The venue is closed."}


@router.get(
    "conferences/{slug}/organise/consequences/",
    scope=Scope.ORGANISE_READ,
    answer=Consequences,
    summary="What an act on a conference leads to",
)
def consequences_of_act(request: PersonRequest, slug: Slug, act: Acts) -> Consequences:
    """Also whether it is refused, and whether a second person has to confirm it."""
    found = _to_delete(request, slug) if act == "delete" else managed(request, slug, CHANGE)
    why_not, follows_of = FOLLOWS[act]
    refusal, follows, warnings = why_not(found), [], []
    if not refusal:
        follows = follows_of(found)
        if act == "publish":
            follows += what_is_missing(request.user, found.pk)
            warnings = consequences.warnings_of_publishing(found, request.user)
    return Consequences(
        refusal=refusal,
        consequences=[unescape(strip_tags(words)) for words in follows],
        warnings=[unescape(strip_tags(words)) for words in warnings],
        needs_second_person=not refusal and act in ASKS and is_required(ASKS[act], found),
        seen=version_shown(found),
    )


@router.post(
    "conferences/{slug}/organise/publish/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Publish a conference",
    refusals=["Please set the dates of the conference first."],
)
def publish_conference(request: PersonRequest, slug: Slug, form: ActConfirmed | None = None) -> ActDone:
    """A draft, or one that was taken off the site. `none` if it is published already."""
    found, seen = managed(request, slug, CHANGE), form.seen if form else ""
    return ActDone.of(actions.publish_conference(conference=found, by=actor_of(request), seen=seen))


@router.post(
    "conferences/{slug}/organise/cancel/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Cancel a conference",
    refusals=["This conference is already cancelled."],
)
def cancel_conference(request: PersonRequest, slug: Slug, form: Reason) -> ActDone:
    """Ends its vote, and notifies all members. A second person may have to confirm it."""
    return _with_reason(request, slug, form, changes.cancel_conference, asks=True)


@router.post(
    "conferences/{slug}/organise/reinstate/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Undo that a conference was cancelled",
    refusals=["This conference is not cancelled."],
)
def reinstate_conference(request: PersonRequest, slug: Slug, form: Reason) -> ActDone:
    """It takes place after all; all members are notified. A second person may have to confirm it."""
    return _with_reason(request, slug, form, changes.reinstate_conference, asks=True)


@router.post(
    "conferences/{slug}/organise/unpublish/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Take a conference off the site",
    refusals=["This conference is off the site already."],
)
def unpublish_conference(request: PersonRequest, slug: Slug, form: Reason) -> ActDone:
    """Only its members still see its page; they are notified."""
    return _with_reason(request, slug, form, changes.unpublish_conference)


def _with_reason(
    request: PersonRequest, slug: str, form: Reason, verb: Callable[..., object], *, asks: bool = False
) -> ActDone:
    found, by = managed(request, slug, CHANGE), actor_of(request)
    require_fresh_log_in_of_browser(request)
    reason = cleaned(ReasonForm({"reason": form.reason}))["reason"]
    act = partial(verb, conference=found, reason=reason, by=by, seen=form.seen)
    return ActDone.of(do_or_ask(act, reason=reason, by=by) if asks else act())


@router.post(
    "conferences/{slug}/organise/move/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Move a published conference",
    refusals=["This conference is over, so it can no longer be moved."],
)
def move_conference(request: PersonRequest, slug: Slug, form: MoveTo) -> ActDone:
    """To other dates, or another place. Its vote keeps its times; all members are notified."""
    found = managed(request, slug, CHANGE)
    require_fresh_log_in_of_browser(request)
    stored = {name: getattr(found, name) for name in ("starts_at", "ends_at", "place")}
    wanted = {name: value for name, value in form.model_dump().items() if value not in (None, "")}
    values = {"time_zone": found.time_zone} | stored | wanted
    zone = ZoneInfo(values["time_zone"]) if values["time_zone"] in time_zones() else found.zone
    entered = typed(values | {"confirmed": True}, zone)
    chosen = cleaned(MoveForm(entered, conference=found))
    # A minute that stays keeps its seconds.
    chosen |= {name: stored[name] for name in ("starts_at", "ends_at") if name not in wanted}
    return ActDone.of(
        changes.move_conference(conference=found, by=actor_of(request), seen=form.seen, **chosen)
    )


@router.post(
    "conferences/{slug}/organise/delete/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Delete a conference",
    refusals=["3 people outside its team have joined this conference, so it cannot be deleted."],
)
def delete_conference(request: PersonRequest, slug: Slug, form: Deletion) -> ActDone:
    """One that no one outside its team has joined, such as a draft. This cannot be undone."""
    found = _to_delete(request, slug)
    require_fresh_log_in_of_browser(request)
    title = cleaned(DeletionForm({"title": form.title}))["title"]
    deleted = deletion.delete_conference(conference=found, title=title, by=actor_of(request), seen=form.seen)
    return ActDone.of(deleted)


def _to_delete(request: PersonRequest, slug: str) -> Conference:
    own = Conference.objects.managed_by(request.user, CHANGE).filter(slug=slug).first()
    return managed(request, slug, deletion.permission_to_delete(own, request.user))


@router.get(
    "conferences/{slug}/organise/changes/",
    scope=Scope.ORGANISE_READ,
    answer=ChangesOfConference,
    summary="What was done to a published conference",
)
def changes_of_conference(request: PersonRequest, slug: Slug) -> ChangesOfConference:
    """Such as that it was moved, and the reason that members read. The last one first."""
    found = managed(request, slug, CHANGE).changes.order_by("-pk")
    return ChangesOfConference(items=[ChangeOfConference.of(each) for each in found])


@router.post(
    "conferences/{slug}/organise/changes/{change_id}/correct-reason/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Correct the reason of a change",
    refusals=["Another organiser has corrected it since you opened this page."],
)
def correct_reason(request: PersonRequest, slug: Slug, change_id: UrlID, form: Correction) -> ActDone:
    """Members read the new one; no one gets an email about it, and the audit log keeps both."""
    found = managed(request, slug, CHANGE)
    require_fresh_log_in_of_browser(request)
    change = get_object_or_404(found.changes.exclude(reason=""), pk=change_id)
    entered = typed(form.model_dump() | {"change": change.pk})
    chosen = cleaned(CorrectionForm(entered, row=change))
    done = corrections.correct_reason(
        change=change, reason=chosen["reason"], before=chosen["before"], by=actor_of(request)
    )
    return ActDone.of(done)

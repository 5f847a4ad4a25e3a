from typing import ClassVar

from django.core.exceptions import PermissionDenied
from pydantic import Field

from accounts.actors import actor_of
from accounts.api.log_ins import require_fresh_log_in_of_browser
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Instant, RowID, Slug
from confbox.kit.api.forms import cleaned
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.limits import count_use
from conferences.api.doors import managed
from conferences.api.organised import ManagedConference, managed_one
from conferences.api.typed import typed
from conferences.copying import actions
from conferences.copying.admin_views import COPIES
from conferences.copying.forms import CopyForm
from conferences.copying.overview import entries_to_copy, left_of, sections_of
from conferences.models import Conference
from conferences.roster.access import CHANGE
from conferences.teams.series_field import CREATE

router = ApiRouter("Organising: copies")
SUGGESTED = ("title", "slug", "starts_at", "ends_at", "voting_opens_at", "voting_closes_at")


class CopiedPart(Answer):
    title: str
    facts: list[str]

    EXAMPLE: ClassVar = {"title": "Team", "facts": ["Team of this conference: 3 people"]}


class CopyOffer(Answer):
    title: str
    slug: Slug
    starts_at: Instant
    ends_at: Instant
    voting_opens_at: Instant | None
    voting_closes_at: Instant | None
    copied: list[CopiedPart]
    left: list[str] = Field(description="What is not copied.")

    EXAMPLE: ClassVar = {
        "title": "Open Conf 2028",
        "slug": "open-conf-2028",
        "starts_at": "2028-04-29T07:00:00Z",
        "ends_at": "2028-04-30T16:00:00Z",
        "voting_opens_at": None,
        "voting_closes_at": None,
        "copied": [CopiedPart.EXAMPLE],
        "left": ["Members, and who was excluded"],
    }


class NewCopy(Input):
    title: str = Field(max_length=200)
    slug: Slug
    series: RowID | None = Field(None, description="Left out: none, for organisers of the site.")
    starts_at: Instant = Field(description="To the minute.")
    ends_at: Instant = Field(description="To the minute.")
    voting_opens_at: Instant | None = None
    voting_closes_at: Instant | None = None
    with_roster: bool = Field(False, description="Also copies the people on the roster.")

    EXAMPLE: ClassVar = {
        "title": "Open Conf 2028",
        "slug": "open-conf-2028",
        "series": 2,
        "starts_at": "2028-04-29T07:00:00Z",
        "ends_at": "2028-04-30T16:00:00Z",
    }


@router.get(
    "conferences/{slug}/organise/copy/",
    scope=Scope.ORGANISE_READ,
    answer=CopyOffer,
    summary="What a copy of a conference would have",
)
def copy_offer(request: PersonRequest, slug: Slug) -> CopyOffer:
    """Suggests names, and dates on the same weekdays a year later."""
    source = _source(request, slug)
    entries = entries_to_copy(source, request.user)
    form = CopyForm(source=source, person=request.user, entries=entries)
    return CopyOffer(
        **{name: form.initial[name] for name in SUGGESTED},
        copied=[
            CopiedPart(title=part.title, facts=[f"{fact.label}: {fact.value}" for fact in part.facts])
            for part in sections_of(source, request.user, entries=entries)
        ],
        left=left_of(),
    )


@router.post(
    "conferences/{slug}/organise/copy/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=ManagedConference,
    summary="Copy a conference",
    refusals=["The conference that you copy has been deleted in the meantime, so nothing was copied."],
)
def copy_conference(request: PersonRequest, slug: Slug, form: NewCopy) -> ManagedConference:
    """Makes a draft with its texts, rules and limits, and its team. The same copy again is not made twice."""
    source = _source(request, slug)
    require_fresh_log_in_of_browser(request)
    entries = entries_to_copy(source, request.user)
    entered = typed(form.model_dump(), source.zone)
    filled = CopyForm(entered, source=source, person=request.user, entries=entries)
    cleaned(filled)
    count_use(COPIES, request)
    # The form has no such field for those who may not read the roster; the verb refuses it.
    chosen = filled.choices | {"with_roster": form.with_roster}
    made, _copied = actions.copy_conference(source=source, by=actor_of(request), **chosen)
    return managed_one(request, made.slug)


def _source(request: PersonRequest, slug: str) -> Conference:
    if not request.user.has_perm(CREATE):
        raise PermissionDenied
    return managed(request, slug, CHANGE)

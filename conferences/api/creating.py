from typing import Any, ClassVar, Literal

from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import ModelChoiceField
from pydantic import Field

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Day, Input, Instant, RowID, Slug
from confbox.kit.api.forms import cleaned
from confbox.kit.api.problems import invalid
from confbox.kit.api.scopes import Scope
from confbox.kit.limits import count_use
from conferences.api.doors import managed
from conferences.api.organised import ManagedConference, managed_one
from conferences.api.organised import router as router
from conferences.api.typed import typed
from conferences.copying.dates import Dates
from conferences.creating import actions
from conferences.creating.admin_views import CREATIONS
from conferences.creating.forms import WhatForm, WhenForm, WhoForm
from conferences.creating.who import Who
from conferences.models import Conference
from conferences.roster.access import CHANGE
from conferences.teams.series_field import CREATE

Choices = Literal["everyone", "link", "roster", "request"]
NOT_A_DRAFT = "This conference has been published in the meantime, so nothing was changed here."


class WhatAndWhere(Input):
    """Of a draft. Its slug follows from the title."""

    title: str = Field(max_length=200)
    place: str = Field(max_length=200, description="City and country.")
    time_zone: str = Field("", max_length=64, description="Empty: that of the place, where clocks agree.")

    EXAMPLE: ClassVar = {"title": "Open Conf", "place": "Berlin, Germany", "time_zone": ""}


class DatesOfDraft(Input):
    """The days in the time zone of the conference. Times of the vote that are left out follow from them."""

    first_day: Day
    last_day: Day | None = Field(None, description="Left out: it lasts one day.")
    opens: Literal["when_published", "at_a_time"] = Field("at_a_time", description="When voting opens.")
    voting_opens_at: Instant | None = Field(None, description="To the minute.")
    voting_closes_at: Instant | None = Field(None, description="To the minute.")

    EXAMPLE: ClassVar = {"first_day": "2027-05-01", "last_day": "2027-05-02"}


class WhoJoins(Input):
    who: Choices = Field(description="`link`: everyone who has the link; `request`: people whom you let in.")

    EXAMPLE: ClassVar = {"who": "everyone"}


class NewConference(WhatAndWhere):
    """All that is asked for when a conference is created."""

    series: RowID | None = Field(None, description="Left out: the only one in which you can create, or none.")
    first_day: Day
    last_day: Day | None = None
    opens: Literal["when_published", "at_a_time"] = "at_a_time"
    voting_opens_at: Instant | None = None
    voting_closes_at: Instant | None = None
    who: Choices = "everyone"

    EXAMPLE: ClassVar = WhatAndWhere.EXAMPLE | DatesOfDraft.EXAMPLE | {"series": None, "who": "everyone"}


class _Days:
    """The dates that a form makes of the days, and its names for what a verb refuses."""

    def __init__(self, body: DatesOfDraft | NewConference) -> None:
        self.values = body.model_dump(include=set(DatesOfDraft.model_fields))
        self.form: WhenForm | None = None

    def of(self, draft: Conference) -> Dates:
        self.form = WhenForm(typed(self.values, draft.zone), conference=draft)
        found: Dates = cleaned(self.form)["dates"]
        return found

    def named(self, refusal: ValidationError) -> ValidationError:
        return self.form.named(refusal) if self.form and self.form.is_valid() else refusal


def _what(request: PersonRequest, body: WhatAndWhere, draft: Conference | None = None) -> dict[str, Any]:
    form = WhatForm(typed(body.model_dump()), person=request.user, conference=draft)
    cleaned(form)
    chosen = form.choices
    wanted = getattr(body, "series", None)
    if wanted and (chosen["series"] is None or chosen["series"].pk != wanted):
        said = str(ModelChoiceField.default_error_messages["invalid_choice"])
        raise invalid("series", said, "invalid-choice")
    return chosen


@router.post(
    "organise/conferences/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=ManagedConference,
    summary="Create a conference",
    refusals=["You cannot create conferences there."],
)
def create_conference(request: PersonRequest, form: NewConference) -> ManagedConference:
    """Makes a draft, which only its team sees until you publish it. The same one again is not made twice."""
    if not request.user.has_perm(CREATE):
        raise PermissionDenied
    what, days = _what(request, form), _Days(form)
    count_use(CREATIONS, request)
    by, who = actor_of(request), Who(form.who)
    try:
        made, _begun = actions.create_conference(**what, dates_of=days.of, who=who, by=by)
    except ValidationError as refusal:
        raise days.named(refusal) from None
    return managed_one(request, made.slug)


@router.post(
    "conferences/{slug}/organise/what/",
    scope=Scope.ORGANISE_WRITE,
    answer=ManagedConference,
    summary="Set title and place of a draft",
    refusals=[NOT_A_DRAFT],
)
def change_what(request: PersonRequest, slug: Slug, form: WhatAndWhere) -> ManagedConference:
    """Its slug follows from the new title, so use the one in the answer from then on."""
    draft = managed(request, slug, CHANGE)
    actions.change_what(conference=draft, by=actor_of(request), **_what(request, form, draft))
    draft.refresh_from_db(fields=["slug"])
    return managed_one(request, draft.slug)


@router.post(
    "conferences/{slug}/organise/when/",
    scope=Scope.ORGANISE_WRITE,
    answer=ManagedConference,
    summary="Set the dates of a draft",
    refusals=[NOT_A_DRAFT],
)
def set_dates(request: PersonRequest, slug: Slug, form: DatesOfDraft) -> ManagedConference:
    """And the times of its vote. The same dates again change nothing."""
    draft, days = managed(request, slug, CHANGE), _Days(form)
    dates = days.of(draft)
    try:
        actions.set_dates(conference=draft, dates=dates, by=actor_of(request))
    except ValidationError as refusal:
        raise days.named(refusal) from None
    return managed_one(request, slug)


@router.post(
    "conferences/{slug}/organise/who/",
    scope=Scope.ORGANISE_WRITE,
    answer=ManagedConference,
    summary="Set who may join a draft, and who finds it",
    refusals=[NOT_A_DRAFT],
)
def set_who(request: PersonRequest, slug: Slug, form: WhoJoins) -> ManagedConference:
    """With `link`, its slug becomes hard to guess, so use the one in the answer from then on."""
    draft = managed(request, slug, CHANGE)
    chosen = cleaned(WhoForm(form.model_dump(), conference=draft))
    actions.set_who(conference=draft, who=Who(chosen["who"]), by=actor_of(request))
    draft.refresh_from_db(fields=["slug"])
    return managed_one(request, draft.slug)

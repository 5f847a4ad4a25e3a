from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from ninja import Query
from pydantic import Field

from accounts.actors import actor_of
from accounts.api.log_ins import require_fresh_log_in_of_browser
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, RowID, Slug, UrlID
from confbox.kit.api.forms import cleaned
from confbox.kit.api.pages import Page, Paging, page_of_rows
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from conferences.api.outcomes import ActDone
from conferences.api.teams import series_or_404
from conferences.consent.forms import ConsentSettingsForm
from conferences.consent.settings import set_consent as set_second_person
from conferences.models import Series
from conferences.teams import actions
from conferences.teams.access import CHANGE
from conferences.teams.forms import NameForm, SeriesForm

router = ApiRouter("Organising: series")
READ, ADD = "conferences.view_series", "conferences.add_series"


class OneSeries(Answer):
    id: RowID
    name: str
    slug: Slug
    needs_second_person: list[str] = Field(description="The acts that a second person has to confirm.")

    EXAMPLE: ClassVar = {"id": 2, "name": "Open Conf", "slug": "open-conf", "needs_second_person": []}

    @classmethod
    def of(cls, series: Series) -> "OneSeries":
        acts: Any = series.needs_consent
        return cls(id=series.pk, name=series.name, slug=series.slug, needs_second_person=acts)


class NewSeries(Input):
    name: str = Field(max_length=200)
    slug: Slug

    EXAMPLE: ClassVar = {"name": "Open Conf", "slug": "open-conf"}


class SeriesName(Input):
    name: str = Field(max_length=200)

    EXAMPLE: ClassVar = {"name": "Open Conf"}


class SecondPersonActs(Input):
    acts: list[str] = Field(max_length=50, description="All that a second person has to confirm.")

    EXAMPLE: ClassVar = {"acts": ["window"]}


@router.get(
    "organise/series/",
    scope=Scope.ORGANISE_READ,
    all_conferences=True,
    answer=Page[OneSeries],
    summary="List the series that you run",
)
def series_list(request: PersonRequest, paging: Query[Paging]) -> Page[OneSeries]:
    """In whose team you are; all of them for organisers of the site."""
    rows = Series.objects.managed_by(request.user, READ)
    return page_of_rows(rows, paging, order=("pk",), show=OneSeries.of)


@router.post(
    "organise/series/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=OneSeries,
    summary="Create a series",
)
def create_series(request: PersonRequest, form: NewSeries) -> OneSeries:
    """For organisers of the site. You are its first owner."""
    if not request.user.has_perm(ADD):
        raise PermissionDenied
    return OneSeries.of(actions.create_series(by=actor_of(request), **cleaned(SeriesForm(form.model_dump()))))


@router.post(
    "organise/series/{series_id}/rename/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=ActDone,
    summary="Rename a series",
)
def rename_series(request: PersonRequest, series_id: UrlID, form: SeriesName) -> ActDone:
    """Its slug stays. For owners."""
    found = series_or_404(request, series_id, CHANGE)
    entered = cleaned(NameForm(form.model_dump()))
    return ActDone.of(actions.rename_series(series=found, by=actor_of(request), **entered))


@router.post(
    "organise/series/{series_id}/second-person/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=ActDone,
    summary="Set what a second person has to confirm",
    refusals=["“Closing voting early” needs two people in the team of this series who may do it."],
)
def set_consent(request: PersonRequest, series_id: UrlID, form: SecondPersonActs) -> ActDone:
    """In all conferences of a series. Votes that have opened keep what they had. For owners."""
    found = series_or_404(request, series_id, CHANGE)
    require_fresh_log_in_of_browser(request)
    acts = cleaned(ConsentSettingsForm(form.model_dump()))["acts"]
    return ActDone.of(set_second_person(series=found, acts=acts, by=actor_of(request)))

from typing import Any, ClassVar, Literal

from django.core.exceptions import PermissionDenied
from pydantic import Field

from accounts.actors import actor_of
from accounts.permissions import has_site_permission
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.limits import heavy_work
from conferences.importing import actions
from conferences.importing.actions import ImportPlan
from conferences.importing.views import IMPORTS, MOST_LINES
from conferences.teams.series_field import CREATE

router = ApiRouter("Organising: imports of conferences")


class FileOfConferences(Input):
    """JSON or CSV, as the page accepts it."""

    name: str = Field(max_length=200, description="Its extension, .json or .csv, says which of both it is.")
    content: str = Field(description="Its text.")
    status: Literal["draft", "active"] = Field("draft", description="That of the new conferences.")

    EXAMPLE: ClassVar = {
        "name": "conferences.csv",
        "content": "name,startDate,endDate,city,country\nOpen Conf,2027-05-01,2027-05-02,Berlin,Germany\n",
        "status": "draft",
    }


class ImportOfConferences(FileOfConferences):
    moved: Literal["skip", "update", "add"] = Field(
        "skip", description="What is done with conferences that are there, with other dates."
    )

    EXAMPLE: ClassVar = FileOfConferences.EXAMPLE | {"moved": "skip"}


class ConferencesPlan(Answer):
    new: int = Field(description="How many rows are new.")
    known: int
    moved: int = Field(description="How many are there with other dates.")
    refused: list[str] = Field(description="Bad rows, 500 at most; nothing is imported then.")
    unused_columns: list[str]

    EXAMPLE: ClassVar = {"new": 1, "known": 0, "moved": 0, "refused": [], "unused_columns": []}

    @classmethod
    def of(cls, plan: ImportPlan) -> "ConferencesPlan":
        return cls(
            new=len(plan.new),
            known=len(plan.known),
            moved=len(plan.moved),
            refused=[str(row) for row in plan.bad[:MOST_LINES]],
            unused_columns=plan.unused_columns,
        )


@router.post(
    "organise/imports/preview/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=ConferencesPlan,
    summary="What an import of conferences would do",
    refusals=["The file has no conferences."],
)
def preview_import(request: PersonRequest, form: FileOfConferences) -> ConferencesPlan:
    """For organisers of the site. Nothing is stored."""
    _refuse_others(request)
    with heavy_work(IMPORTS, request):
        plan = actions.plan_import(**_file(form), by=request.user)
    return ConferencesPlan.of(plan)


@router.post(
    "organise/imports/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=ConferencesPlan,
    summary="Import conferences",
    refusals=["Line 2 (Open Conf): the end is before the start"],
)
def import_conferences(request: PersonRequest, form: ImportOfConferences) -> ConferencesPlan:
    """For organisers of the site. All rows or none; a conference that is there is not made again."""
    _refuse_others(request)
    with heavy_work(IMPORTS, request):
        plan = actions.import_conferences(**_file(form), by=actor_of(request), moved=form.moved)
    return ConferencesPlan.of(plan)


def _refuse_others(request: PersonRequest) -> None:
    """As the page: the file names conferences of the whole site."""
    if not has_site_permission(request.user, CREATE):
        raise PermissionDenied


def _file(form: FileOfConferences) -> dict[str, Any]:
    return {"content": form.content.encode(), "name": form.name, "status": form.status}

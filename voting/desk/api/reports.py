from typing import Any, ClassVar, Literal

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
from conferences.api.doors import managed
from conferences.api.outcomes import SEEN, ActDone
from conferences.models import Membership
from conferences.series.roles.models import MODERATE
from voting.desk.forms import AnswerForm, DismissalForm
from voting.desk.passed_on_views import refuse_others, reported_member
from voting.desk.report_views import another_member
from voting.desk.reported import (
    TARGET,
    TARGET_ORDER,
    Reported,
    ranked_targets,
    reported_in,
    reports_for,
)
from voting.elections.moderation import passing_on, reporting
from voting.elections.moderation.models import Report
from voting.elections.moderation.reporting import shown_of

router = ApiRouter("Organising: reports")


class ReasonOfReports(Answer):
    words: str
    count: int

    EXAMPLE: ClassVar = {"words": "It is advertising or a scam", "count": 2}


class ReportedText(Answer):
    """The reports about one pitch or profile. Who reported it is shown to no one."""

    conference: Slug
    member_id: RowID
    name: str
    subject: Literal["pitch", "profile"]
    state: Literal["waiting", "passed_on", "answered"]
    reports: int
    reasons: list[ReasonOfReports]
    texts: list[str]
    shown_text: str = Field(description="As it is now.")
    is_changed: bool = Field(description="Whether it has been changed since it was reported.")
    seen: str

    EXAMPLE: ClassVar = {
        "conference": "open-conf",
        "member_id": 12,
        "name": "Bob Example",
        "subject": "pitch",
        "state": "waiting",
        "reports": 2,
        "reasons": [ReasonOfReports.EXAMPLE],
        "texts": ["It sells a product."],
        "shown_text": "Buy now!",
        "is_changed": False,
        "seen": "2c26b46b68ffc68ff99b453c1d304134",
    }

    @classmethod
    def of(cls, found: Reported) -> "ReportedText":
        return cls(
            conference=found.member.conference.slug,
            member_id=found.member.pk,
            name=str(found.member),
            subject=found.subject,  # type: ignore[arg-type]
            state=found.panel.state,  # type: ignore[arg-type]
            reports=found.number,
            reasons=[ReasonOfReports(words=words, count=count) for words, count in found.reasons],
            texts=found.texts,
            shown_text=shown_of(found.member, found.subject)["shown_text"],
            is_changed=found.is_changed,
            seen=found.seen,
        )


class Dismissal(Input):
    subject: Literal["pitch", "profile"]
    note: str = Field("", max_length=1000, description="For your team.")
    seen: str = SEEN

    EXAMPLE: ClassVar = {"subject": "pitch", "note": "It is only blunt.", "seen": ""}


class AnswerToTeam(Input):
    outcome: Literal["dismissed", "removed"] = Field(description="`removed`: the profile has been changed.")
    note: str = Field(max_length=1000, description="For the team of the conference.")
    seen: str = SEEN

    EXAMPLE: ClassVar = {"outcome": "dismissed", "note": "It is only blunt.", "seen": ""}


@router.get(
    "conferences/{slug}/organise/moderation/reports/",
    scope=Scope.ORGANISE_READ,
    answer=Page[ReportedText],
    summary="List what members have reported",
)
def reports(request: PersonRequest, slug: Slug, paging: Query[Paging]) -> Page[ReportedText]:
    """What waits for the team, then what it has passed on; never about yourself."""
    return _reported(reports_for(request.user, managed(request, slug, MODERATE)), paging)


def _reported(found: Any, paging: Paging) -> Page[ReportedText]:
    names = (*TARGET, *(column.lstrip("-") for column in TARGET_ORDER))
    rows: Any = ranked_targets(found).values_list(*names, named=True)
    page = page_of_rows(rows, paging, order=TARGET_ORDER, show=lambda row: tuple(row[: len(TARGET)]))
    shown = [ReportedText.of(each) for each in reported_in(found, page.items)]
    return Page(items=shown, next=page.next)


@router.post(
    "conferences/{slug}/organise/moderation/{member_id}/dismiss/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Dismiss reports",
)
def dismiss_reports(request: PersonRequest, slug: Slug, member_id: UrlID, form: Dismissal) -> ActDone:
    """Leaves the pitch or profile as it is. Those who reported it get an email."""
    member = _other(request, slug, member_id)
    entered = cleaned(DismissalForm(form.model_dump()))
    done = reporting.dismiss_reports(membership=member, by=actor_of(request), seen=form.seen, **entered)
    return ActDone.of(done)


@router.post(
    "conferences/{slug}/organise/moderation/{member_id}/pass-on/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Pass reports about a profile on",
)
def pass_on_reports(request: PersonRequest, slug: Slug, member_id: UrlID) -> ActDone:
    """To the organisers of the site, who can remove what does not belong in a profile."""
    member = _other(request, slug, member_id)
    return ActDone.of(passing_on.pass_on_reports(membership=member, by=actor_of(request)))


@router.get(
    "organise/passed-on/",
    scope=Scope.ORGANISE_READ,
    all_conferences=True,
    answer=Page[ReportedText],
    summary="List reports that teams have passed on",
)
def passed_on(request: PersonRequest, paging: Query[Paging]) -> Page[ReportedText]:
    """Of all conferences. For organisers of the site."""
    refuse_others(request)
    found = Report.objects.passed_on_to(request.user).filter(membership__conference__rehearses=None)
    return _reported(found, paging)


@router.post(
    "organise/passed-on/{member_id}/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=ActDone,
    summary="Answer reports that were passed on",
)
def answer_passed_on(request: PersonRequest, member_id: UrlID, form: AnswerToTeam) -> ActDone:
    """Those who reported it get an email. For organisers of the site."""
    refuse_others(request)
    require_fresh_log_in_of_browser(request)
    member = reported_member(request, member_id)
    entered = cleaned(AnswerForm(form.model_dump()))
    done = passing_on.answer_passed_on(membership=member, by=actor_of(request), seen=form.seen, **entered)
    return ActDone.of(done)


def _other(request: PersonRequest, slug: str, member_id: int) -> Membership:
    conference = managed(request, slug, MODERATE)
    require_fresh_log_in_of_browser(request)
    return another_member(request, conference, member_id)

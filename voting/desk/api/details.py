from typing import Any, ClassVar, Literal

from pydantic import Field

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Instant, RowID, Slug
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from conferences.api.doors import managed
from conferences.api.outcomes import SEEN
from conferences.models import Conference
from conferences.organising.tabs import READ
from conferences.roster.access import CHANGE
from voting.desk import details as actions
from voting.desk.conference_forms import COLUMNS
from voting.desk.details import CHOICES, TEXTS, version_of_details

router = ApiRouter("Organising: details")
Visibilities = Literal["public", "unlisted", "members_only"]


class Details(Answer):
    slug: Slug
    title: str
    topic: str
    website: str
    place: str
    time_zone: str
    starts_at: Instant | None = Field(description="Null if the dates are not set yet.")
    ends_at: Instant | None
    agenda: str = Field(description="In Markdown.")
    contact_name: str
    contact_email: str
    visibility: Visibilities
    members_are_listed: bool
    one_account_per_mailbox: bool
    series: RowID | None
    voting_opens_at: Instant | None
    voting_closes_at: Instant | None
    campaigns_per_candidate: int
    campaign_gap_hours: int
    reminder_limit: int
    seen: str

    EXAMPLE: ClassVar = {
        "slug": "open-conf",
        "title": "Open Conf",
        "topic": "Open source",
        "website": "https://example.org/",
        "place": "Berlin, Germany",
        "time_zone": "Europe/Berlin",
        "starts_at": "2027-05-01T07:00:00Z",
        "ends_at": "2027-05-02T16:00:00Z",
        "agenda": "Talks about **free software**.",
        "contact_name": "",
        "contact_email": "",
        "visibility": "public",
        "members_are_listed": True,
        "one_account_per_mailbox": True,
        "series": 2,
        "voting_opens_at": "2027-03-01T08:00:00Z",
        "voting_closes_at": "2027-03-15T19:00:00Z",
        "campaigns_per_candidate": 2,
        "campaign_gap_hours": 24,
        "reminder_limit": 2,
        "seen": "2c26b46b68ffc68ff99b453c1d304134",
    }

    @classmethod
    def of(cls, conference: Conference) -> "Details":
        election = conference.election
        facts: dict[str, Any] = {name: getattr(conference, name) for name in ("slug", *TEXTS, *CHOICES)}
        facts |= {name: getattr(election, column) for name, column in COLUMNS.items()}
        has_dates = conference.has_dates
        return cls(
            **facts,
            starts_at=conference.starts_at if has_dates else None,
            ends_at=conference.ends_at if has_dates else None,
            series=conference.series_id,
            seen=version_of_details(conference),
        )


class DetailsToChange(Input):
    """What is left out stays. Times are to the minute."""

    slug: Slug | None = Field(None, description="Only of a draft.")
    title: str | None = Field(None, max_length=200)
    topic: str | None = Field(None, max_length=50)
    website: str | None = Field(None, max_length=300)
    place: str | None = Field(None, max_length=200)
    time_zone: str | None = Field(
        None, max_length=64, description="Times that are left out stay at the same time of day."
    )
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    agenda: str | None = Field(None, max_length=50_000, description="In Markdown.")
    contact_name: str | None = Field(None, max_length=150)
    contact_email: str | None = Field(None, max_length=254)
    visibility: Visibilities | None = None
    members_are_listed: bool | None = None
    one_account_per_mailbox: bool | None = None
    series: RowID | None = Field(None, description="For those who own both.")
    voting_opens_at: Instant | None = Field(None, description="Null: no time.")
    voting_closes_at: Instant | None = Field(None, description="Null: no time.")
    campaigns_per_candidate: int | None = Field(None, ge=0, le=1_000_000)
    campaign_gap_hours: int | None = Field(None, ge=0, le=1_000_000)
    reminder_limit: int | None = Field(None, ge=0, le=1_000_000)
    seen: str = SEEN

    EXAMPLE: ClassVar = {"agenda": "Talks about **free software**, and a workshop.", "seen": ""}


@router.get(
    "conferences/{slug}/organise/details/",
    scope=Scope.ORGANISE_READ,
    answer=Details,
    summary="The details of a conference that you run",
)
def conference_details(request: PersonRequest, slug: Slug) -> Details:
    """With the times of its vote, and the limits of campaigns."""
    return Details.of(managed(request, slug, READ))


@router.post(
    "conferences/{slug}/organise/details/",
    scope=Scope.ORGANISE_WRITE,
    answer=Details,
    summary="Change the details of a conference",
)
def change_details(request: PersonRequest, slug: Slug, form: DetailsToChange) -> Details:
    """What members are notified of, and what votes depend on, is refused here: it has acts of its own."""
    found, values = managed(request, slug, CHANGE), form.model_dump(exclude_unset=True)
    seen = values.pop("seen", "")
    actions.change_details(conference=found, values=values, by=actor_of(request), seen=seen)
    found.refresh_from_db(fields=["slug"])
    return Details.of(managed(request, found.slug, CHANGE))

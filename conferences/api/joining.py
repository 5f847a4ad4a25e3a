from typing import ClassVar, Literal

from django.shortcuts import get_object_or_404
from pydantic import Field

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Instant, Slug
from confbox.kit.api.forms import cleaned
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from conferences.actions import join_conference
from conferences.admission.requests import OwnRequest, own_request
from conferences.api.conferences import Joined
from conferences.joining import actions
from conferences.joining.forms import RequestForm, TypedCodeForm
from conferences.joining.guesses import counting_guesses
from conferences.joining.links import code_of_link
from conferences.matching import free_entry, ticket_of
from conferences.models import Conference
from conferences.tickets.actions import claim_ticket

router = ApiRouter("Joining")


class TypedCode(Input):
    code: str = Field(max_length=60, description="As it was given to you; case and spaces do not matter.")

    EXAMPLE: ClassVar = {"code": "K7P3-QX9M"}


class Introduction(Input):
    sentence: str = Field(max_length=4000, description="Who you are, for the organisers.")

    EXAMPLE: ClassVar = {"sentence": "I maintain the build tools that the second talk is about."}


class JoinRequestState(Answer):
    state: Literal["none", "waiting", "accepted", "declined", "declined_for_good"]
    asked_at: Instant | None
    answered_at: Instant | None
    reason: str = Field(description="Why it was declined.")

    EXAMPLE: ClassVar = {
        "state": "waiting",
        "asked_at": "2027-02-01T09:30:00Z",
        "answered_at": None,
        "reason": "",
    }

    @classmethod
    def of(cls, own: OwnRequest) -> "JoinRequestState":
        last = own.last
        if last is None:
            return cls(state="none", asked_at=None, answered_at=None, reason="")
        state = "waiting" if own.is_waiting else "declined" if own.is_declined else "accepted"
        return cls(
            state="declined_for_good" if own.is_final else state,  # type: ignore[arg-type]
            asked_at=last.asked_at,
            answered_at=last.answered_at,
            reason=last.reason,
        )


class Ticket(Answer):
    state: Literal["claimed", "found", "not_found"] = Field(
        description="`found` is one under a confirmed email address of yours that you can claim."
    )

    EXAMPLE: ClassVar = {"state": "found"}


class TicketClaimed(Answer):
    outcome: Literal["joined", "claimed", "had_one", "not_found"]

    EXAMPLE: ClassVar = {"outcome": "joined"}


@router.post(
    "join-by-code/",
    scope=Scope.VOTE,
    answer=Joined,
    summary="Join with a code",
    all_conferences=True,
    refusals=["This code does not exist.", "This conference is not open to new members."],
)
def join_by_code(request: PersonRequest, form: TypedCode) -> Joined:
    """For a code of which you do not know the conference, as from a QR code. Wrong codes are limited."""
    typed = cleaned(TypedCodeForm(form.model_dump()))["code"]
    with counting_guesses(request):
        found = code_of_link(typed)
        mine = join_conference(conference=found.conference, by=actor_of(request), code=found.code)
    return Joined(conference=found.conference.slug, member_id=mine.pk, joined_at=mine.joined_at)


@router.get(
    "conferences/{slug}/join/request/",
    scope=Scope.READ,
    answer=JoinRequestState,
    summary="Your request to be let in",
)
def own_join_request(request: PersonRequest, slug: Slug) -> JoinRequestState:
    """What has become of your last request."""
    return JoinRequestState.of(own_request(conference=_visible(request, slug), user=request.user))


@router.post(
    "conferences/{slug}/join/request/",
    scope=Scope.VOTE,
    answer=JoinRequestState,
    summary="Ask to be let in",
    refusals=[
        "You can join Open Conf without asking.",
        "The organisers have declined twice, so you cannot ask again.",
    ],
)
def request_to_join(request: PersonRequest, slug: Slug, form: Introduction) -> JoinRequestState:
    """Where a rule of the conference says that the organisers decide. They answer by email."""
    conference = _visible(request, slug)
    entered = cleaned(RequestForm(form.model_dump()))
    actions.request_to_join(conference=conference, by=actor_of(request), **entered)
    return JoinRequestState.of(own_request(conference=conference, user=request.user))


@router.get("conferences/{slug}/ticket/", scope=Scope.READ, answer=Ticket, summary="Your place on the roster")
def ticket(request: PersonRequest, slug: Slug) -> Ticket:
    """Depends only on email addresses that you have confirmed. Another one is confirmed on the page."""
    conference = _visible(request, slug)
    if ticket_of(user=request.user, conference=conference):
        return Ticket(state="claimed")
    return Ticket(state="found" if free_entry(user=request.user, conference=conference) else "not_found")


@router.post(
    "conferences/{slug}/ticket/claim/",
    scope=Scope.VOTE,
    answer=TicketClaimed,
    summary="Claim your place on the roster",
)
def claim_own_ticket(request: PersonRequest, slug: Slug) -> TicketClaimed:
    """Joins with the entry under one of your confirmed email addresses, or gives it to you as a member."""
    outcome = claim_ticket(conference=_visible(request, slug), by=actor_of(request))
    return TicketClaimed(outcome=outcome.value.replace(" ", "_"))  # type: ignore[arg-type]


def _visible(request: PersonRequest, slug: str) -> Conference:
    return get_object_or_404(Conference.objects.as_of_now().visible_to(request.user), slug=slug)

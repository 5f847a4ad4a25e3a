from collections.abc import Mapping
from html import unescape
from typing import Any, ClassVar, Literal

from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.html import strip_tags
from ninja import Query
from pydantic import Field

from accounts.actors import actor_of
from accounts.api.log_ins import require_fresh_log_in_of_browser
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Instant, RowID, Slug, UrlID
from confbox.kit.api.forms import cleaned
from confbox.kit.api.pages import Page, Paging, page_of_rows
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope, only_covered
from confbox.kit.clock import database_now
from conferences.api.doors import managed
from conferences.consent.actions import cancel_request, confirm_request
from conferences.consent.forms import DeclineRequestForm
from conferences.consent.panels import Shown, overview_of, request_panel, shown_to
from conferences.models import Conference, ConsentRequest
from conferences.series.consent.models import READ

router = ApiRouter("Organising: second person")
States = Literal["waiting", "confirmed", "declined", "withdrawn", "refused", "lapsed"]
WITH = ("conference__election", "asked_by")


class ConsentInList(Answer):
    id: RowID
    conference: Slug
    act: str
    what: str = Field(description="What is asked for, in words.")
    state: States
    is_own: bool = Field(description="Whether you have asked for it.")
    asked_by: str
    asked_at: Instant
    expires_at: Instant

    EXAMPLE: ClassVar = {
        "id": 6,
        "conference": "open-conf",
        "act": "cancelling",
        "what": "Cancel the conference.",
        "state": "waiting",
        "is_own": False,
        "asked_by": "Ada Example",
        "asked_at": "2027-02-01T09:30:00Z",
        "expires_at": "2027-02-02T09:30:00Z",
    }

    @classmethod
    def facts_of(cls, shown: Shown) -> dict[str, Any]:
        asked = shown.request
        return {
            "id": asked.pk,
            "conference": asked.conference.slug,
            "act": asked.act,
            "what": shown.what,
            "state": str(shown.state),
            "is_own": shown.is_own,
            "asked_by": str(asked.asked_by),
            "asked_at": asked.asked_at,
            "expires_at": asked.expires_at,
        }


class ConsentsOfConference(Answer):
    waiting: list[ConsentInList]
    ended: list[ConsentInList] = Field(description="The last ones.")

    EXAMPLE: ClassVar = {"waiting": [ConsentInList.EXAMPLE], "ended": []}


class OneConsent(ConsentInList):
    reason: str
    decline_reason: str
    refusal: str = Field(description="Why it was not done when it was confirmed.")
    meanwhile: str = Field(description="What is the case until it has ended.")
    preview: str = Field(description="The text that is decided about, if there is one.")
    consequences: list[str]
    seen: str = Field(description="The version to confirm; empty if it has ended.")

    EXAMPLE: ClassVar = ConsentInList.EXAMPLE | {
        "reason": "The venue is closed.",
        "decline_reason": "",
        "refusal": "",
        "meanwhile": "",
        "preview": "",
        "consequences": ["3 members get an email with your reason."],
        "seen": "2c26b46b68ffc68ff99b453c1d304134",
    }


class ConsentAnswer(Input):
    answer: Literal["confirm", "cancel"] = Field(description="`cancel` withdraws your own, or declines.")
    seen: str = Field("", max_length=64, description="Needed to confirm: what you have read.")
    decline_reason: str = Field("", max_length=1000)

    EXAMPLE: ClassVar = {"answer": "confirm", "seen": "2c26b46b68ffc68ff99b453c1d304134"}


class ConsentAnswered(Answer):
    state: States
    refusal: str = Field(description="Why it is no longer possible, so that nothing was changed.")

    EXAMPLE: ClassVar = {"state": "confirmed", "refusal": ""}


@router.get(
    "organise/second-person/",
    scope=Scope.ORGANISE_READ,
    answer=Page[ConsentInList],
    summary="What waits for you as the second person",
)
def all_waiting(request: PersonRequest, paging: Query[Paging]) -> Page[ConsentInList]:
    """In all conferences that you run. The next to expire comes first."""
    found = ConsentRequest.objects.waiting_for(request.user).filter(conference__rehearses=None)
    rows = only_covered(request, found, "conference").select_related(*WITH)
    page = page_of_rows(rows, paging, order=("expires_at", "pk"), show=lambda row: row)
    return Page(items=[_in_list(each) for each in shown_to(request.user, page.items)], next=page.next)


@router.get(
    "conferences/{slug}/organise/second-person/",
    scope=Scope.ORGANISE_READ,
    answer=ConsentsOfConference,
    summary="Requests to a second person in a conference",
)
def consents_of_conference(request: PersonRequest, slug: Slug) -> ConsentsOfConference:
    """Those that you can answer or have asked for."""
    found = overview_of(managed(request, slug, READ), person=request.user)
    lists = {name: [_in_list(row) for row in rows] for name, rows in found.items()}
    return ConsentsOfConference(**lists)


@router.get(
    "conferences/{slug}/organise/second-person/{request_id}/",
    scope=Scope.ORGANISE_READ,
    answer=OneConsent,
    summary="One request to a second person",
)
def consent(request: PersonRequest, slug: Slug, request_id: UrlID) -> OneConsent:
    """With what follows if it is confirmed."""
    asked = _asked(request, slug, request_id)
    facts = request_panel(asked, person=request.user).facts
    follows = _items(facts["template"], facts["act"]) if "template" in facts else []
    preview = facts.get("preview")
    names = ("reason", "decline_reason", "refusal")
    return OneConsent(
        **ConsentInList.facts_of(facts["shown"]),
        **{name: getattr(asked, name) for name in names},
        meanwhile=facts.get("meanwhile", ""),
        preview=" ".join(_items(preview.template, preview.facts)) if preview else "",
        consequences=follows,
        seen=facts.get("seen", ""),
    )


@router.post(
    "conferences/{slug}/organise/second-person/{request_id}/",
    scope=Scope.ORGANISE_WRITE,
    answer=ConsentAnswered,
    summary="Confirm, decline or withdraw a request",
    refusals=["You requested this yourself. A second person has to confirm it."],
)
def answer_consent(
    request: PersonRequest, slug: Slug, request_id: UrlID, form: ConsentAnswer
) -> ConsentAnswered:
    """Confirming does what was asked, with both names in the audit log."""
    asked, by = _asked(request, slug, request_id), actor_of(request)
    require_fresh_log_in_of_browser(request)
    if form.answer == "confirm":
        # Without the version, it is like what was read before a change.
        done = confirm_request(asked=asked, by=by, seen=form.seen or "nothing")
        return ConsentAnswered(state=str(done.state(database_now())), refusal=done.refusal)  # type: ignore[arg-type]
    reason = cleaned(DeclineRequestForm({"decline_reason": form.decline_reason}))["decline_reason"]
    state = cancel_request(asked=asked, by=by, reason=reason)
    return ConsentAnswered(state=str(state), refusal="")  # type: ignore[arg-type]


def _asked(request: PersonRequest, slug: str, request_id: int) -> ConsentRequest:
    conference: Conference = managed(request, slug, READ)
    known = ConsentRequest.objects.filter(conference=conference).visible_to(request.user)
    asked = get_object_or_404(known.select_related("asked_by", "answered_by"), pk=request_id)
    asked.conference = conference
    return asked


def _in_list(shown: Shown) -> ConsentInList:
    return ConsentInList(**ConsentInList.facts_of(shown))


def _items(template: str, facts: Mapping[str, Any]) -> list[str]:
    """The list items of the page, as sentences."""
    written = render_to_string(template, {"facts": facts})
    found = (" ".join(unescape(strip_tags(item)).split()) for item in written.split("</li>"))
    return [words for words in found if words]

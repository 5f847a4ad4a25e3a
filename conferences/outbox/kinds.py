"""The events of which webhooks are notified: one object for each. Each app registers its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conferences.outbox.models import WebhookEvent


def page_of_conference(event: WebhookEvent) -> str:
    assert event.conference
    return event.conference.get_absolute_url()


def page_of_test(event: WebhookEvent) -> str:
    if event.conference_id:
        return reverse("admin:conferences_webhooks", args=[event.conference_id])
    return reverse("admin:conferences_series_webhooks", args=[event.data["series_id"]])


def page_for_team(name: str) -> Callable[[WebhookEvent], str]:
    """A page of the conference in the admin."""
    return lambda event: reverse(f"admin:{name}", args=[event.conference_id])


@dataclass(frozen=True, kw_only=True)
class EventKind:
    """`sentence` is what a chat shows; it names the conference as `%(conference)s`, and no person.

    `page` is the path of the page to which its link leads.
    """

    name: str
    label: str | Promise
    sentence: str | Promise
    page: Callable[[WebhookEvent], str]
    # Whether people can choose to be notified of it.
    is_offered: bool = True

    def in_words(self, event: WebhookEvent) -> str:
        return str(self.sentence) % {"conference": event.conference or "", **event.data}


MEMBER_JOINED = EventKind(
    name="member.joined",
    label=_("A member joined"),
    sentence=_("A member joined %(conference)s."),
    page=page_of_conference,
)
CONFERENCE_CHANGED = EventKind(
    name="conference.changed",
    label=_("The conference was published, changed, moved or cancelled"),
    sentence=_("%(conference)s has changed."),
    page=page_of_conference,
)
TEST = EventKind(
    name="test",
    label=_("Test"),
    sentence=_("This is a test. Messages from this site arrive here."),
    page=page_of_test,
    is_offered=False,
)
OWN = [MEMBER_JOINED, CONFERENCE_CHANGED]
KINDS: dict[str, EventKind] = {kind.name: kind for kind in (TEST, *OWN)}


def register(kind: EventKind) -> None:
    KINDS[kind.name] = kind


def offered() -> list[EventKind]:
    return [kind for kind in KINDS.values() if kind.is_offered]


def facts_of(conference: Any) -> dict[str, Any]:
    return {"conference_id": conference.pk, "conference_slug": conference.slug}

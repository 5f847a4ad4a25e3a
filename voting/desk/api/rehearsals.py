from typing import ClassVar, Literal

from django.http import Http404
from pydantic import Field

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Slug
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from conferences.api.doors import managed
from conferences.models import Conference
from conferences.organising.tabs import CHANGE, READ
from voting.desk.rehearsal_views import begin_rehearsal
from voting.rehearsal import actions
from voting.rehearsal.panels import RehearsalStep, ends_on, steps_of
from voting.rehearsal.twins import twin_of

router = ApiRouter("Organising: rehearsal")


class StepOfRehearsal(Answer):
    title: str
    words: str
    state: Literal["done", "now", "next"]

    EXAMPLE: ClassVar = {"title": "People vote", "words": "12 votes are in.", "state": "now"}

    @classmethod
    def of(cls, step: RehearsalStep) -> "StepOfRehearsal":
        return cls(title=step.title, words=step.words, state=step.state)  # type: ignore[arg-type]


class Rehearsal(Answer):
    conference: str = Field(description="The slug of the rehearsal; empty if there is none now.")
    ends: str = Field(description="When it ends by itself, in words.")
    steps: list[StepOfRehearsal]

    EXAMPLE: ClassVar = {
        "conference": "open-conf-rehearsal",
        "ends": "1 April 2027, 12:00",
        "steps": [StepOfRehearsal.EXAMPLE],
    }

    @classmethod
    def of(cls, conference: Conference) -> "Rehearsal":
        twin = twin_of(conference)
        if twin is None:
            return cls(conference="", ends="", steps=[])
        steps = [StepOfRehearsal.of(step) for step in steps_of(twin)]
        return cls(conference=twin.slug, ends=ends_on(twin), steps=steps)


def _conference(request: PersonRequest, slug: str, permission: str) -> Conference:
    """One that takes place; a rehearsal has no rehearsal."""
    found = managed(request, slug, permission)
    if found.rehearses_id:
        raise Http404
    return found


@router.get(
    "conferences/{slug}/organise/rehearsal/",
    scope=Scope.ORGANISE_READ,
    answer=Rehearsal,
    summary="The rehearsal of a conference",
)
def rehearsal(request: PersonRequest, slug: Slug) -> Rehearsal:
    """What has happened in it, and what comes next."""
    return Rehearsal.of(_conference(request, slug, READ))


@router.post(
    "conferences/{slug}/organise/rehearsal/start/",
    scope=Scope.ORGANISE_WRITE,
    answer=Rehearsal,
    summary="Start a rehearsal",
    refusals=["This is a rehearsal itself."],
)
def start_rehearsal(request: PersonRequest, slug: Slug) -> Rehearsal:
    """With your team and invented people. Answers with the one that there is, if there is one."""
    conference = _conference(request, slug, CHANGE)
    begin_rehearsal(request, conference)
    return Rehearsal.of(conference)


@router.post(
    "conferences/{slug}/organise/rehearsal/end/",
    scope=Scope.ORGANISE_WRITE,
    answer=Rehearsal,
    summary="End a rehearsal",
)
def end_rehearsal(request: PersonRequest, slug: Slug) -> Rehearsal:
    """Nothing of it is left. Also if there is none."""
    conference = _conference(request, slug, CHANGE)
    actions.end_rehearsal(conference=conference, by=actor_of(request))
    return Rehearsal.of(conference)

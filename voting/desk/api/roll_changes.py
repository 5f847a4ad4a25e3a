from collections.abc import Callable
from functools import partial
from typing import Literal

from django.shortcuts import get_object_or_404

from accounts.actors import actor_of
from accounts.api.log_ins import require_fresh_log_in_of_browser
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Slug, UrlID
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.panel_sentences import sentences_in, sentences_of
from conferences.api.acts import Consequences
from conferences.api.outcomes import ActDone
from conferences.consent.actions import do_or_ask
from conferences.consent.panels import notice_of
from conferences.models import Conference, Membership, RosterEntry
from voting.desk.access import conference_with_slug
from voting.desk.api.consequences import without_addresses
from voting.desk.api.exclusions import EXCLUDE, Because
from voting.desk.api.reasons import reason_in
from voting.desk.forms import RollForm
from voting.elections.election.two_people import ROLL
from voting.elections.results import was_tally_live
from voting.elections.roll import actions, roster

router = ApiRouter("Organising: list of voters")
CHANGE = "conferences.change_conference"
FOLDER = "admin/voting/tally"
REFUSALS = ["Voting is closed and the count is final, so the list cannot be changed."]


def _member(conference: Conference, member_id: int) -> Membership:
    members = Membership.objects.filter(conference=conference)
    return get_object_or_404(members.select_related("user", "conference__election"), pk=member_id)


@router.get(
    "conferences/{slug}/organise/roll/{member_id}/",
    scope=Scope.ORGANISE_READ,
    answer=Consequences,
    summary="What adding or removing a voter leads to",
)
def consequences_for_roll(
    request: PersonRequest, slug: Slug, member_id: UrlID, act: Literal["add", "remove"]
) -> Consequences:
    """As the page says it."""
    conference = conference_with_slug(request, slug, EXCLUDE)
    member = _member(conference, member_id)
    template = f"{FOLDER}/_roll_{'addition' if act == 'add' else 'removal'}.html"
    said = sentences_in(template, member=member, was_tally_live=was_tally_live(conference))
    notice = notice_of(ROLL, conference, {"change": act, "row": member.pk}, person=request.user)
    return Consequences(
        refusal="",
        consequences=without_addresses(said),
        warnings=sentences_of(notice),
        needs_second_person=notice is not None,
        seen="",
    )


@router.post(
    "conferences/{slug}/organise/roll/{member_id}/add/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Add a member to the list of voters",
    refusals=REFUSALS,
)
def add_to_roll(request: PersonRequest, slug: Slug, member_id: UrlID, form: Because) -> ActDone:
    """All members read the reason, so do not name anyone in it. `none` if the member is on it already."""
    conference = conference_with_slug(request, slug, EXCLUDE)
    require_fresh_log_in_of_browser(request)
    member = _member(conference, member_id)
    return _change(request, partial(actions.add_to_roll, membership=member), form)


@router.post(
    "conferences/{slug}/organise/roll/{member_id}/remove/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Remove a member from the list of voters",
    refusals=REFUSALS,
)
def remove_from_roll(request: PersonRequest, slug: Slug, member_id: UrlID, form: Because) -> ActDone:
    """Who stays a member. All members read the reason. `none` if the member is not on it."""
    conference = conference_with_slug(request, slug, EXCLUDE)
    require_fresh_log_in_of_browser(request)
    member = _member(conference, member_id)
    return _change(request, partial(actions.remove_from_roll, membership=member), form)


@router.post(
    "conferences/{slug}/organise/roll/listed/{entry_id}/add/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Add a person on the roster to the list of voters",
    refusals=REFUSALS,
)
def add_listed_to_roll(request: PersonRequest, slug: Slug, entry_id: UrlID, form: Because) -> ActDone:
    """One who was listed after voting had opened, and has not joined."""
    conference = conference_with_slug(request, slug, EXCLUDE, CHANGE)
    require_fresh_log_in_of_browser(request)
    listed = get_object_or_404(RosterEntry, pk=entry_id, conference=conference)
    return _change(request, partial(roster.add_listed_to_roll, listed=listed), form)


def _change(request: PersonRequest, verb: Callable[..., object], form: Because) -> ActDone:
    by, reason = actor_of(request), reason_in(RollForm, form.reason)
    return ActDone.of(do_or_ask(partial(verb, by=by, reason=reason), reason=reason, by=by))

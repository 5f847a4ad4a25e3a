"""The ballot, and votes given on it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actors import actor_of
from accounts.models import User
from accounts.requests import PersonRequest
from confbox.kit.form_pages import form_is_on
from confbox.kit.message_buttons import success_with_button
from confbox.kit.outcomes import Change
from confbox.kit.pagination import page_of, place_of, search_words
from confbox.kit.referrer_policy import sends_no_path
from confbox.kit.swapped_pages import is_swapped, render_page, visit_of
from conferences.members_in_order import page_in_order
from conferences.models import Conference, Membership
from conferences.views import for_members, own_membership
from voting.elections import actions
from voting.elections.ballot import (
    CANDIDATES_PER_PAGE,
    Candidate,
    ballot_order,
    candidate_of,
    candidates_on_page,
    chosen_candidate,
)
from voting.elections.eligibility import first_refusal
from voting.elections.just_voted import FIRST, MOVED, act_noted, cookie_of, forget_vote, note_vote
from voting.elections.panels.ballot import candidates_panel, my_vote_panel, standing_of
from voting.elections.panels.conference import window_note
from voting.elections.participation import Participation, participation_of
from voting.elections.voiding import own_vote, valid_vote


def ballot_is_for_members(user: User, conference: Conference) -> str:
    said = _("The ballot is for members.")
    return f"{said} {first_refusal(user=user, conference=conference, membership=None)}"


@sends_no_path
@require_safe
@for_members(ballot_is_for_members)
def ballot(request: PersonRequest, voter: Membership) -> HttpResponse:
    act = act_noted(request, voter.conference.slug)
    response = ballot_page(request, voter, own_participation(request, voter), just_voted=act)
    if settings.VOTED_COOKIE_NAME in request.COOKIES:
        forget_vote(response)
    return response


def ballot_page(request: PersonRequest, voter: Membership, mine: Participation, **more: Any) -> HttpResponse:
    words, conference = search_words(request), voter.conference
    page, found = _found_candidates(request, voter, words) if words else _shuffled_candidates(request, voter)
    context = {
        "conference": conference,
        "vote": mine.vote,
        "my_vote": my_vote_panel(mine),
        "standing": standing_of(conference.election),
        "window_note": window_note(conference),
        "candidates": candidates_panel(mine, page, found, words=words, is_turned=_is_turned(request)),
        "page": page,
        "q": words,
        "reads_only": voter.reads_only,
    }
    return render_page(request, "voting/elections/ballot.html", context | more)


def _is_turned(request: PersonRequest) -> bool:
    """Whether one has turned to another page of candidates, and only they are replaced."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx and htmx.boosted and request.GET.get("page"))


def _found_candidates(request: PersonRequest, voter: Membership, words: str) -> tuple[Any, list[Candidate]]:
    conference = voter.conference
    found = Membership.objects.listed_for(voter).candidates().exclude(pk=voter.pk)
    found, are_most = found.select_related("user", "pitch"), conference.members_are_listed
    page = page_in_order(request, conference, found, words, CANDIDATES_PER_PAGE, are_most=are_most)
    return page, [candidate_of(person) for person in page.object_list]


def _shuffled_candidates(request: PersonRequest, voter: Membership) -> tuple[Any, list[Candidate]]:
    page = page_of(request, ballot_order(conference=voter.conference, voter=voter), CANDIDATES_PER_PAGE)
    return page, candidates_on_page(list(page.object_list))


def own_participation(request: PersonRequest, voter: Membership) -> Participation:
    membership = None if voter.reads_only else voter
    return participation_of(person=request.user, conference=voter.conference, membership=membership)


@form_is_on("ballot")
@require_POST
def cast_vote(request: PersonRequest, slug: str) -> HttpResponse:
    candidate_id = chosen_candidate(request.POST)
    if candidate_id is None:
        own_membership(request, slug)
        messages.error(request, _("Please choose one member to vote for."))
        return _ballot_now(request, slug)
    act = ""
    try:
        actions.cast_vote(slug=slug, candidate_id=candidate_id, by=actor_of(request))
        act = MOVED if "moves" in request.POST else FIRST
    except Membership.DoesNotExist:
        raise Http404 from None
    except ValidationError as refusal:
        messages.error(request, refusal.message)
    return _ballot_now(request, slug, act=act)


def _ballot_now(request: PersonRequest, slug: str, *, act: str = "") -> HttpResponse:
    """The browser's next page, at once if it only replaces parts of the one that it has."""
    if is_swapped(request):
        visit = visit_of(request, _place_on_ballot(request, slug))
        if act:
            visit.COOKIES = {**request.COOKIES, settings.VOTED_COOKIE_NAME: cookie_of(slug, act)}
        return ballot(visit, slug)
    response = _back_to_ballot(request, slug)
    if act:
        note_vote(response, slug=slug, act=act)
    return response


@form_is_on("ballot")
@require_POST
def withdraw_vote(request: PersonRequest, slug: str) -> HttpResponse:
    voter = own_membership(request, slug)
    vote, response = valid_vote(own_vote(voter)), _back_to_ballot(request, slug)
    try:
        withdrawn = actions.withdraw_vote(conference=voter.conference, by=actor_of(request))
        if withdrawn is Change.MADE and vote:
            back = reverse("cast-vote", args=[slug])
            verb = _("Vote for %(name)s again") % {"name": vote.candidate}
            said = _("Your vote has been withdrawn.")
            place = {name: request.POST[name] for name in ("page", "q") if request.POST.get(name)}
            success_with_button(request, said, verb=verb, path=back, candidate=vote.candidate_id, **place)
        else:
            # The second click of a double click then gets the same response as the first.
            response.did_nothing = True  # type: ignore[attr-defined]
            messages.success(request, _("There was no vote to withdraw."))
    except ValidationError as refusal:
        messages.error(request, refusal.message)
    return response


def _back_to_ballot(request: PersonRequest, slug: str) -> HttpResponse:
    """Redirects to the page of candidates, and the search, that the voter was on."""
    return redirect(_place_on_ballot(request, slug))


def _place_on_ballot(request: PersonRequest, slug: str) -> str:
    return reverse("ballot", args=[slug]) + place_of(request.POST)

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actors import Actor, actor_of
from accounts.models import User
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, form_is_on
from confbox.kit.message_buttons import success_with_button
from confbox.kit.outcomes import Change
from confbox.kit.pagination import page_of, place_of, search_words
from confbox.kit.referrer_policy import sends_no_path
from conferences.local_times import in_zone
from conferences.members_in_order import page_in_order
from conferences.models import Conference, Membership
from conferences.panels import status_notice
from conferences.views import for_members, membership_or_reader, own_membership
from voting.elections import actions, answers, listing, member_page, pitches
from voting.elections.ballot import CANDIDATES_PER_PAGE, ballot_order, candidates_on_page, chosen_candidate
from voting.elections.eligibility import first_refusal
from voting.elections.forms import DeclineForm, PitchForm
from voting.elections.models import Decision, Pitch
from voting.elections.panels.ballot import candidates_panel, my_vote_panel
from voting.elections.panels.conference import window_note
from voting.elections.panels.member import pitch_panel, reports_of, vote_dock
from voting.elections.panels.results import decision_panel, proof_of, result_panel
from voting.elections.participation import Participation, participation_of
from voting.elections.receipts.actions import ensure_published
from voting.elections.results import sees_results, visible_decision
from voting.elections.rules.registry import rules_in_words
from voting.elections.tally import published_tally, tally_of
from voting.elections.voiding import own_vote, valid_vote


def _ballot_is_for_members(user: User, conference: Conference) -> str:
    said = _("The ballot is for members.")
    return f"{said} {first_refusal(user=user, conference=conference, membership=None)}"


@sends_no_path
@require_safe
@for_members(_ballot_is_for_members)
def ballot(request: PersonRequest, voter: Membership) -> HttpResponse:
    return ballot_page(request, voter, _participation_of(request, voter))


def ballot_page(request: PersonRequest, voter: Membership, mine: Participation, **more: Any) -> HttpResponse:
    words, conference = search_words(request), voter.conference
    page = _found_candidates(request, voter, words) if words else _shuffled_candidates(request, voter)
    context = {
        "conference": conference,
        "vote": mine.vote,
        "my_vote": my_vote_panel(mine),
        "rules": tuple(rules_in_words(conference)) if conference.election.rules_set_at else (),
        "window_note": window_note(conference),
        "candidates": candidates_panel(mine, page, words=words),
        "page": page,
        "q": words,
        "reads_only": voter.reads_only,
    }
    return render(request, "voting/elections/ballot.html", context | more)


def _found_candidates(request: PersonRequest, voter: Membership, words: str) -> Any:
    conference = voter.conference
    found = Membership.objects.listed_for(voter).candidates().exclude(pk=voter.pk)
    found, are_most = found.select_related("user", "pitch"), conference.members_are_listed
    return page_in_order(request, conference, found, words, CANDIDATES_PER_PAGE, are_most=are_most)


def _shuffled_candidates(request: PersonRequest, voter: Membership) -> Any:
    page = page_of(request, ballot_order(conference=voter.conference, voter=voter), CANDIDATES_PER_PAGE)
    page.object_list = candidates_on_page(list(page.object_list))
    return page


def _participation_of(request: PersonRequest, voter: Membership) -> Participation:
    membership = None if voter.reads_only else voter
    return participation_of(person=request.user, conference=voter.conference, membership=membership)


@sends_no_path
@require_safe
def member(request: PersonRequest, slug: str, member_id: int) -> HttpResponse:
    voter = membership_or_reader(request, slug, "conferences.view_membership")
    people = Membership.objects.listed_for(voter)
    person = get_object_or_404(people.select_related("user", "pitch"), pk=member_id)
    mine = _participation_of(request, voter)
    context = {
        "conference": voter.conference,
        "membership": voter,
        "person": person,
        "pitch": pitch_panel(person, mine),
        "dock": vote_dock(person, mine),
        "reads_only": voter.reads_only,
        "reports": reports_of(person, voter),
    }
    return render(request, "voting/elections/member.html", context | member_page.facts_of(person, voter))


@form_is_on("ballot")
@require_POST
def cast_vote(request: PersonRequest, slug: str) -> HttpResponse:
    candidate_id = chosen_candidate(request.POST)
    if candidate_id is None:
        own_membership(request, slug)
        messages.error(request, _("Please choose one member to vote for."))
        return _back_to_ballot(request, slug)
    try:
        actions.cast_vote(slug=slug, candidate_id=candidate_id, by=actor_of(request))
        if "moves" in request.POST:
            messages.success(request, _("Your vote has been changed"), extra_tags="moved")
        else:
            messages.success(request, _("Your vote is in. You can change it until voting closes."))
    except Membership.DoesNotExist:
        raise Http404 from None
    except ValidationError as refusal:
        messages.error(request, refusal.message)
    return _back_to_ballot(request, slug)


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
    return redirect(reverse("ballot", args=[slug]) + place_of(request.POST))


@form_is_on("conference")
@require_POST
def set_listed(request: PersonRequest, slug: str) -> HttpResponse:
    membership = own_membership(request, slug)
    wish = {"yes": True, "no": False}.get(request.POST.get("listed", ""))
    if wish is None:
        messages.error(request, _("Please choose whether other members see you."))
        return redirect(membership.conference)
    listing.set_listed(membership=membership, is_listed=wish, by=actor_of(request))
    shown, hidden = _("You are on the list of members."), _("You are no longer on the list of members.")
    messages.success(request, shown if wish else hidden)
    return redirect(membership.conference)


@require_POST
def leave_conference(request: PersonRequest, slug: str) -> HttpResponse:
    membership = own_membership(request, slug)
    actions.leave_conference(membership=membership, by=actor_of(request))
    said = _("You left %(conference)s.") % {"conference": membership.conference}
    visible = Conference.objects.visible_to(request.user).filter(pk=membership.conference_id)
    if membership.conference.is_joinable() and visible.exists():
        success_with_button(request, said, verb=_("Join again"), path=reverse("join-conference", args=[slug]))
    else:
        messages.success(request, said)
    return redirect("conferences")


@asking
def pitch(request: PersonRequest, slug: str) -> HttpResponse:
    membership = own_membership(request, slug)
    mine = Pitch.objects.filter(membership=membership).first()
    form = PitchForm(request.POST or None, instance=mine, initial={"accepts_votes": membership.accepts_votes})
    if request.method == "POST" and form.is_valid() and _save_pitch(form, membership, actor_of(request)):
        messages.success(request, _("Your pitch is saved."))
        return redirect("member", slug, membership.pk)
    context = {
        "conference": membership.conference,
        "membership": membership,
        "form": form,
        "pitch": mine,
        "is_voting_over": membership.conference.election.is_count_final(),
    }
    return render(request, "voting/elections/pitch.html", context)


def _save_pitch(form: PitchForm, membership: Membership, by: Actor) -> bool:
    try:
        pitches.save_pitch(membership=membership, **form.cleaned_data, by=by)
    except ValidationError as refusal:
        form.add_error("accepts_votes", refusal)
        return False
    return True


@require_safe
def results(request: PersonRequest, slug: str) -> HttpResponse:
    return results_page(request, membership_or_reader(request, slug))


def results_page(request: PersonRequest, membership: Membership, **answer: Any) -> HttpResponse:
    """Renders the results page, with what was typed into its form and why that is refused."""
    conference = membership.conference
    visible = sees_results(membership, request.user)
    decision = visible_decision(membership=membership)
    published = ensure_published(conference) if visible else None
    tally = published_tally(published) if published else tally_of(conference) if visible else None
    context = {
        "conference": conference,
        "membership": membership,
        "notice": status_notice(conference) if conference.is_cancelled else None,
        "decision": decision_panel(decision, membership),
        "result": result_panel(conference=conference, decision=decision, tally=tally),
        "vote": valid_vote(own_vote(membership)) if visible else None,
        "reads_only": membership.reads_only,
    }
    return render(
        request, "voting/elections/results.html", context | proof_of(published, conference) | answer
    )


@require_POST
def answer_decision(request: PersonRequest, slug: str) -> HttpResponse:
    membership = own_membership(request, slug)
    # For everyone else it does not exist: members learn of a decision only once it is accepted.
    own = Decision.objects.filter(election=membership.conference_id, speaker=membership)
    decision = own.current().first() or get_object_or_404(own[:1])
    if decision.answer not in Decision.CURRENT:
        messages.error(request, _answered(decision))
        return redirect("results", slug)
    accept = request.POST.get("answer") == "accept"
    form = DeclineForm(request.POST)
    if not accept and request.POST.get("answer") != "decline":
        messages.error(request, _("Please choose whether to accept or decline."))
    elif not form.is_valid():
        return results_page(request, membership, decline=form)
    else:
        _answer(request, decision, accept=accept, reason=form.cleaned_data["decline_reason"])
    return redirect("results", slug)


def _answered(decision: Decision) -> str:
    """What has become of a choice that is no longer current, for the member on an old page."""
    by_organisers = (Decision.Answer.TAKEN_BACK, Decision.Answer.REVOKED)
    if decision.answer in by_organisers or decision.answered_at is None:
        return _("The organisers have withdrawn their choice, so there is nothing to answer.")
    said = {
        Decision.Answer.DECLINED: _("You declined on %(time)s."),
        Decision.Answer.WITHDRAWN: _("You stepped down on %(time)s."),
    }[Decision.Answer(decision.answer)]
    return said % {"time": in_zone(decision.election.conference, decision.answered_at)}


def _answer(request: PersonRequest, decision: Decision, *, accept: bool, reason: str) -> None:
    by = actor_of(request)
    try:
        changed = answers.answer_decision(decision=decision, accept=accept, by=by, reason=reason)
    except ValidationError as refusal:
        messages.error(request, refusal.message)
        return
    if changed is Change.NONE:
        messages.error(request, _("You had already answered."))
    elif accept:
        messages.success(request, _("You accepted. You are the speaker!"))
    else:
        messages.success(request, _("You declined. The organisers will choose another member."))


@require_POST
def step_down(request: PersonRequest, slug: str) -> HttpResponse:
    membership = own_membership(request, slug)
    own = Decision.objects.filter(election=membership.conference_id, speaker=membership)
    decision = get_object_or_404(own.filter(answer__in=Decision.ANNOUNCED)[:1])
    if decision.answer == Decision.Answer.REVOKED:
        messages.error(request, _answered(decision))
        return redirect("results", slug)
    form = DeclineForm(request.POST)
    if decision.answer == Decision.Answer.ACCEPTED and not form.is_valid():
        return results_page(request, membership, decline=form)
    reason = form.data.get("decline_reason", "")
    if answers.step_down(decision=decision, by=actor_of(request), reason=reason) is Change.MADE:
        messages.success(request, _("You stepped down. The organisers will choose another member."))
    else:
        messages.error(request, _("You had already stepped down."))
    return redirect("results", slug)

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actors import Actor, actor_of
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, form_is_on
from confbox.kit.message_buttons import success_with_button
from confbox.kit.outcomes import Change
from confbox.kit.referrer_policy import sends_no_path
from conferences.local_times import in_zone
from conferences.models import Conference, Membership
from conferences.panels import status_notice
from conferences.views import membership_or_reader, own_membership
from voting.elections import actions, answers, listing, member_page, pitches
from voting.elections.ballot_views import own_participation
from voting.elections.figures.shown import shown_tally
from voting.elections.forms import DeclineForm, PitchForm
from voting.elections.models import Decision, Pitch
from voting.elections.panels.member import pitch_panel, reports_of, vote_dock
from voting.elections.panels.results import COUNTING, decision_panel, proof_of, result_panel
from voting.elections.receipts.actions import ensure_published
from voting.elections.results import sees_results, visible_decision
from voting.elections.voiding import own_vote, valid_vote


@sends_no_path
@require_safe
def member(request: PersonRequest, slug: str, member_id: int) -> HttpResponse:
    voter = membership_or_reader(request, slug, "conferences.view_membership")
    people = Membership.objects.listed_for(voter)
    person = get_object_or_404(people.select_related("user", "pitch"), pk=member_id)
    mine = own_participation(request, voter)
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
    tally = shown_tally(conference, published) if visible else None
    is_counting = visible and tally is None
    context = {
        "conference": conference,
        "membership": membership,
        "notice": status_notice(conference) if conference.is_cancelled else None,
        "decision": decision_panel(decision, membership),
        "result": COUNTING if is_counting else result_panel(conference, decision=decision, tally=tally),
        "vote": valid_vote(own_vote(membership)) if visible else None,
        "reads_only": membership.reads_only,
    }
    return render(
        request, "voting/elections/results.html", context | proof_of(published, conference) | answer
    )


@require_POST
def answer_decision(request: PersonRequest, slug: str) -> HttpResponse:
    membership = own_membership(request, slug)
    decision = own_decision(membership)
    if decision.answer not in Decision.CURRENT:
        messages.error(request, what_became_of(decision))
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


def own_decision(membership: Membership) -> Decision:
    """The choice of this member, the current one first.

    For everyone else it does not exist: members learn of a decision only once it is accepted.
    """
    own = Decision.objects.filter(election=membership.conference_id, speaker=membership)
    return own.current().first() or get_object_or_404(own[:1])


def own_announced_decision(membership: Membership) -> Decision:
    """The one that members were notified of, if it is of this member."""
    own = Decision.objects.filter(election=membership.conference_id, speaker=membership)
    return get_object_or_404(own.filter(answer__in=Decision.ANNOUNCED)[:1])


def what_became_of(decision: Decision) -> str:
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
    decision = own_announced_decision(membership)
    if decision.answer == Decision.Answer.REVOKED:
        messages.error(request, what_became_of(decision))
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

"""Acts on the vote of one conference: choosing its speaker, withdrawing that, and setting the rules."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.actors import actor_of
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, posted
from confbox.kit.outcomes import Change
from confbox.kit.seen import seen_in
from conferences.consent.actions import do_or_ask
from conferences.consent.answers import is_asked
from conferences.consent.panels import notice_of
from conferences.models import Conference, Membership, RosterEntry
from conferences.organising.saying import say_saved
from voting.desk.access import conference_or_refuse, page_context, panel_page
from voting.desk.forms import DecisionForm, ReplyByForm, RevokingForm, RulesForm
from voting.desk.panels import decision_panel, reply_by_panel, take_back_panel
from voting.desk.roll_panels import off_roster_words
from voting.elections.actions import decide_speaker
from voting.elections.answers import revoke_decision, take_back_decision
from voting.elections.decision_rules import why_not_to_decide_now
from voting.elections.election.models import Election, VotingState
from voting.elections.election.two_people import DECISION, REVOKING
from voting.elections.models import Decision
from voting.elections.reply_by import move_reply_by
from voting.elections.roll.publication import members_off_roster
from voting.elections.rules.actions import set_rules as set_rules_of
from voting.elections.tally import tally_of

# Votes that were cast count on if the conference takes place after all.
SECRET = (VotingState.OPEN, VotingState.CANCELLED)
REVOCABLE = (Decision.Answer.ACCEPTED, Decision.Answer.REVOKED)


def who_can_be_chosen(conference: Conference) -> QuerySet[Membership]:
    members = Membership.objects.of_active_people().filter(conference=conference, excluded_at=None)
    return members.select_related("user", "pitch")


@asking
def decide(request: PersonRequest, conference_id: int, member_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, conference_id, "voting.add_decision")
    require_fresh_log_in(request)
    candidate = get_object_or_404(who_can_be_chosen(conference), pk=member_id)
    if conference.election.state() in SECRET:
        messages.error(request, why_not_to_decide_now(conference))
        return redirect("admin:voting_election_decision", conference.pk)
    tally = tally_of(conference)
    notice = notice_of(DECISION, conference, {"candidate": candidate.pk}, person=request.user)
    form = DecisionForm(
        posted(request),
        is_sole_leader=tally.is_sole_leader(candidate.pk),
        conference=conference,
    )
    if form.is_bound and form.is_valid() and _decide(request, conference, candidate, form):
        return redirect("admin:voting_election_decision", conference.pk)
    decisions = list(Decision.objects.filter(election=conference.pk).select_related("speaker__user"))
    panel = decision_panel(candidate=candidate, tally=tally, decisions=decisions, form=form, by=request.user)
    return panel_page(request, conference, panel, tab="decision", notice=notice)


def _decide(
    request: PersonRequest, conference: Conference, candidate: Membership, form: DecisionForm
) -> bool:
    reason = form.cleaned_data["reason"]
    by = actor_of(request)
    verb = partial(
        decide_speaker,
        conference=conference,
        candidate=candidate,
        by=by,
        reason=reason,
        reply_by=form.cleaned_data.get("reply_by"),
        seen=seen_in(request),
    )
    try:
        decided = do_or_ask(verb, reason=reason, by=by)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    if not is_asked(request, decided):
        said = _("%(name)s is chosen as the speaker and has been asked to accept.")
        messages.success(request, said % {"name": candidate})
    return True


@asking
def take_back(request: PersonRequest, conference_id: int, decision_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, conference_id, "voting.add_decision")
    require_fresh_log_in(request)
    decisions = Decision.objects.filter(election=conference.pk).select_related("speaker__user")
    decision = get_object_or_404(decisions, pk=decision_id)
    # An old page, on which the member had not answered, sends no reason.
    if decision.answer in REVOCABLE and (request.method != "POST" or "reason" in request.POST):
        return _revoke(request, conference, decision)
    if request.method != "POST":
        return panel_page(request, conference, take_back_panel(decision), tab="decision")
    if take_back_decision(decision=decision, by=actor_of(request)) is Change.MADE:
        messages.success(request, _("The decision has been withdrawn. You can decide again."))
    else:
        messages.warning(request, _("The member has already answered, so nothing was changed."))
    return redirect("admin:voting_election_decision", conference.pk)


def _revoke(request: PersonRequest, conference: Conference, decision: Decision) -> HttpResponse:
    """Withdraws a speaker who has accepted."""
    form = RevokingForm(posted(request))
    if form.is_bound and form.is_valid() and _is_revoked(request, decision, form):
        return redirect("admin:voting_election_decision", conference.pk)
    notice = notice_of(REVOKING, conference, {"decision": decision.pk}, person=request.user)
    return panel_page(request, conference, take_back_panel(decision, form), tab="decision", notice=notice)


def _is_revoked(request: PersonRequest, decision: Decision, form: RevokingForm) -> bool:
    reason, by = form.cleaned_data["reason"], actor_of(request)
    try:
        done = do_or_ask(
            partial(revoke_decision, decision=decision, reason=reason, by=by), reason=reason, by=by
        )
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    if not is_asked(request, done):
        messages.success(request, _("The decision has been withdrawn. You can decide again."))
    return True


@asking
def reply_by(request: PersonRequest, conference_id: int, decision_id: int) -> HttpResponse:
    """Until when the chosen member is asked to answer."""
    conference = conference_or_refuse(request, conference_id, "voting.add_decision")
    require_fresh_log_in(request)
    pending = Decision.objects.filter(election=conference.pk, answer=Decision.Answer.PENDING)
    decision = get_object_or_404(pending.select_related("speaker__user"), pk=decision_id)
    form = ReplyByForm(posted(request), conference=conference, reply_by=decision.reply_by)
    if form.is_bound and form.is_valid() and _move_reply_by(request, decision, form):
        return redirect("admin:voting_election_decision", conference.pk)
    return panel_page(request, conference, reply_by_panel(decision, form), tab="decision")


def _move_reply_by(request: PersonRequest, decision: Decision, form: ReplyByForm) -> bool:
    until = form.cleaned_data["reply_by"]
    try:
        moved = move_reply_by(decision=decision, reply_by=until, by=actor_of(request))
    except ValidationError as refusal:
        form.add_error("reply_by", refusal)
        return False
    if moved is Change.MADE:
        messages.success(request, _("The new time is set, and the chosen member gets an email about it."))
    else:
        messages.info(request, _("Nothing was changed."))
    return True


@asking
def set_rules(request: PersonRequest, conference_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, conference_id, "conferences.change_conference")
    # A separate row: a refused choice must not appear on the page as if it were stored.
    stored = Election.objects.get(pk=conference.pk)
    form = RulesForm(posted(request), instance=stored)
    if form.is_bound and form.is_valid() and _set_rules(request, conference, form):
        say_saved(request, conference.pk, _("The rules of the vote have been set."), of_vote=True)
        _warn_of_who_cannot_vote(request, conference.pk)
        return redirect("admin:voting_election_turnout", conference.pk)
    found = {"form": form, "off_roster": _off_roster(stored), "empty_roster": _empty_roster(stored)}
    context = page_context(request, conference) | found
    return render(request, "admin/voting/tally/rules.html", context)


def _off_roster(election: Election) -> str:
    """How many members the rule that only the roster votes keeps from voting, while the roll is not fixed."""
    return "" if election.roll_frozen_at else off_roster_words(members_off_roster(election).count())


def _empty_roster(election: Election) -> str:
    """That no one could vote if only the roster votes, while the roll is not fixed; empty if some could."""
    present = RosterEntry.objects.present().filter(conference=election.pk)
    if election.roll_frozen_at or present.exists():
        return ""
    return _("The roster is empty. If it is still empty when voting opens, no one can vote under this rule.")


def _warn_of_who_cannot_vote(request: PersonRequest, conference_id: int) -> None:
    election = Election.objects.get(pk=conference_id)
    for said in filter(None, (_empty_roster(election), _off_roster(election))):
        if election.only_roster_votes():
            messages.warning(request, said)


def _set_rules(request: PersonRequest, conference: Conference, form: RulesForm) -> bool:
    try:
        set_rules_of(conference=conference, by=actor_of(request), **form.cleaned_data)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    return True

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import PersonRequest
from confbox.kit.clock import database_now
from conferences.models import Conference, Membership
from conferences.teams.dashboard import organiser_panel
from conferences.teams.panels import waiting_invitations
from voting.campaigns.models import Campaign
from voting.campaigns.subscriptions.panels import address_note
from voting.elections.eligibility import bar_of
from voting.elections.models import Decision
from voting.elections.voiding import valid_vote
from voting.home.panels import my_conference_panel

MOST_OFFERED = 10


@require_safe
def me(request: PersonRequest) -> HttpResponse:
    now = database_now()
    memberships = _memberships_of(request.user, now)
    waiting = sum(m.conference.election.is_open(now) and not _is_settled(m) for m in memberships)
    pending = Decision.objects.filter(speaker__in=memberships, answer=Decision.Answer.PENDING)
    pending = pending.select_related("election__conference")
    headline = ngettext("%(n)d vote is waiting for you", "%(n)d votes are waiting for you", waiting) % {
        "n": waiting
    }
    context = {
        "organising": organiser_panel(request.user),
        "team_invitations": waiting_invitations(request.user),
        "offered": _offered_to(request.user, now),
        "mine": [my_conference_panel(membership) for membership in memberships],
        "waiting": waiting,
        "headline": headline,
        "chosen_at": [decision.election.conference for decision in pending],
        "campaigns": Campaign.objects.of_members(memberships).select_related("conference__election"),
        "address_note": address_note(request.user),
    }
    return render(request, "voting/home/me.html", context)


def _memberships_of(person: User, now: Any) -> list[Membership]:
    """The memberships on the person's page, the most urgent first, with their conferences."""
    current = Membership.objects.current().filter(user=person, conference__rehearses=None)
    rows = current.select_related("conference__election", "vote__candidate__user", "roll_entry")
    found = [membership for membership in rows if membership.conference.status != "draft"]
    for membership in found:
        membership.conference.as_of = now
    return sorted(found, key=lambda m: _by_urgency(m, now))


def _offered_to(person: User, now: datetime) -> list[Conference]:
    """Conferences that have this person on their roster and wait for them to join."""
    offered = Conference.objects.offered_by_roster(person).upcoming(now)
    return list(offered[:MOST_OFFERED])


def _is_settled(membership: Membership) -> bool:
    """Whether this member will not vote any more: they have voted, or the rules forbid it."""
    return valid_vote(getattr(membership, "vote", None)) is not None or bool(bar_of(membership))


def _by_urgency(membership: Membership, now: Any) -> tuple[bool, bool, bool, float]:
    """Open votes first, those not cast before those cast; then what comes soonest; the past last."""
    conference = membership.conference
    distance = abs((conference.starts_at - now).total_seconds())
    return (
        not conference.election.is_open(now),
        _is_settled(membership),
        conference.is_over(now),
        distance,
    )

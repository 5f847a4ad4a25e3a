"""Every component in every state on one page. Has a URL only if `DEBUG` is on; nothing is stored."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from confbox.kit.message_buttons import success_with_button
from conferences.models import Conference
from conferences.models import Membership as Member
from conferences.panels import conference_card
from voting.elections.ballot import candidate_of
from voting.elections.election.models import Election, VotingState
from voting.elections.models import Pitch, Vote
from voting.elections.panels.ballot import card_of, my_vote_panel
from voting.elections.panels.results import tally_facts
from voting.elections.participation import Participation
from voting.elections.tally import Standing, TallyResult

PAPER = ("paper", "card", "well", "ink", "ink-soft", "line", "line-strong")
SIGNS = ("berry", "berry-tint", "marigold", "marigold-tint", "teal", "teal-tint", "rust", "rust-tint")
LEVELS = (messages.SUCCESS, messages.INFO, messages.WARNING, messages.ERROR)
# Hours from now until voting opens and closes.
WINDOWS = {
    VotingState.UNSCHEDULED: (None, None),
    VotingState.SCHEDULED: (30, 60),
    VotingState.OPEN: (-5, 50),
    VotingState.CLOSED: (-50, -5),
    VotingState.DECIDED: (-90, -50),
}


class ExampleForm(forms.Form):
    """Fields as people see them; shown bound, so that the empty form has errors."""

    name = forms.CharField(help_text="A line of help.")
    missing = forms.CharField(label="Left empty")
    kind = forms.ChoiceField(choices=[("one", "One"), ("two", "Two")])
    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    agreed = forms.BooleanField(label="A box to tick", required=False)


@login_not_required
@require_safe
def component_gallery(request: HttpRequest) -> HttpResponse:
    for level in LEVELS:
        messages.add_message(request, level, f"A message of the level {messages.DEFAULT_TAGS[level]}.")
    success_with_button(request, "A message with the way back.", verb="Undo", path=request.path)
    return render(request, "components/gallery.html", _context())


def _context() -> dict[str, Any]:
    conferences = {state: _conference(state) for state in WINDOWS}
    open_one = conferences[VotingState.OPEN]
    members = [_member(number, name, open_one) for number, name in enumerate(NAMES, start=1)]
    tally = TallyResult([Standing(1, members[0], 7, True), Standing(1, members[1], 7, True)], 14, 20)
    me = members[-1]
    vote = Vote(voter=me, candidate=members[0], cast_at=timezone.now(), nonce="example")
    voter = Participation(open_one, me, vote, [])
    closed = [conferences[state] for state in WINDOWS if state != VotingState.OPEN]
    return {
        "colours": PAPER + SIGNS,
        "hues": range(6),
        "cards": [conference_card(one, "waiting" if one is open_one else "") for one in conferences.values()],
        "conference": open_one,
        "waiting": my_vote_panel(Participation(open_one, me, None, [])),
        "not_open": [(one, my_vote_panel(Participation(one, None, vote, []))) for one in closed],
        "voted": my_vote_panel(voter),
        "members": members,
        "candidates": [card_of(candidate_of(person), voter) for person in members],
        "tally": tally_facts(tally, speaker_id=members[0].pk),
        "page": Paginator(range(50), 10).page(2),
        "form": ExampleForm({"name": "Something", "kind": "two", "agreed": "on"}),
    }


NAMES = ("Alice Adeyemi", "Эмилия Соколова", "محمد صالح", "Bartholomew Featherstonehaugh-Cholmondeley")


def _member(number: int, name: str, conference: Conference) -> Member:
    person = User(pk=number, name=name, email=f"person{number}@example.org", profession="Database engineer")
    member = Member(pk=number, user=person, conference=conference)
    Pitch(membership=member, headline="Indexes nobody uses", statement="You will *leave* with a list.")
    return member


def _conference(state: VotingState) -> Conference:
    now = timezone.now()
    opens, closes = (now + timedelta(hours=h) if h is not None else None for h in WINDOWS[state])
    conference = Conference(
        pk=1,
        title=f"Conference: {state.label}",
        slug="example",
        place="Athens, Greece",
        topic="databases",
        time_zone="Europe/Athens",
        status=Conference.Status.ACTIVE,
        starts_at=now + timedelta(days=20),
        ends_at=now + timedelta(days=21),
    )
    speaker = 1 if state == VotingState.DECIDED else None
    Election(conference=conference, opens_at=opens, closes_at=closes, rules_set_at=now, speaker_id=speaker)
    return conference

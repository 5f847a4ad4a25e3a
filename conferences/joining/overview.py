"""What the organisers' page “Who may join” shows of a conference."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from confbox.kit.clock import database_now
from confbox.kit.pagination import page_of
from conferences.admission.rules import rules_of, ways_of
from conferences.admission.words import limits_in_words
from conferences.joining.links import link_of, page_to_type_at, shown_link
from conferences.joining.qr import qr_svg
from conferences.memberships.admission.models import CodeState
from conferences.models import Conference, JoinCode, JoinRequest, RosterEntry

REQUESTS_PER_PAGE = 20
MOST_ENDED = 20


@dataclass(frozen=True)
class CodeCard:
    """A join code, as a card with its QR code."""

    code: JoinCode
    state: CodeState
    limits: str

    @property
    def is_usable(self) -> bool:
        return self.state is CodeState.USABLE

    @property
    def link(self) -> str:
        return link_of(self.code)

    @property
    def shown_link(self) -> str:
        return shown_link(self.code)

    @property
    def qr(self) -> SafeString:
        label = _("QR code of the link %(link)s") % {"link": self.shown_link}
        return qr_svg(self.link, label=label)


def code_card(code: JoinCode) -> CodeCard:
    return CodeCard(code, code.state(database_now()), limits_in_words(code))


def codes_of(conference: Conference) -> dict[str, Any]:
    """Those that admit people, the last one first, and the last of those that no longer do."""
    now, cards = database_now(), []
    for code in JoinCode.objects.filter(conference=conference).order_by("-pk"):
        code.conference = conference
        cards.append(CodeCard(code, code.state(now), limits_in_words(code)))
    ended = [card for card in cards if not card.is_usable]
    return {
        "usable": [card for card in cards if card.is_usable],
        "ended": ended[:MOST_ENDED],
        "page_to_type_at": page_to_type_at(),
    }


def requests_of(request: HttpRequest, conference: Conference) -> Any:
    """A page of the requests that wait, the oldest first."""
    waiting = JoinRequest.objects.to_answer().filter(conference=conference).select_related("user")
    return page_of(request, waiting.order_by("asked_at", "pk"), REQUESTS_PER_PAGE)


@dataclass(frozen=True)
class Doubt:
    """That something is probably not meant as it is set."""

    sentence: str
    # Whether mending it begins with the roster.
    is_of_roster: bool = False


def doubts_of(conference: Conference) -> list[Doubt]:
    rules, votes_by_roster = rules_of(conference), _roll_will_be_roster(conference)
    found = []
    if not (rules.everyone or ways_of(conference).needs):
        found.append(
            Doubt(_("No one can join now: no rule admits anyone, and there is no usable join code."))
        )
    admits_roster = rules.roster and not rules.everyone
    if not (admits_roster or votes_by_roster):
        return found
    if RosterEntry.objects.present().filter(conference=conference).exists():
        return found
    if admits_roster:
        found.append(Doubt(_("The roster is empty, so it admits no one yet."), is_of_roster=True))
    if votes_by_roster:
        sentence = _("Only people on the roster will be able to vote, and it is empty.")
        found.append(Doubt(sentence, is_of_roster=True))
    return found


def _roll_will_be_roster(conference: Conference) -> bool:
    election = conference.election
    return bool(election.only_roster_votes() and election.roll_frozen_at is None)

"""The acts of a vote that a second person can have to confirm, each as one object with all its parts."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.audit_words import NAME
from accounts.models import User
from confbox.kit.panels import Panel
from conferences.consent.acts import Payload
from conferences.local_times import in_zone
from conferences.models import Conference, ConsentRequest, Membership, RosterEntry
from conferences.roster.actions import remove_entry
from conferences.series.roles.models import MODERATE
from voting.elections.actions import decide_speaker
from voting.elections.consent_of_speaker import Revoking
from voting.elections.consent_of_window import Cancelling, Reinstating, Window
from voting.elections.election.two_people import DECISION, EXCLUSION, HIDING, OF_MEMBER, ROLL
from voting.elections.election_act import (
    FOLDER,
    READS,
    ElectionAct,
    find_listed,
    find_member,
    row_named,
    time_in,
)
from voting.elections.exclusions import exclude_member, readmit_member
from voting.elections.models import Pitch
from voting.elections.moderation.covering import can_be_covered, cover_pitch, pitch_of, uncover_pitch
from voting.elections.moderation.hiding import hide_pitch
from voting.elections.own_interest import interested_in_choice
from voting.elections.results import is_tally_out_to_organisers, was_tally_live
from voting.elections.roll.actions import add_to_roll, remove_from_roll
from voting.elections.roll.roster import add_listed_to_roll
from voting.elections.tally import tally_of

FIRST_PLACES = 5


class Decision(ElectionAct):
    name = DECISION
    label = gettext_lazy("Choosing the speaker")
    help_text = gettext_lazy("The chosen member is asked only after the second person has confirmed.")
    permissions = (READS, "voting.add_decision")
    values: ClassVar = {"candidate": int, "reply_by": (str, type(None))}
    consequences = f"{FOLDER}/decision.html"

    def cleaned(self, payload: Any) -> dict[str, Any]:
        """A request from before the time was asked for has none: a week from when it is confirmed."""
        found = super().cleaned({"reply_by": None} | payload if isinstance(payload, dict) else payload)
        self._reply_by(found)
        return found

    def _reply_by(self, payload: Payload) -> datetime | None:
        until = payload.get("reply_by")
        return time_in(until) if until else None

    def subject(self, payload: Payload) -> str:
        return "speaker"

    def summary(self, conference: Conference, payload: Payload) -> str:
        return _("Choose %(name)s as the speaker.") % self._name(conference, payload)

    def logged(self, conference: Conference, payload: Payload) -> str:
        return _("choosing the speaker (%(name)s)") % {"name": NAME}

    def about(self, payload: Payload) -> Membership:
        return Membership(pk=payload["candidate"])

    def facts(self, conference: Conference, payload: Payload) -> dict[str, Any]:
        facts = {"until": in_zone(conference, self._reply_by(payload))}
        return super().facts(conference, payload) | self._name(conference, payload) | facts

    def grounds(self, conference: Conference, payload: Payload) -> list[object]:
        return [*super().grounds(conference, payload), Pitch.text_of(payload["candidate"])]

    def preview(self, conference: Conference, payload: Payload) -> Panel | None:
        """All who can confirm it may read the count."""
        name = self._name(conference, payload)["name"]
        if name is None or not is_tally_out_to_organisers(conference):
            return None
        tally = tally_of(conference)
        place = next((each for each in tally.standings if each.candidate.pk == name.pk), None)
        facts = {"candidate": name, "pitch": pitch_of(name), "place": place, "conference": conference}
        return Panel(FOLDER, "choice", facts | {"tally": tally, "first": tally.standings[:FIRST_PLACES]})

    def concerns(self, conference: Conference, payload: Payload) -> User | None:
        candidate = find_member(conference, payload["candidate"])
        return interested_in_choice(candidate=candidate, tally=tally_of(conference))

    def last_time(self, conference: Conference, payload: Payload) -> datetime | None:
        return self._reply_by(payload)

    def perform(self, *, conference: Conference, payload: Payload, reason: str, by: Actor) -> None:
        candidate, until = find_member(conference, payload["candidate"]), self._reply_by(payload)
        decide_speaker(conference=conference, candidate=candidate, by=by, reason=reason, reply_by=until)

    def _name(self, conference: Conference, payload: Payload) -> dict[str, Any]:
        return row_named(Membership, conference, payload["candidate"])


class Exclusion(ElectionAct):
    name = EXCLUSION
    label = gettext_lazy("Excluding a member from the vote, or readmitting one")
    help_text = gettext_lazy(
        "Until the second person has confirmed, the member can vote and learns nothing. While voting is open "
        "this includes hiding a pitch, as votes for its author then no longer count."
    )
    permissions = (READS, "conferences.exclude_membership")
    values: ClassVar = {"member": int, "readmits": bool}
    has_public_reason = False
    consequences = f"{FOLDER}/exclusion.html"

    def subject(self, payload: Payload) -> str:
        return f"{OF_MEMBER}{payload['member']}"

    def summary(self, conference: Conference, payload: Payload) -> str:
        readmits = payload["readmits"]
        what = _("Let %(name)s vote again.") if readmits else _("Exclude %(name)s from the vote.")
        return what % self._name(conference, payload)

    def logged(self, conference: Conference, payload: Payload) -> str:
        what = _("letting a member vote again (%(name)s)")
        if not payload["readmits"]:
            what = _("excluding a member from the vote (%(name)s)")
        return what % {"name": NAME}

    def about(self, payload: Payload) -> Membership:
        return Membership(pk=payload["member"])

    def facts(self, conference: Conference, payload: Payload) -> dict[str, Any]:
        facts = {"readmits": payload["readmits"], "was_live": was_tally_live(conference)}
        return super().facts(conference, payload) | self._name(conference, payload) | facts

    def concerns(self, conference: Conference, payload: Payload) -> User | None:
        return find_member(conference, payload["member"]).user

    def perform(self, *, conference: Conference, payload: Payload, reason: str, by: Actor) -> None:
        verb = readmit_member if payload["readmits"] else exclude_member
        verb(membership=find_member(conference, payload["member"]), reason=reason, by=by)

    def _name(self, conference: Conference, payload: Payload) -> dict[str, Any]:
        return row_named(Membership, conference, payload["member"])


class Hiding(ElectionAct):
    """While voting is open it takes away votes as an exclusion does, so it follows the switch of that."""

    name = HIDING
    follows = EXCLUSION
    label = gettext_lazy("Hiding a pitch while voting is open")
    help_text = ""
    permissions = (MODERATE,)
    values: ClassVar = {"member": int, "text": str}
    noted = ("text",)
    has_public_reason = False
    taken_back = gettext_lazy("The text of the pitch is shown.")
    consequences = f"{FOLDER}/hiding.html"

    def cleaned(self, payload: Any) -> dict[str, Any]:
        """A request from before the text was noted has none."""
        return super().cleaned({"text": ""} | payload if isinstance(payload, dict) else payload)

    def is_required(self, conference: Conference) -> bool:
        return conference.election.is_open() and super().is_required(conference)

    def subject(self, payload: Payload) -> str:
        return f"{OF_MEMBER}{payload['member']}"

    def summary(self, conference: Conference, payload: Payload) -> str:
        return _("Hide the pitch of %(name)s.") % self._name(conference, payload)

    def logged(self, conference: Conference, payload: Payload) -> str:
        return _("hiding a pitch (%(name)s)") % {"name": NAME}

    def about(self, payload: Payload) -> Membership:
        return Membership(pk=payload["member"])

    def facts(self, conference: Conference, payload: Payload) -> dict[str, Any]:
        facts = {"is_count_final": conference.election.is_count_final()}
        return super().facts(conference, payload) | self._name(conference, payload) | facts

    def grounds(self, conference: Conference, payload: Payload) -> list[object]:
        return [*super().grounds(conference, payload), Pitch.text_of(payload["member"])]

    def preview(self, conference: Conference, payload: Payload) -> Panel | None:
        pitch = Pitch.objects.filter(membership=payload["member"]).first()
        if pitch is None:
            return None
        before = payload.get("text", "")
        is_changed = bool(before) and before != pitch.whole_text
        return Panel(FOLDER, "pitch", {"pitch": pitch, "before": before if is_changed else ""})

    def meanwhile(self, conference: Conference, payload: Payload) -> str:
        if can_be_covered(Membership(pk=payload["member"])):
            return _(
                "Until then, the text of the pitch is covered: members see a sentence instead of it. The "
                "candidate stays on the ballot, and votes count."
            )
        return _("Until then, the pitch is shown as it is: a text is covered only once.")

    def begin(self, asked: ConsentRequest, by: Actor) -> None:
        member = find_member(asked.conference, asked.payload["member"])
        cover_pitch(membership=member, until=asked.expires_at, reason=asked.reason, by=by)

    def end(self, asked: ConsentRequest, by: Actor) -> None:
        """Nothing, if the member is gone."""
        found = Membership.objects.filter(pk=asked.payload["member"])
        for member in found.select_related("user", "conference"):
            uncover_pitch(membership=member, until=asked.expires_at, by=by)

    def perform(self, *, conference: Conference, payload: Payload, reason: str, by: Actor) -> None:
        hide_pitch(membership=find_member(conference, payload["member"]), reason=reason, by=by)

    def _name(self, conference: Conference, payload: Payload) -> dict[str, Any]:
        return row_named(Membership, conference, payload["member"])


class Roll(ElectionAct):
    name = ROLL
    label = gettext_lazy("Changing the list of voters after voting has opened")
    help_text = gettext_lazy(
        "Adding or removing a voter, also by removing them from the roster. "
        "An import can then remove no one who is on the list of voters."
    )
    permissions = (READS, "conferences.exclude_membership")
    values: ClassVar = {"change": str, "row": int}
    consequences = f"{FOLDER}/roll.html"
    OF_LISTED = ("add_listed", "unlist")
    CHANGES = ("add", "remove", *OF_LISTED)

    def cleaned(self, payload: Any) -> dict[str, Any]:
        found = super().cleaned(payload)
        if found["change"] not in self.CHANGES:
            raise ValidationError(_("This request is incomplete. Please ask again."), code="already_ended")
        return found

    def subject(self, payload: Payload) -> str:
        return f"{'entry' if payload['change'] in self.OF_LISTED else 'member'} {payload['row']}"

    def summary(self, conference: Conference, payload: Payload) -> str:
        what = {
            "add": _("Add %(name)s to the list of voters."),
            "add_listed": _("Add %(name)s to the list of voters."),
            "remove": _("Remove %(name)s from the list of voters."),
            "unlist": _("Remove %(name)s from the roster and from the list of voters."),
        }
        return what[payload["change"]] % self._name(conference, payload)

    def logged(self, conference: Conference, payload: Payload) -> str:
        what = {
            "add": _("adding a voter to the list of voters (%(name)s)"),
            "add_listed": _("adding a voter to the list of voters (%(name)s)"),
            "remove": _("removing a voter from the list of voters (%(name)s)"),
            "unlist": _("removing a voter from the roster and the list of voters (%(name)s)"),
        }
        return what[payload["change"]] % {"name": NAME}

    def about(self, payload: Payload) -> Membership | RosterEntry:
        model = RosterEntry if payload["change"] in self.OF_LISTED else Membership
        return model(pk=payload["row"])

    def facts(self, conference: Conference, payload: Payload) -> dict[str, Any]:
        facts = {"adds": payload["change"] in ("add", "add_listed"), "was_live": was_tally_live(conference)}
        return super().facts(conference, payload) | self._name(conference, payload) | facts

    def lock(self, conference: Conference, payload: Payload) -> None:
        """Nothing: the roster is locked before the election, and its verbs ask their rules again."""

    def concerns(self, conference: Conference, payload: Payload) -> User | None:
        if payload["change"] not in self.OF_LISTED:
            return find_member(conference, payload["row"]).user
        owner = find_listed(conference, payload["row"]).membership
        return owner.user if owner else None

    def perform(self, *, conference: Conference, payload: Payload, reason: str, by: Actor) -> None:
        number = payload["row"]
        if payload["change"] in self.OF_LISTED:
            listed = find_listed(conference, number)
            if payload["change"] == "unlist":
                remove_entry(entry=listed, reason=reason, by=by)
            else:
                add_listed_to_roll(listed=listed, reason=reason, by=by)
            return
        verb: Callable[..., Any] = add_to_roll if payload["change"] == "add" else remove_from_roll
        verb(membership=find_member(conference, number), reason=reason, by=by)

    def _name(self, conference: Conference, payload: Payload) -> dict[str, Any]:
        model = RosterEntry if payload["change"] in self.OF_LISTED else Membership
        return row_named(model, conference, payload["row"])


ACTS_OF_VOTE = (Window(), Cancelling(), Reinstating(), Decision(), Revoking(), Exclusion(), Hiding(), Roll())

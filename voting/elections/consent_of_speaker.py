"""Withdrawing a speaker who has accepted, as an act that a second person can have to confirm."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.audit_words import NAME
from accounts.models import User
from conferences.consent.acts import Payload
from conferences.models import Conference, Membership
from voting.elections.answers import revoke_decision
from voting.elections.election.two_people import DECISION, REVOKING
from voting.elections.election_act import FOLDER, READS, ElectionAct
from voting.elections.models import Decision


class Revoking(ElectionAct):
    """It undoes a choice that two people have made, so it follows the switch of that."""

    name = REVOKING
    follows = DECISION
    label = gettext_lazy("Withdrawing a speaker who has accepted")
    help_text = ""
    permissions = (READS, "voting.add_decision")
    values: ClassVar = {"decision": int}
    has_public_reason = False
    consequences = f"{FOLDER}/revoking.html"

    def subject(self, payload: Payload) -> str:
        return "speaker"

    def summary(self, conference: Conference, payload: Payload) -> str:
        return _("Withdraw %(name)s as the speaker.") % self._name(conference, payload)

    def logged(self, conference: Conference, payload: Payload) -> str:
        return _("withdrawing the speaker (%(name)s)") % {"name": NAME}

    def about(self, payload: Payload) -> Membership | None:
        found = Decision.objects.filter(pk=payload["decision"]).first()
        return Membership(pk=found.speaker_id) if found else None

    def named(self, payload: Payload) -> None:
        """Its payload has only the ID of the choice."""

    def facts(self, conference: Conference, payload: Payload) -> dict[str, Any]:
        return super().facts(conference, payload) | self._name(conference, payload)

    def grounds(self, conference: Conference, payload: Payload) -> list[object]:
        return [*super().grounds(conference, payload), self._found(conference, payload).answer]

    def concerns(self, conference: Conference, payload: Payload) -> User | None:
        return self._found(conference, payload).speaker.user

    def perform(self, *, conference: Conference, payload: Payload, reason: str, by: Actor) -> None:
        revoke_decision(decision=self._found(conference, payload), reason=reason, by=by)

    def _name(self, conference: Conference, payload: Payload) -> dict[str, Any]:
        return {"name": self._found(conference, payload).speaker_name}

    def _found(self, conference: Conference, payload: Payload) -> Decision:
        found = Decision.objects.filter(election=conference.pk, pk=payload["decision"])
        decision = found.select_related("speaker__user", "election").first()
        if decision is None:
            raise ValidationError(_("This decision is no longer there, so nothing was changed."), code="gone")
        return decision

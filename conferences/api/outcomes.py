"""What operations of organisers answer after an act."""

from typing import ClassVar, Literal

from pydantic import Field

from confbox.kit.api.fields import Answer, Input, RowID
from confbox.kit.outcomes import Change
from conferences.models import ConsentRequest

SEEN = Field(
    "",
    max_length=64,
    description="The `seen` that was read before: refused if it has changed since. Empty: not compared.",
)


class ActDone(Answer):
    CAN_WAIT = True

    outcome: Literal["made", "none", "asked"] = Field(
        description="`none` if nothing had to be changed; `asked` if a second person has to confirm it first."
    )
    request_id: RowID | None = Field(description="The request to the second person, if one was asked.")

    EXAMPLE: ClassVar = {"outcome": "made", "request_id": None}

    def waits(self) -> bool:
        return self.outcome == "asked"

    @classmethod
    def of(cls, outcome: object) -> "ActDone":
        """Of what a verb has returned, which is a row where it can only have done it."""
        if isinstance(outcome, ConsentRequest):
            return cls(outcome="asked", request_id=outcome.pk)
        return cls(outcome="none" if outcome is Change.NONE else "made", request_id=None)


class Reason(Input):
    """Why it is done."""

    reason: str = Field(max_length=2000)
    seen: str = SEEN

    EXAMPLE: ClassVar = {"reason": "The venue is closed.", "seen": ""}

"""What an operation answers whose verb says only whether anything changed."""

from typing import ClassVar, Literal

from confbox.kit.api.fields import Answer


class Done(Answer):
    """`none`: it was as asked for already, and nothing changed."""

    outcome: Literal["made", "none"]

    EXAMPLE: ClassVar = {"outcome": "made"}

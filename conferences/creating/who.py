"""Who may join a new conference and who finds it, as one choice."""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from conferences.admission.rules import rules_of
from conferences.models import Conference

Visibility = Conference.Visibility


class Who(models.TextChoices):
    EVERYONE = "everyone", _("Everyone. Its page is public and in the list of conferences.")
    LINK = "link", _("Everyone who has the link. Its page is not in the list of conferences.")
    ROSTER = (
        "roster",
        _(
            "People whom you invite by email, from a list of addresses, the roster. Its page is public and "
            "in the list."
        ),
    )
    REQUEST = "request", _("People who ask to join, and whom you let in. Its page is public and in the list.")


@dataclass(frozen=True)
class Door:
    visibility: str
    everyone: bool = False
    roster: bool = False
    approval: bool = False

    @property
    def rules(self) -> dict[str, Any]:
        """What `set_admission` takes."""
        chosen = {"everyone": self.everyone, "roster": self.roster, "approval": self.approval}
        return chosen | {"email_domains": []}


DOORS = {
    Who.EVERYONE: Door(Visibility.PUBLIC, everyone=True),
    Who.LINK: Door(Visibility.UNLISTED, everyone=True),
    Who.ROSTER: Door(Visibility.PUBLIC, roster=True),
    Who.REQUEST: Door(Visibility.PUBLIC, approval=True),
}


def who_of(conference: Conference) -> Who | None:
    """What is set now; None if it was set otherwise on the page “Who may join”."""
    rules = rules_of(conference)
    if rules.email_domains:
        return None
    now = Door(conference.visibility, rules.everyone, rules.roster, rules.approval)
    return next((who for who, door in DOORS.items() if door == now), None)

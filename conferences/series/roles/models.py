"""The roles in a team, and what each permits."""

from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person does in a team. The permissions of each are fixed; there is no editor for them."""

    OWNER = "owner", _("Owner")
    ORGANISER = "organiser", _("Organiser")
    REVIEWER = "reviewer", _("Reviewer")
    HELP_DESK = "help_desk", _("Help desk")
    OBSERVER = "observer", _("Observer")


READS_CONFERENCE = {f"conferences.view_{what}" for what in ("conference", "series", "teammember")}
LOOKS_AFTER_PEOPLE = {
    *("conferences.view_membership", "conferences.admit_membership"),
    *("conferences.view_rosterentry", "conferences.change_rosterentry"),
}
MODERATE = "conferences.moderate_membership"
ORGANISES = READS_CONFERENCE | LOOKS_AFTER_PEOPLE | {"accounts.view_adminact"}
ORGANISES |= {f"conferences.{may}" for may in ("add_conference", "change_conference", "exclude_membership")}
ORGANISES |= {MODERATE}
# Apps above this one add their permissions when the site starts.
PERMISSIONS: dict[Role, set[str]] = {
    Role.OWNER: {*ORGANISES, "conferences.delete_conference", "conferences.change_teammember"},
    Role.ORGANISER: {*ORGANISES},
    Role.REVIEWER: {*READS_CONFERENCE, MODERATE},
    Role.HELP_DESK: {*READS_CONFERENCE, *LOOKS_AFTER_PEOPLE},
    Role.OBSERVER: {*READS_CONFERENCE, "accounts.view_adminact"},
}
# A role in one conference does not extend to others.
OF_SERIES_ONLY = {"conferences.add_conference", "conferences.view_series"}


def permissions_of(role: str, *, in_series: bool) -> set[str]:
    found = PERMISSIONS[Role(role)]
    return found if in_series else found - OF_SERIES_ONLY


@dataclass(frozen=True)
class TeamRoles:
    """One person's roles, by the IDs of series and of conferences."""

    in_series: dict[int, str] = field(default_factory=dict)
    in_conferences: dict[int, str] = field(default_factory=dict)

    def anywhere(self) -> set[str]:
        """The permissions that the person has in some conference or series."""
        of_series = (permissions_of(role, in_series=True) for role in set(self.in_series.values()))
        single = (permissions_of(role, in_series=False) for role in set(self.in_conferences.values()))
        return set().union(*of_series, *single)

    def permissions_in(self, *, conference_id: int | None, series_id: int | None) -> set[str]:
        found: set[str] = set()
        if role := self.in_series.get(series_id or 0):
            found |= permissions_of(role, in_series=True)
        if role := self.in_conferences.get(conference_id or 0):
            found |= permissions_of(role, in_series=False)
        return found

    def series_with(self, permission: str) -> list[int]:
        roles = self.in_series.items()
        return [pk for pk, role in roles if permission in permissions_of(role, in_series=True)]

    def conferences_with(self, permission: str) -> list[int]:
        roles = self.in_conferences.items()
        return [pk for pk, role in roles if permission in permissions_of(role, in_series=False)]

"""Both conferences side by side, for the page that asks for confirmation."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from conferences.local_times import days_of
from conferences.merging.people import Merge
from conferences.models import Conference, Membership, TeamMember


@dataclass(frozen=True)
class Row:
    label: str
    duplicate: str
    stays: str

    @property
    def differs(self) -> bool:
        return self.duplicate != self.stays


def rows_of(merge: Merge) -> list[Row]:
    return [Row(label, *values) for label, *values in zip(LABELS, *map(_facts, _sides(merge)), strict=True)]


LABELS = (
    gettext_lazy("Title"),
    gettext_lazy("Dates"),
    gettext_lazy("Place"),
    gettext_lazy("Web address"),
    gettext_lazy("State"),
    gettext_lazy("Series"),
    gettext_lazy("Members"),
    gettext_lazy("Team"),
)


def _sides(merge: Merge) -> tuple[Conference, Conference]:
    return merge.duplicate, merge.stays


def _facts(conference: Conference) -> list[str]:
    team = TeamMember.objects.filter(conference=conference).select_related("person")
    return [
        conference.title,
        days_of(conference),
        conference.place or pgettext("of a conference", "no place"),
        conference.get_absolute_url(),
        conference.get_status_display(),
        str(conference.series or _("none")),
        str(Membership.objects.current().filter(conference=conference).count()),
        ", ".join(str(member.person) for member in team.order_by("pk")) or _("that of the series"),
    ]

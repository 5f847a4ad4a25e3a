"""The pages of one conference, as tabs of each of them. Each app registers its own when the site starts.

A row has the main ones, which people use while a vote is under way; a menu at its end has the others.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conferences.models import Conference
from conferences.organising.checklist import Look, look_at

READ, CHANGE = "conferences.view_conference", "conferences.change_conference"
# The part of the overview that has what is needed less often.
ACTS_ID = "more-title"


def page(name: str) -> Callable[[int], str]:
    """The URL of a page of the conference with this ID."""
    return lambda conference_id: reverse(f"admin:{name}", args=[conference_id])


def rows_of(name: str, column: str = "conference__id__exact") -> Callable[[int], str]:
    """The URL of a list of the admin that shows the rows of the conference with this ID."""
    return lambda conference_id: f"{reverse(f'admin:{name}_changelist')}?{column}={conference_id}"


def always(look: Look) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A page of a conference for those who have the permission. The lowest `order` comes first."""

    order: int
    name: str
    label: str | Promise
    permission: str
    url: Callable[[int], str]
    is_shown: Callable[[Look], bool] = always
    is_main: bool = False

    def is_for(self, look: Look) -> bool:
        return look.may(self.permission) and self.is_shown(look)


@dataclass(frozen=True)
class ShownTab:
    label: str | Promise
    url: str
    # For `aria-current`: “page”, or “true” on a page below that of the tab; empty for the others.
    current: str
    is_main: bool = False


@dataclass(frozen=True)
class Tabs:
    # The main ones, and the current one.
    row: list[ShownTab]
    more: list[ShownTab]
    # Where one copies, moves or cancels the conference; empty for those who may not.
    acts_url: str

    @property
    def here(self) -> str | Promise:
        """The name of the current one, if that is not the first, which has the name of the conference."""
        return next((tab.label for tab in self.row[1:] if tab.current), "")


TABS: list[Tab] = [
    Tab(
        order=10,
        name="overview",
        label=_("Overview"),
        permission=READ,
        url=page("conferences_overview"),
        is_main=True,
    ),
    Tab(
        order=20,
        name="details",
        label=_("Details"),
        permission=READ,
        url=page("conferences_conference_change"),
    ),
    Tab(
        order=30,
        name="joining",
        label=_("Who may join"),
        permission="conferences.admit_membership",
        url=page("conferences_joining"),
    ),
    Tab(
        order=40,
        name="members",
        label=_("Members"),
        permission="conferences.view_membership",
        url=rows_of("conferences_membership"),
        is_main=True,
    ),
    Tab(
        order=50,
        name="roster",
        label=_("Roster"),
        permission="conferences.view_rosterentry",
        url=page("conferences_roster"),
        is_main=True,
    ),
    Tab(
        order=80,
        name="team",
        label=_("Team"),
        permission="conferences.view_teammember",
        url=page("conferences_team"),
    ),
    Tab(
        order=90,
        name="audit_log",
        label=_("Audit log"),
        permission="accounts.view_adminact",
        url=rows_of("accounts_adminact", "of_conference"),
    ),
]
# Pages that are needed less often, in a section of the overview.
MORE: list[Tab] = [
    Tab(
        order=70,
        name="second_person",
        label=_("Waiting for a second person"),
        permission=READ,
        url=page("conferences_consent"),
    ),
    Tab(
        order=90,
        name="history",
        label=_("History of the details"),
        permission="conferences.view_membership",
        url=page("conferences_conference_history"),
    ),
]


def tabs_of(request: HttpRequest, conference: Conference, current: str) -> Tabs:
    """For the person of the request, on a page of the tab with this name."""
    look, here = look_at(request.user, conference), request.get_full_path()
    shown = [_shown(tab, look, here, is_current=tab.name == current) for tab in _of(TABS, look)]
    row = [tab for tab in shown if tab.is_main or tab.current]
    overview = page("conferences_overview")(conference.pk)
    acts_url = f"{overview}#{ACTS_ID}" if look.may(CHANGE) else ""
    return Tabs(row, [tab for tab in shown if tab not in row], acts_url)


def _shown(tab: Tab, look: Look, here: str, *, is_current: bool) -> ShownTab:
    url = tab.url(look.conference.pk)
    is_here = url in (here, here.partition("?")[0])
    return ShownTab(tab.label, url, ("page" if is_here else "true") if is_current else "", tab.is_main)


def more_of(look: Look) -> list[ShownTab]:
    return [ShownTab(tab.label, tab.url(look.conference.pk), "") for tab in _of(MORE, look)]


def _of(tabs: list[Tab], look: Look) -> list[Tab]:
    return sorted((tab for tab in tabs if tab.is_for(look)), key=lambda tab: tab.order)

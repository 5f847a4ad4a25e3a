"""The acts on a conference in its overview, each to a page that asks for confirmation."""

from collections.abc import Callable

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from conferences.changes.deletion import can_be_deleted, is_own_draft
from conferences.models import Conference
from conferences.organising.checklist import Look
from conferences.organising.tabs import Tab, page

# What changes the status of a conference, by what it is now.
FROM = {
    Conference.Status.DRAFT: {"publish": _("Publish it")},
    Conference.Status.ACTIVE: {"unpublish": _("Take it off the site"), "cancel": _("Cancel the conference")},
    Conference.Status.INACTIVE: {"publish": _("Publish it")},
    Conference.Status.CANCELLED: {"reinstate": _("Takes place after all")},
}
CHANGE, DELETE = "conferences.change_conference", "conferences.delete_conference"


def _is_active(look: Look) -> bool:
    return look.conference.status == Conference.Status.ACTIVE


def _is_cancelled(look: Look) -> bool:
    return bool(look.conference.is_cancelled)


def _is_deletable(look: Look) -> bool:
    may_delete = look.may(DELETE) or is_own_draft(look.conference, look.person)
    return may_delete and can_be_deleted(look.conference)


def _act(order: int, name: str, label: Promise, *, is_shown: Callable[[Look], bool]) -> Tab:
    return Tab(
        order=order,
        name=name,
        label=label,
        permission=CHANGE,
        url=page(f"conferences_{name}"),
        is_shown=is_shown,
    )


ACTS = [
    _act(60, "reinstate", _("Takes place after all"), is_shown=_is_cancelled),
    _act(61, "move", _("Change the dates or the place"), is_shown=_is_active),
    _act(62, "unpublish", _("Take it off the site"), is_shown=_is_active),
    _act(63, "cancel", _("Cancel the conference"), is_shown=_is_active),
    Tab(
        order=95,
        name="delete",
        label=_("Delete the conference"),
        permission=CHANGE,
        url=page("conferences_delete"),
        is_shown=_is_deletable,
    ),
]


def links_to_acts(conference: Conference) -> str:
    """The acts that change its status now. A rehearsal is only ended."""
    if conference.is_rehearsal:
        return ""
    acts = FROM[Conference.Status(conference.status)]
    urls = ((reverse(f"admin:conferences_{act}", args=[conference.pk]), label) for act, label in acts.items())
    return format_html_join(" · ", '<a href="{}">{}</a>', urls)

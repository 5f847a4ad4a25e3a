"""Deleting a conference that no one outside its team has joined, such as one to try things out."""

from collections.abc import Callable

from django.contrib.admin.models import DELETION
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.audit_log import log_act, log_in_django
from accounts.models import AdminAct
from accounts.permissions import Viewer
from confbox.kit.coded import coded, coded_error
from conferences.actions import lock_conference
from conferences.changes.actions import BEFORE_CHANGING
from conferences.models import Conference, ConferenceChange, Membership, RosterEntry, TeamMember
from conferences.versions import refuse_old_page, version_shown

# Called inside the transaction: what other apps have stored for the conference.
BEFORE_DELETING: list[Callable[[Conference], object]] = []
OF_DELETING: list[Callable[[Conference], list[str]]] = []


def delete_conference(*, conference: Conference, title: str, by: Actor, seen: str = "") -> AdminAct:
    """Deletes it with everything that belongs to it. `title` is its title, as typed to confirm.

    Returns what stays of it: the entry of the audit log.

    Raises:
        ValidationError: people outside its team have joined it, it is a rehearsal, the title is wrong, or it
            has changed since it was shown, as `seen` says.
    """
    with transaction.atomic():
        locked = lock_conference(conference.pk)
        if refusal := why_not_to_delete(locked):
            raise coded_error(refusal, code="has_members")
        refuse_old_page(version_shown(locked), seen)
        if title.strip() != locked.title:
            raise ValidationError(
                {"title": coded_error(_("This is not the title of the conference."), code="no_match")}
            )
        logged = log_act(by=by, act="delete", target=locked)
        log_in_django(by=by, rows=[locked], flag=DELETION, what="")
        delete_rows(locked)
    return logged


def delete_rows(conference: Conference) -> None:
    """All of this locked conference, in the order in which the rows refer to each other."""
    for act in (*BEFORE_CHANGING, *BEFORE_DELETING):
        act(conference)
    ConferenceChange.objects.filter(conference=conference).delete()
    Membership.objects.filter(conference=conference).delete()
    # On MariaDB, Django would first leave them without a conference, which the database refuses.
    conference.webhooks.all().delete()
    conference.delete()


def why_not_to_delete(conference: Conference) -> str:
    """The votes of others have to be kept, also of those who have left."""
    if conference.is_rehearsal:
        return coded(
            "not_in_rehearsal",
            _("This is a rehearsal. End it instead of deleting it, and everything of it is removed."),
        )
    others = members_outside_team(conference).count()
    if not others:
        return ""
    sentence = ngettext(
        "%(n)d person outside its team has joined this conference, so it cannot be deleted. You can "
        "cancel it or take it off the site.",
        "%(n)d people outside its team have joined this conference, so it cannot be deleted. You can "
        "cancel it or take it off the site.",
        others,
    )
    return sentence % {"n": others}


def is_own_draft(conference: Conference, person: Viewer) -> bool:
    """Whether the person can throw it away without being an owner: no one else has seen it published."""
    return conference.status == Conference.Status.DRAFT and conference.created_by_id == person.pk


def permission_to_delete(conference: Conference | None, person: Viewer) -> str:
    """What this person needs to delete a conference that they run."""
    is_own = conference is not None and is_own_draft(conference, person)
    return "conferences.change_conference" if is_own else "conferences.delete_conference"


def can_be_deleted(conference: Conference) -> bool:
    """As `why_not_to_delete`, without how many there are."""
    return not (conference.is_rehearsal or members_outside_team(conference).exists())


def members_outside_team(conference: Conference) -> QuerySet[Membership]:
    team = TeamMember.objects.running(conference).values("person")
    return Membership.objects.filter(conference=conference).exclude(user__in=team)


def of_deleting(conference: Conference) -> list[str]:
    members = Membership.objects.filter(conference=conference).count()
    entries = RosterEntry.objects.filter(conference=conference).count()
    found = [
        ngettext("%(n)d member of its team leaves it.", "%(n)d members of its team leave it.", members)
        % {"n": members},
        ngettext(
            "%(n)d roster entry is deleted. Links in invitations stop working.",
            "%(n)d roster entries are deleted. Links in invitations stop working.",
            entries,
        )
        % {"n": entries},
    ]
    kept = _("No one is notified. The audit log keeps that you deleted it. This cannot be undone.")
    return [*found, *(sentence for add in OF_DELETING for sentence in add(conference)), kept]

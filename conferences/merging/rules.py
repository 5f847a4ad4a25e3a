"""Why a duplicate cannot be merged into the conference that stays, in words; empty if it can."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import has_site_permission
from conferences.admission.rules import rules_of
from conferences.merging.entries import entries_that_move
from conferences.merging.people import Merge, clashing_mailboxes
from conferences.models import Conference, ConsentRequest, RosterEntry

MERGE = "conferences.delete_conference"


# What other apps refuse.
WHY_NOT: list[Callable[[Merge], str]] = []


def why_not_to_merge(merge: Merge, person: User) -> str:
    own = (_of_person(merge, person), *(ask(merge) for ask in (_of_rehearsal, _of_what_stays)))
    rest = (_of_requests, _of_roster, _of_mailboxes, *WHY_NOT)
    return next(filter(None, own), "") or next(filter(None, (ask(merge) for ask in rest)), "")


def _of_person(merge: Merge, person: User) -> str:
    """Members of one committee's conference are not handed to another's."""
    pair = [merge.duplicate.pk, merge.stays.pk]
    if Conference.objects.managed_by(person, MERGE).filter(pk__in=pair).count() != len(pair):
        return _("Only an owner of both conferences, or an organiser of the site, can merge them.")
    is_of_one = merge.duplicate.series_id == merge.stays.series_id
    if is_of_one or has_site_permission(person, MERGE):
        return ""
    return _("These conferences are of different series. Only an organiser of the site can merge them.")


def _of_rehearsal(merge: Merge) -> str:
    pair = [merge.duplicate.pk, merge.stays.pk]
    rehearsed = Conference.objects.filter(rehearses__in=pair).select_related("rehearses").first()
    if rehearsed and rehearsed.rehearses:
        said = _("A rehearsal of %(conference)s is running. Please end it first.")
        return said % {"conference": merge.name_of(rehearsed.rehearses)}
    is_one = merge.duplicate.is_rehearsal or merge.stays.is_rehearsal
    return _("A rehearsal cannot be merged: it removes itself.") if is_one else ""


def _of_what_stays(merge: Merge) -> str:
    """Its members have to find it, and could join it."""
    names = {"conference": merge.name_of(merge.stays)}
    if merge.stays.is_cancelled:
        return _("%(conference)s is cancelled. Choose a conference that takes place.") % names
    if merge.stays.status != Conference.Status.ACTIVE:
        return (
            _("%(conference)s is not published. Publish it first, so that its new members find it.") % names
        )
    return (
        _("%(conference)s is over. Choose one that is still to come.") % names
        if merge.stays.is_over()
        else ""
    )


def _of_requests(merge: Merge) -> str:
    pair = [merge.duplicate.pk, merge.stays.pk]
    waiting = ConsentRequest.objects.waiting().filter(conference__in=pair)
    asked = waiting.select_related("conference").first()
    if asked is None:
        return ""
    said = _(
        "A request at %(conference)s is waiting for a second person. It has to be answered or withdrawn "
        "first."
    )
    return said % {"conference": merge.name_of(asked.conference)}


def _of_roster(merge: Merge) -> str:
    """Who belongs on the list of the one that stays is decided by an import, with its preview."""
    has_one = rules_of(merge.stays).roster or RosterEntry.objects.filter(conference=merge.stays).exists()
    return why_not_to_add_entries(merge) if has_one else ""


def why_not_to_add_entries(merge: Merge) -> str:
    missing = entries_that_move(merge).present().count()
    if not missing:
        return ""
    return ngettext(
        "%(n)d person on the roster of %(duplicate)s is not on that of %(stays)s. Export the roster of the "
        "one and import it into the other first, so that no one is lost.",
        "%(n)d people on the roster of %(duplicate)s are not on that of %(stays)s. Export the roster of the "
        "one and import it into the other first, so that no one is lost.",
        missing,
    ) % merge.names(n=missing)


def _of_mailboxes(merge: Merge) -> str:
    clashing = clashing_mailboxes(merge)
    if not clashing:
        return ""
    return ngettext(
        "%(n)d member of %(duplicate)s has another account with the same mailbox, and each mailbox can join "
        "%(stays)s only once. They have to leave with one of the two accounts first.",
        "%(n)d members of %(duplicate)s have another account with the same mailbox, and each mailbox can "
        "join %(stays)s only once. They have to leave with one of their accounts first.",
        clashing,
    ) % merge.names(n=clashing)

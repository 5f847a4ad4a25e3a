"""Why a duplicate cannot be merged into the conference that stays, in words."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import has_site_permission
from conferences.admission.rules import rules_of
from conferences.merging.entries import entries_that_move
from conferences.merging.people import Merge, clashing_mailboxes
from conferences.merging.refusals import Refusal, way
from conferences.models import Conference, ConsentRequest, RosterEntry

MERGE = "conferences.delete_conference"


# What other apps refuse: a merge, and any merge of a conference into another one.
WHY_NOT: list[Callable[[Merge], Refusal | None]] = []
WHY_NEVER: list[Callable[[Conference], Refusal | None]] = []


def refusals_of_merge(merge: Merge, person: User) -> list[Refusal]:
    """All of them, or only one that nothing removes: no one removes another in vain."""
    if refusal := _of_person(merge, person):
        return [Refusal(refusal)]
    rest = (_of_requests, _of_roster, _of_mailboxes)
    found = [ask(merge) for ask in (_of_rehearsal, _of_what_stays, *WHY_NOT, *rest)]
    refusals = list(dict.fromkeys(filter(None, found)))
    return [refusal for refusal in refusals if refusal.is_final][:1] or refusals


def refusals_of_any_merge(duplicate: Conference) -> list[Refusal]:
    """Those that are the same whichever conference stays."""
    return list(filter(None, (ask(duplicate) for ask in WHY_NEVER)))


def _of_person(merge: Merge, person: User) -> str:
    """Members of one committee's conference are not handed to another's."""
    ids = [conference.pk for conference in merge.pair]
    if Conference.objects.managed_by(person, MERGE).filter(pk__in=ids).count() != len(ids):
        return _("Only an owner of both conferences, or an organiser of the site, can merge them.")
    is_of_one = merge.duplicate.series_id == merge.stays.series_id
    if is_of_one or has_site_permission(person, MERGE):
        return ""
    return _("These conferences are of different series. Only an organiser of the site can merge them.")


def _of_rehearsal(merge: Merge) -> Refusal | None:
    rehearsed = Conference.objects.filter(rehearses__in=merge.pair).select_related("rehearses").first()
    if rehearsed and rehearsed.rehearses:
        said = _("A rehearsal of %(conference)s is running. Please end it first.")
        names = {"conference": merge.name_of(rehearsed.rehearses)}
        return Refusal(said % names, (way(_("Open the rehearsal"), "rehearsal", rehearsed.rehearses),))
    is_one = merge.duplicate.is_rehearsal or merge.stays.is_rehearsal
    said = _("A rehearsal cannot be merged: it removes itself.")
    return Refusal(said, is_final=True) if is_one else None


def _of_what_stays(merge: Merge) -> Refusal | None:
    """Its members have to find it, and could join it."""
    names = {"conference": merge.name_of(merge.stays)}
    if merge.stays.is_cancelled:
        return Refusal(_("%(conference)s is cancelled. Choose a conference that takes place.") % names)
    if merge.stays.status != Conference.Status.ACTIVE:
        said = _("%(conference)s is not published. Publish it first, so that its new members find it.")
        return Refusal(said % names, (way(_("Publish %(conference)s") % names, "publish", merge.stays),))
    if merge.stays.is_over():
        return Refusal(_("%(conference)s is over. Choose one that is still to come.") % names)
    return None


def _of_requests(merge: Merge) -> Refusal | None:
    waiting = ConsentRequest.objects.waiting().filter(conference__in=merge.pair)
    asked = waiting.select_related("conference").first()
    if asked is None:
        return None
    said = _(
        "A request at %(conference)s is waiting for a second person. It has to be answered or withdrawn "
        "first."
    )
    names = {"conference": merge.name_of(asked.conference)}
    return Refusal(said % names, (way(_("See what is waiting"), "consent", asked.conference),))


def _of_roster(merge: Merge) -> Refusal | None:
    """Who belongs on the list of the one that stays is decided by an import, with its preview."""
    has_one = rules_of(merge.stays).roster or RosterEntry.objects.filter(conference=merge.stays).exists()
    return why_not_to_add_entries(merge) if has_one else None


def why_not_to_add_entries(merge: Merge) -> Refusal | None:
    missing = entries_that_move(merge).present().count()
    if not missing:
        return None
    said = ngettext(
        "%(n)d person on the roster of %(duplicate)s is not on that of %(stays)s. Export the roster of the "
        "one and import it into the other first, so that no one is lost.",
        "%(n)d people on the roster of %(duplicate)s are not on that of %(stays)s. Export the roster of the "
        "one and import it into the other first, so that no one is lost.",
        missing,
    )
    names = merge.names(n=missing)
    ways = (
        way(_("Open the roster of %(duplicate)s") % names, "roster", merge.duplicate),
        way(_("Import into the roster of %(stays)s") % names, "roster_import", merge.stays),
    )
    return Refusal(said % names, ways)


def _of_mailboxes(merge: Merge) -> Refusal | None:
    clashing = clashing_mailboxes(merge)
    if not clashing:
        return None
    said = ngettext(
        "%(n)d member of %(duplicate)s has another account with the same mailbox, and each mailbox can join "
        "%(stays)s only once. They have to leave with one of the two accounts first.",
        "%(n)d members of %(duplicate)s have another account with the same mailbox, and each mailbox can "
        "join %(stays)s only once. They have to leave with one of their accounts first.",
        clashing,
    )
    return Refusal(said % merge.names(n=clashing))

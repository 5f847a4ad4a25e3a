"""What merging two conferences leads to, as sentences for the page that asks for confirmation."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conferences.merging.entries import entries_that_move
from conferences.merging.people import Merge, People, people_of
from conferences.models import JoinCode, RosterEntry, TeamInvitation, TeamMember

# What other apps add, each as a list of sentences.
OF_MERGING: list[Callable[[Merge, People], list[str]]] = []


def of_merging(merge: Merge) -> list[str]:
    people = people_of(merge)
    return [
        _who_moves(merge, people),
        *_who_is_in_both(merge, people),
        *(sentence for add in OF_MERGING for sentence in add(merge, people)),
        *_what_becomes_of_invitations(merge),
        _("The web address of %(duplicate)s leads to %(stays)s from then on, with all links below it.")
        % merge.names(),
        _(
            "%(duplicate)s is deleted, with its agenda, dates and pictures. Nothing else changes at "
            "%(stays)s: it keeps its own, and its rules and team."
        )
        % merge.names(),
        *_what_is_lost(merge),
        _("The audit log keeps that you merged them. This cannot be undone."),
    ]


def _who_moves(merge: Merge, people: People) -> str:
    if not people.number:
        return _("No one becomes a member of %(stays)s, so no one gets an email about it.") % merge.names()
    return ngettext(
        "%(n)d member of %(duplicate)s becomes a member of %(stays)s and gets an email about it, even if "
        "they opted out of campaigns. A pitch moves with them.",
        "%(n)d members of %(duplicate)s become members of %(stays)s and get an email about it, including "
        "those who opted out of campaigns. Their pitches move with them.",
        people.number,
    ) % merge.names(n=people.number)


def _who_is_in_both(merge: Merge, people: People) -> list[str]:
    number = len(people.in_both)
    if not number:
        return []
    sentence = ngettext(
        "%(n)d person is a member of both and stays a member of %(stays)s as they are. Their pitch at "
        "%(duplicate)s is kept if they have none at %(stays)s; otherwise they get its text by email.",
        "%(n)d people are members of both and stay members of %(stays)s as they are. Their pitch at "
        "%(duplicate)s is kept if they have none at %(stays)s; otherwise they get its text by email.",
        number,
    )
    return [sentence % merge.names(n=number)]


def _what_becomes_of_invitations(merge: Merge) -> list[str]:
    entries = entries_that_move(merge).present().count()
    invited = RosterEntry.objects.invited().filter(conference=merge.duplicate).count()
    found = [
        (
            ngettext(
                "%(n)d roster entry of %(duplicate)s moves to the roster of %(stays)s.",
                "%(n)d roster entries of %(duplicate)s move to the roster of %(stays)s.",
                entries,
            ),
            entries,
        ),
        (
            ngettext(
                "%(n)d person was invited to %(duplicate)s and has not joined. The link in their email "
                "leads to %(stays)s from then on, and they can join it with that link.",
                "%(n)d people were invited to %(duplicate)s and have not joined. The links in their emails "
                "lead to %(stays)s from then on, and they can join it with those links.",
                invited,
            ),
            invited,
        ),
    ]
    return [sentence % merge.names(n=number) for sentence, number in found if number]


def _what_is_lost(merge: Merge) -> list[str]:
    codes = JoinCode.objects.filter(conference=merge.duplicate).usable().count()
    team = TeamMember.objects.filter(conference=merge.duplicate).count()
    asked = TeamInvitation.objects.filter(conference=merge.duplicate).count()
    found = [
        (
            ngettext(
                "%(n)d join code of %(duplicate)s stops working.",
                "%(n)d join codes of %(duplicate)s stop working.",
                codes,
            ),
            codes,
        ),
        (
            ngettext(
                "%(n)d person is in the team of %(duplicate)s, which no longer exists then. They get an "
                "email unless they are in the team of %(stays)s as well.",
                "%(n)d people are in the team of %(duplicate)s, which no longer exists then. They get an "
                "email unless they are in the team of %(stays)s as well.",
                team,
            ),
            team,
        ),
        (
            ngettext(
                "%(n)d invitation to the team of %(duplicate)s is withdrawn.",
                "%(n)d invitations to the team of %(duplicate)s are withdrawn.",
                asked,
            ),
            asked,
        ),
    ]
    return [sentence % merge.names(n=number) for sentence, number in found if number]

"""A person's memberships, for the download and the deletion of their data."""

from collections.abc import Callable
from typing import Any

from django.db.models import Count

from accounts.models import User
from accounts.my_data.erasure import forget_in_records
from accounts.my_data.export import columns_of
from accounts.my_data.parts import Part
from conferences import actions
from conferences.models import Conference, ConferenceChange, JoinCode, JoinRequest, Membership, RosterEntry

# What apps above this one add to a membership, under names of their own.
OF_MEMBERSHIP: list[Callable[[Membership], dict[str, Any]]] = []


def export(user: User) -> dict[str, Any]:
    """Without rehearsals, which are invented and gone within a day."""
    memberships = (
        Membership.objects.filter(user=user, conference__rehearses=None)
        .select_related("conference", "join_code")
        .order_by("pk")
    )
    made = Conference.objects.filter(created_by=user).real()
    return {
        "conferences": [_membership_data(membership) for membership in memberships],
        "conferences_made_as_organiser": [{"title": row.title, "created_at": row.created_at} for row in made],
        "requests_to_join": [
            columns_of(asked, but={"answered_by", "waiting_user"})
            for asked in JoinRequest.objects.filter(user=user).order_by("pk")
        ],
        "conferences_changed_as_organiser": [
            columns_of(change)
            for change in ConferenceChange.objects.filter(by=user, conference__rehearses=None).order_by("pk")
        ],
        "people_added_to_rosters_as_organiser": _added_by(user),
        "join_codes_made_as_organiser": JoinCode.objects.filter(
            created_by=user, conference__rehearses=None
        ).count(),
        "requests_to_join_answered_as_organiser": JoinRequest.objects.filter(answered_by=user).count(),
    }


def _added_by(user: User) -> list[dict[str, Any]]:
    """How many, for each conference: their addresses are those of others."""
    added = RosterEntry.objects.filter(created_by=user, conference__rehearses=None).order_by("conference")
    counted = added.values("conference__title").annotate(people=Count("pk"))
    return [{"conference": row["conference__title"], "people": row["people"]} for row in counted]


def _membership_data(membership: Membership) -> dict[str, Any]:
    entry = RosterEntry.objects.filter(membership=membership).first()
    data = {
        "conference": membership.conference.title,
        "membership": columns_of(membership, but={"join_code"}),
        "join_code": str(membership.join_code) if membership.join_code else None,
        "roster_entry": columns_of(entry, but={"created_by"}) if entry else None,
        # In conferences that were merged into this one.
        "earlier_ids": [old.pk for old in membership.old_memberships.order_by("pk")],
    }
    return data | {name: value for of in OF_MEMBERSHIP for name, value in of(membership).items()}


def consequences(user: User) -> dict[str, Any]:
    mine = Membership.objects.current().filter(user=user, conference__rehearses=None)
    return {
        "left": list(mine.select_related("conference")),
        "has_asked_to_join": JoinRequest.objects.filter(user=user).exists(),
    }


def delete(user: User) -> None:
    forget_in_records(Membership.objects.filter(user=user))
    # The list is the organisers' own; that a membership without a person was this one's, it must not tell.
    RosterEntry.objects.filter(membership__user=user).update(membership=None)
    JoinRequest.objects.filter(user=user).delete()
    actions.forget_reasons(user=user)


PART = Part(export=export, consequences=consequences, delete=delete, goes="conferences/my_data/_goes.html")

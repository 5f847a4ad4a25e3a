"""One act on each of several conferences that an organiser has selected."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.actors import Actor
from confbox.kit.outcomes import Change
from conferences.models import Conference


def do_to_each(
    verb: Callable[..., Change], conferences: QuerySet[Conference], by: Actor
) -> tuple[int, list[str]]:
    """How many were changed, and why others cannot be."""
    done, refusals = 0, []
    for conference in conferences:
        try:
            done += verb(conference=conference, by=by) is Change.MADE
        except ValidationError as refusal:
            refusals.append(str(refusal.message))
    return done, refusals

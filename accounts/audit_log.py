"""Writing the audit log. Each verb does so inside its transaction, so that no act is without its entry."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.db import models

from accounts.actors import Actor
from accounts.audit_words import without_name
from accounts.models import AdminAct

# The app above that knows conferences registers how to find the ID of the one to which a row belongs.
CONFERENCE_ID_OF: list[Callable[[models.Model], int | None]] = []


def log_act(
    *,
    by: Actor,
    act: str,
    target: models.Model | type[models.Model],
    what: str = "",
    about: models.Model | None = None,
    reason: str = "",
    of: models.Model | None = None,
    is_personal: bool = False,
) -> AdminAct:
    """`target` is a row, or the model where it was done to many rows at once.

    `what` is a sentence with the words `audit_words.NAME` where it names `about`. All readers see it, so
    nothing in it is personal; without it, they see the words of `act`.
    `of` is the conference that it concerns if `target` is a row of the whole site, such as a person.
    `is_personal` says that the reason was written about one person.
    """
    row = target if isinstance(target, models.Model) else None
    return AdminAct.objects.create(
        by=by.person,
        act=act,
        kind=target._meta.model_name or "",
        target_id=str(row.pk) if row else "",
        target=str(row or target._meta.verbose_name_plural)[:250],
        what=what,
        about_kind=(about._meta.model_name or "") if about else "",
        about_id=about.pk if about else None,
        reason=reason,
        asked_by=by.asked_by,
        address=by.ip_address,
        of_conference=_conference_id(of or row),
        channel=by.channel,
        is_personal=is_personal,
    )


def _conference_id(row: models.Model | None) -> int | None:
    return next((find(row) for find in CONFERENCE_ID_OF), None) if row else None


def log_own_act(*, by: Actor, act: str, target: models.Model) -> AdminAct:
    """Logs what a person did for themselves, without text and without the IP address, which organisers see.

    Casting, changing and withdrawing a vote are never logged: no one may learn of them.
    """
    return log_act(by=replace(by, ip_address=None), act=act, target=target)


def log_change(
    *,
    by: Actor,
    target: models.Model,
    what: str,
    about: models.Model | None = None,
    reason: str = "",
    is_personal: bool = False,
) -> None:
    """Writes the audit log and the history that Django's admin shows for the object."""
    log_act(
        by=by, act="change", target=target, what=what, about=about, reason=reason, is_personal=is_personal
    )
    log_in_django(by=by, rows=[target], flag=CHANGE, what=what, about=about)


def log_addition(*, by: Actor, target: models.Model, what: str, about: models.Model | None = None) -> None:
    log_act(by=by, act="add", target=target, what=what, about=about)
    log_in_django(by=by, rows=[target], flag=ADDITION, what=what, about=about)


def log_in_django(
    *,
    by: Actor,
    rows: Iterable[models.Model],
    what: str,
    flag: int = CHANGE,
    about: models.Model | None = None,
) -> None:
    """Writes the history that Django's admin shows for each object, without names, which would outlive it.

    It can only refer to users, so that nothing is written for the command line.
    """
    if by.person:
        entries = LogEntry.objects
        said = without_name(what, (about._meta.model_name or "") if about else "")
        entries.log_actions(by.person.pk, list(rows), flag, said, single_object=False)

"""What organisers decide about who may join. Each verb is whole: lock, check, write, audit log."""

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.audit_log import log_change
from confbox.kit.clock import database_now
from confbox.kit.coded import coded_error
from confbox.kit.outcomes import Change
from conferences.admission.codes import draw_code
from conferences.admission.words import limits_in_words, rules_in_words
from conferences.memberships.admission.models import Admission, JoinCode
from conferences.models import Conference

# Codes that admit people at the same time: more than these are a mistake.
MOST_CODES = 20
MOST_USES = 1_000_000
DRAWS = 5


def create_admissions(conferences: Collection[Conference]) -> None:
    """Creates the admission of each of these conferences: everyone may join."""
    lacking = Conference.objects.lacking("admission", among=conferences).values_list("pk", flat=True)
    Admission.objects.bulk_create([Admission(conference_id=pk) for pk in lacking], batch_size=500)


def set_admission(
    *,
    conference: Conference,
    everyone: bool,
    roster: bool,
    email_domains: list[str],
    approval: bool,
    by: Actor,
) -> Change:
    """Sets the rules by which people may join. Members stay members. The same rules again change nothing."""
    rules = {"everyone": everyone, "roster": roster, "email_domains": email_domains, "approval": approval}
    with transaction.atomic():
        stored = _lock_admission(conference)
        if all(getattr(stored, name) == rule for name, rule in rules.items()):
            return Change.NONE
        for name, rule in rules.items():
            setattr(stored, name, rule)
        stored.save(update_fields=[*rules, "updated_at"])
        log_change(by=by, target=conference, what=rules_in_words(stored))
    return Change.MADE


def _lock_admission(conference: Conference) -> Admission:
    """Locks the rules; those of a conference from a fixture are stored first."""
    locked = Admission.objects.select_for_update().filter(conference=conference)
    found = locked.first()
    if found is None:
        Admission.objects.get_or_create(conference=conference)
        found = locked.get()
    return found


def make_code(
    *, conference: Conference, expires_at: datetime | None, most_uses: int | None, by: Actor, name: str = ""
) -> JoinCode:
    """Makes a new join code. Without a time it does not expire, without a number it has no limit of uses.

    The name, which need not be unique, tells organisers where it is shown.

    Raises:
        ValidationError: it would have expired already, the number is out of range, the name is too long or
            not one line, or there are too many.
    """
    with transaction.atomic():
        _lock_admission(conference)
        code = _new_code(conference, expires_at, most_uses, name, by)
        what = _("Join code %(code)s made: %(limits)s.")
        facts = {"code": code.label, "limits": limits_in_words(code)}
        log_change(by=by, target=conference, what=what % facts)
    return code


def renew_code(
    *,
    code: JoinCode,
    expires_at: datetime | None,
    most_uses: int | None,
    by: Actor,
    name: str | None = None,
) -> JoinCode:
    """Ends this code and makes a new one in its place, with the same name unless there is another.

    Raises:
        ValidationError: as for `make_code`, or the code was ended before.
    """
    with transaction.atomic():
        _lock_admission(code.conference)
        if _end(code) is Change.NONE:
            raise ValidationError(
                _("This join code had already been ended or replaced, so nothing was changed."),
                code="already_ended",
            )
        new = _new_code(code.conference, expires_at, most_uses, code.name if name is None else name, by)
        what = _("Join code %(old)s replaced by %(code)s: %(limits)s.")
        facts = {"old": code.label, "code": new.label, "limits": limits_in_words(new)}
        log_change(by=by, target=code.conference, what=what % facts)
    return new


def end_code(*, code: JoinCode, by: Actor) -> Change:
    """From now on the code admits no one. Who joined with it stays a member."""
    with transaction.atomic():
        ended = _end(code)
        if ended is Change.MADE:
            what = ngettext(
                "Join code %(code)s ended after %(n)d use.",
                "Join code %(code)s ended after %(n)d uses.",
                code.uses,
            )
            log_change(by=by, target=code.conference, what=what % {"code": code.label, "n": code.uses})
    return ended


def _end(code: JoinCode) -> Change:
    current = JoinCode.objects.filter(pk=code.pk, ended_at=None)
    ended = Change.of(current.update(ended_at=database_now()))
    code.refresh_from_db()
    return ended


def _new_code(
    conference: Conference, expires_at: datetime | None, most_uses: int | None, name: str, by: Actor
) -> JoinCode:
    """Stores a new code. The rules of the conference are locked, so that codes are counted one at a time."""
    _refuse_limits(expires_at, most_uses)
    if JoinCode.objects.usable().filter(conference=conference).count() >= MOST_CODES:
        raise ValidationError(
            _("There are already %(n)d usable join codes. Please end one of them first.") % {"n": MOST_CODES},
            code="too_many",
        )
    drawn = JoinCode(
        conference=conference,
        name=_clean_name(name),
        expires_at=expires_at,
        most_uses=most_uses,
        created_by=by.person,
    )
    for _draw in range(DRAWS):
        drawn.pk, drawn.code = None, draw_code()
        try:
            with transaction.atomic():
                drawn.save(force_insert=True)
                return drawn
        except IntegrityError:
            # Another conference has this code: one in a million million.
            continue
    raise ValidationError(_("No unused join code was found. Please try again."), code="not_stored")


def _clean_name(name: str) -> str:
    try:
        cleaned: str = JoinCode._meta.get_field("name").clean(name.strip(), None)
    except ValidationError as refusal:
        raise ValidationError({"name": refusal.error_list}) from None
    return cleaned


def _refuse_limits(expires_at: datetime | None, most_uses: int | None) -> None:
    if expires_at and expires_at <= database_now():
        raise ValidationError(
            {
                "expires_at": coded_error(
                    _("This time has passed. Please choose a later one."), code="time_refused"
                )
            }
        )
    if most_uses is not None and not 1 <= most_uses <= MOST_USES:
        sentence = _("Please enter a number from 1 to %(n)d, or none.") % {"n": MOST_USES}
        raise ValidationError({"most_uses": sentence})

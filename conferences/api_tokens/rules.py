"""Which tokens a person may make, and why not others."""

from collections.abc import Collection

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.enrolment import SECOND_FACTORS
from accounts.models import User
from accounts.permissions import runs_something
from confbox.kit.coded import coded_error
from conferences.api_access.models import MOST_CONFERENCES, OF_ORGANISERS, ApiToken, Scope
from conferences.models import Conference, ConferenceQuerySet

MOST_TOKENS = 20
DEFAULT_DAYS, MOST_DAYS = 90, 365
# A page with more boxes than these is no choice any more.
MOST_SHOWN = 100


def may_organise(person: User, *, has_factor: bool) -> bool:
    """Whether tokens of theirs may have, and keep, the scopes of organisers."""
    return runs_something(person) and (has_factor or not settings.STAFF_MFA_REQUIRED)


def conferences_to_choose(person: User) -> list[Conference]:
    """The latest of those that they have joined, and of those that they run."""
    found = [row for ways in _ways_to(person) for row in ways.order_by("-starts_at", "-pk")[:MOST_SHOWN]]
    return sorted(set(found), key=lambda row: (row.starts_at, row.pk), reverse=True)


def _ways_to(person: User) -> list[ConferenceQuerySet]:
    """Without rehearsals, which are gone within a day."""
    return [Conference.objects.joined_by(person).real(), Conference.objects.managed_by(person).real()]


def refuse_scopes(person: User, scopes: Collection[str]) -> None:
    """Raises ValidationError; `person` was read with the answer to whether they are in a team."""
    if not scopes or not set(scopes) <= set(Scope.values):
        raise ValidationError(
            {"scopes": coded_error(_("Please choose what the token may do."), code="required")}
        )
    if not OF_ORGANISERS & set(scopes):
        return
    if not runs_something(person):
        sentence = _("Only people who run a conference can make a token for organisers.")
        raise ValidationError({"scopes": sentence})
    if not may_organise(person, has_factor=is_mfa_enabled(person, SECOND_FACTORS)):
        sentence = _("A token for organisers needs two-factor log-in. Please set it up first.")
        raise ValidationError({"scopes": sentence})


def refuse_conferences(person: User, conferences: Collection[Conference] | None) -> None:
    """None is all of them, also those of the future."""
    if conferences is None:
        return
    if not conferences:
        raise ValidationError(
            {"conferences": coded_error(_("Please choose at least one conference, or all."), code="required")}
        )
    if len(conferences) > MOST_CONFERENCES:
        sentence = _("Please choose at most %(n)d conferences, or all.") % {"n": MOST_CONFERENCES}
        raise ValidationError({"conferences": sentence})
    wanted = {conference.pk for conference in conferences}
    known = {
        pk for ways in _ways_to(person) for pk in ways.filter(pk__in=wanted).values_list("pk", flat=True)
    }
    if known != wanted:
        sentence = _("Please choose only conferences that you have joined or run.")
        raise ValidationError({"conferences": sentence})


def refuse_days(days: int) -> None:
    if not 1 <= days <= MOST_DAYS:
        sentence = _("Please choose a number of days from 1 to %(n)d.") % {"n": MOST_DAYS}
        raise ValidationError({"expires_in_days": sentence})


def refuse_another(person: User) -> None:
    """Call it while the person is locked."""
    if ApiToken.objects.active().filter(owner=person).count() >= MOST_TOKENS:
        sentence = _("You already have %(n)d tokens. Please end one that you no longer need first.")
        raise ValidationError(sentence % {"n": MOST_TOKENS}, code="too_many")

"""Starting and ending a rehearsal: a hidden twin of a conference, with invented people and the team alone."""

from datetime import datetime, timedelta
from math import ceil
from secrets import token_hex

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_act
from accounts.models import AdminAct, User
from confbox.kit.outcomes import Change
from conferences.actions import create_conferences, lock_conference
from conferences.copying.dates import weeks_later
from conferences.copying.tables import CONFERENCE, TEAM_MEMBER
from conferences.models import Admission, Conference, Membership, TeamMember
from conferences.rehearsal_words import rehearsal_title
from voting.elections.election.copying import ELECTION
from voting.elections.election.models import Election
from voting.rehearsal.removal import remove_rehearsal
from voting.rehearsal.script import CLOSES_AFTER, LASTS, NAMES, OPENS_AFTER, emails_of
from voting.rehearsal.twins import twin_of

STARTED, ENDED = "start rehearsal", "end rehearsal"
MOST_A_DAY = 6


def start_rehearsal(*, conference: Conference, by: Actor) -> Change:
    """Makes the twin, which the worker then plays. No change if there is one already.

    Raises:
        ValidationError: it is a rehearsal itself, or its team has had too many today.
    """
    with transaction.atomic():
        source = lock_conference(conference.pk)
        if twin_of(source):
            return Change.NONE
        _refuse(source)
        twin = _make_twin(source, by.user)
        _add_team(source, twin, by.user)
        _invent_people(twin)
        log_act(by=by, act=STARTED, target=source)
    return Change.MADE


def end_rehearsal(*, conference: Conference, by: Actor) -> Change:
    """Removes the twin and all that belongs to it. No change if there is none."""
    with transaction.atomic():
        source = lock_conference(conference.pk)
        twin = twin_of(source)
        if twin is None:
            return Change.NONE
        remove_rehearsal(twin)
        log_act(by=by, act=ENDED, target=source)
    return Change.MADE


def _refuse(source: Conference) -> None:
    if source.is_rehearsal:
        raise ValidationError(_("This is a rehearsal itself."), code="not_in_rehearsal")
    same_team = Q(series=source.series_id) if source.series_id else Q(pk=source.pk)
    of_team = Conference.objects.filter(same_team).order_by().values("pk")
    today = AdminAct.objects.filter(act=STARTED, at__gt=source.now - timedelta(days=1))
    if today.filter(of_conference__in=of_team).count() >= MOST_A_DAY:
        raise ValidationError(
            _("Your team has had %(n)d rehearsals within a day. Please try again tomorrow.")
            % {"n": MOST_A_DAY},
            code="too_many",
        )


def _make_twin(source: Conference, by: User) -> Conference:
    values = CONFERENCE.values_of(source) | {
        "title": rehearsal_title(source.title),
        "slug": f"rehearsal-{token_hex(8)}",
        "status": Conference.Status.ACTIVE,
        "visibility": Conference.Visibility.MEMBERS_ONLY,
        **_dates_of(source),
    }
    create_conferences(
        conferences=[Conference(series=source.series, rehearses=source, created_by=by, **values)]
    )
    twin = Conference.objects.get(rehearses=source)
    Admission.objects.filter(conference=twin).update(
        everyone=False, roster=False, email_domains=[], approval=False
    )
    election = ELECTION.values_of(source.election) | {"who_votes": Election.WhoVotes.MEMBERS}
    window = {"opens_at": source.now + OPENS_AFTER, "closes_at": source.now + CLOSES_AFTER}
    Election.objects.filter(conference=twin).update(rules_set_at=source.now, **window, **election)
    return twin


def _dates_of(source: Conference) -> dict[str, datetime]:
    """Those of the conference, or the same weekdays in weeks to come, so that nothing in it is over."""
    old = {"starts_at": source.starts_at, "ends_at": source.ends_at}
    ahead = source.now + LASTS - source.starts_at
    weeks = max(0, ceil(ahead / timedelta(weeks=1)))
    return {name: weeks_later(when, weeks, source.zone) for name, when in old.items()} if weeks else old


def _add_team(source: Conference, twin: Conference, by: User) -> None:
    """Its members run the twin, and vote in it. That of a series runs it as all others of the series."""
    own = TeamMember.objects.of_team(source).filter(person__is_active=True)
    TeamMember.objects.bulk_create(
        TeamMember(conference=twin, added_by=by, **TEAM_MEMBER.values_of(member)) for member in own
    )
    running = TeamMember.objects.running(source).filter(person__is_active=True)
    people = {*running.values_list("person", flat=True), by.pk}
    Membership.objects.bulk_create(
        Membership(conference=twin, user_id=pk, joined_at=twin.created_at) for pk in sorted(people)
    )


def _invent_people(twin: Conference) -> None:
    """Accounts that no one can log in to, with addresses that no email can reach."""
    emails = emails_of(twin.pk)
    password = make_password(None)
    User.objects.bulk_create(
        User(email=email, name=name, password=password) for email, name in zip(emails, NAMES, strict=True)
    )
    # Not every database returns the IDs of rows that are inserted in bulk.
    people = User.objects.filter(email__in=emails).values_list("pk", "email")
    EmailAddress.objects.bulk_create(
        EmailAddress(user_id=pk, email=email, verified=True, primary=True) for pk, email in people
    )

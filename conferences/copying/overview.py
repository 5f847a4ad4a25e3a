"""What the pages of a copy show."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from conferences.admission.rules import rules_of
from conferences.admission.words import rules_in_words
from conferences.copying.parts import PARTS, Fact, Section, facts_of
from conferences.copying.rules import READ_ROSTER, gives_roles
from conferences.copying.tables import ACCESS, TEXTS
from conferences.models import Conference, RosterEntry, Series, TeamMember
from conferences.teams.series_field import CREATE


def entries_to_copy(source: Conference, person: User) -> int:
    """How many roster entries the person may copy."""
    if not person.has_perm(READ_ROSTER, source):
        return 0
    return RosterEntry.objects.filter(conference=source).present().count()


def sections_of(source: Conference, person: User, *, entries: int) -> list[Section]:
    """What is copied."""
    joining = Fact(_("Who may join"), rules_in_words(rules_of(source)))
    own = [
        Section(_("Topic, place, time zone, website, contact and agenda"), facts_of(source, *TEXTS)),
        Section(_("Who sees it and who may join"), [*facts_of(source, *ACCESS), joining]),
    ]
    of_apps = [section for part in PARTS for section in part.sections(source)]
    team = Section(_("Team"), _team_facts(source, person))
    people = ngettext("%(n)d person", "%(n)d people", entries) % {"n": entries}
    roster = Section(_("Roster, if you select it below"), [Fact(_("On the roster now"), people)])
    return [*own, *of_apps, team, *([roster] if entries else [])]


def _team_facts(source: Conference, person: User) -> list[Fact]:
    number = TeamMember.objects.of_team(source).filter(person__is_active=True).count()
    people = ngettext("%(n)d person", "%(n)d people", number) % {"n": number}
    own = Fact(_("Team of this conference"), _team_in_words(people, person) if number else _("no one"))
    return [own, Fact(_("Team of the series"), _("runs the copy automatically"))]


def _team_in_words(people: str, person: User) -> str:
    series = list(Series.objects.managed_by(person, CREATE)[:100])
    owned = [each for each in series if gives_roles(person, each)]
    if len(owned) == len(series):
        return _("%(people)s, with their roles; they are notified by email") % {"people": people}
    if owned:
        return _("%(people)s, if you own the series that you choose") % {"people": people}
    return _("%(people)s: not copied, because only an owner gives roles") % {"people": people}


def left_of() -> list[str]:
    """What is not copied."""
    return [
        _("Members, and who was excluded"),
        *(words for part in PARTS for words in part.left()),
        _("Dates: you enter new ones"),
        _("Join codes and how often they were used, requests to join, invitations"),
        _("Who on the roster was invited, joined or removed: everyone starts as listed"),
    ]

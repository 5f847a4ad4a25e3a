"""The lines of the checklist that concern the conference, its people and its emails."""

from datetime import timedelta

from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from confbox.kit.row_counts import count_rows
from conferences.admission.rules import rules_of, ways_of
from conferences.admission.words import rules_in_words
from conferences.health.models import EmailTest, WorkerTurn
from conferences.local_times import days_of, in_zone
from conferences.member_counts import MOST_COUNTED
from conferences.models import Conference, RosterEntry, TeamMember
from conferences.organising.checklist import Kind, Line, Look, State, page_of
from conferences.overview.undelivered import failed_tasks, may_read

CHANGE, READ = "conferences.change_conference", "conferences.view_conference"
READ_ROSTER, WRITE_ROSTER = "conferences.view_rosterentry", "conferences.change_rosterentry"
ADMIT, READ_TEAM = "conferences.admit_membership", "conferences.view_teammember"
CHANGE_TEAM = "conferences.change_teammember"
# Three turns: the worker is seen once a minute.
SILENT_AFTER = timedelta(minutes=3)


def details(look: Look) -> Line:
    conference = look.conference
    missing = [] if _is_decided(conference) else [n for n, value in _details_of(conference) if not value]
    words = days_of(conference)
    if not conference.has_dates:
        return _without_dates(look)
    if missing:
        words = _("Still missing: %(what)s.") % {"what": get_text_list(missing, _("and"))}
    return Line(
        "details",
        _("Title, place, dates and agenda"),
        State.TO_DO if missing else State.DONE,
        words,
        page_of(look, "conferences_conference_change", READ),
        _("Edit the details") if look.may(CHANGE) else _("Read the details"),
        is_theirs=look.may(CHANGE),
    )


def _is_decided(conference: Conference) -> bool:
    """Whether a text that would have helped people to join and to vote comes too late to be asked for."""
    return conference.is_cancelled or conference.is_over() or conference.election.is_count_final()


def _without_dates(look: Look) -> Line:
    return Line(
        "details",
        _("Title, place, dates and agenda"),
        State.REFUSES,
        _("The dates are not set yet."),
        page_of(look, "conferences_when", CHANGE),
        _("Set the dates"),
        refusal=_("the dates are not set"),
        is_theirs=look.may(CHANGE),
    )


def _details_of(conference: Conference) -> list[tuple[str, str]]:
    return [(_("the place"), conference.place), (_("the agenda"), conference.agenda)]


def joining(look: Look) -> Line:
    if look.conference.is_rehearsal:
        words = _("Invented people join automatically, and no one else can.")
        return Line("joining", _("Who may join"), State.NOT_NEEDED, words)
    rules = rules_of(look.conference)
    is_shut = not rules.everyone and not ways_of(look.conference).needs
    refuses = is_shut and not look.conference.memberships.current().exists()
    state = State.REFUSES if refuses else State.TO_DO if is_shut else State.DONE
    shut = _("No one can join: no rule admits anyone, and there is no usable join code.")
    return Line(
        "joining",
        _("Who may join"),
        state,
        shut if is_shut else rules_in_words(rules),
        page_of(look, "conferences_joining", ADMIT),
        _("Set who may join") if look.may(CHANGE) else _("Look at who may join"),
        refusal=_("no one can join, so no one could vote") if refuses else "",
        is_theirs=look.may(ADMIT),
    )


def published(look: Look) -> Line:
    conference = look.conference
    words = {
        Conference.Status.DRAFT: _("It is a draft: only its team sees it."),
        Conference.Status.ACTIVE: str(conference.get_visibility_display()),
        Conference.Status.INACTIVE: _("It is inactive: only members see it, and no one can join or vote."),
        Conference.Status.CANCELLED: _("It is cancelled: its page says so, and no one can join or vote."),
    }
    refusals = {
        Conference.Status.DRAFT: _("the conference is not published"),
        Conference.Status.INACTIVE: _("the conference is inactive"),
        Conference.Status.CANCELLED: _("the conference is cancelled"),
    }
    status = Conference.Status(conference.status)
    is_off = status in refusals
    form = page_of(look, "conferences_conference_change", CHANGE)
    reinstate = page_of(look, "conferences_reinstate", CHANGE)
    publish = reinstate if conference.is_cancelled else page_of(look, "conferences_publish", CHANGE)
    return Line(
        "published",
        _("Published"),
        State.REFUSES if is_off else State.DONE,
        words[status],
        publish if is_off or not form else f"{form}#id_visibility",
        _link_of(status),
        refusal=refusals.get(status, ""),
        is_theirs=look.may(CHANGE),
    )


def _link_of(status: Conference.Status) -> str:
    if status == Conference.Status.ACTIVE:
        return _("Change who sees it")
    return _("Takes place after all") if status == Conference.Status.CANCELLED else _("Publish it")


def roster(look: Look) -> Line:
    election, rules = look.conference.election, rules_of(look.conference)
    found = count_rows(RosterEntry.objects.filter(conference=look.conference).present(), MOST_COUNTED)
    number = found.number
    votes, joins = election.only_roster_votes(), rules.roster and not rules.everyone
    words = ngettext("%(n)d person is on it.", "%(n)d people are on it.", number) % {"n": number}
    if found.is_more:
        words = _("More than %(n)d people are on it.") % {"n": number}
    if not (number or votes or joins):
        state, words = State.NOT_NEEDED, _("Neither joining nor voting depends on it.")
    elif number:
        state = State.DONE
    else:
        state = State.REFUSES if votes else State.TO_DO
        words = (
            _("It is empty, and only people on it vote.") if votes else _("It is empty, and admits no one.")
        )
    is_empty = state in (State.REFUSES, State.TO_DO)
    name = "conferences_roster_import" if is_empty and look.may(WRITE_ROSTER) else "conferences_roster"
    return Line(
        "roster",
        _("Roster"),
        state,
        words,
        page_of(look, name, READ_ROSTER),
        _("Import the roster") if name.endswith("import") else _("Open the roster"),
        refusal=_("only people on the roster vote, and it is empty") if state is State.REFUSES else "",
        is_theirs=look.may(WRITE_ROSTER),
    )


def team(look: Look) -> Line:
    running = TeamMember.objects.running(look.conference).filter(person__is_active=True)
    number = running.values("person").distinct().count()
    words = ngettext("%(n)d person is in the team.", "%(n)d people are in the team.", number) % {"n": number}
    if number < 2:
        words += " " + _("With a second one, nothing waits if one of you is ill or away.")
    return Line(
        "team",
        _("Two people in the team"),
        State.DONE if number >= 2 else State.TO_DO,
        words,
        page_of(look, "conferences_team", READ_TEAM),
        _("Invite someone") if number < 2 and look.may(CHANGE_TEAM) else _("Open the team"),
        is_theirs=look.may(CHANGE_TEAM),
    )


def test_email(look: Look) -> Line:
    last = EmailTest.objects.filter(conference=look.conference).last()
    state, words = _state_of_test(look.conference, last)
    return Line(
        "test_email",
        _("A test email arrived"),
        state,
        words,
        page_of(look, "conferences_test_email", READ),
        _("Send one to me again") if last else _("Send one to me"),
        is_theirs=True,
    )


def _state_of_test(conference: Conference, last: EmailTest | None) -> tuple[State, str]:
    if last is None:
        return State.TO_DO, _("No test email was sent yet.")
    if last.accepted_at:
        time = in_zone(conference, last.accepted_at)
        said = _("It was accepted by the mail server at: %(time)s. Please look whether it is in your inbox.")
        return State.DONE, said % {"time": time}
    if last.failed_at:
        said = _("The mail server did not accept it: %(problem)s")
        return State.TO_DO, said % {"problem": last.problem}
    time = in_zone(conference, last.asked_at)
    return State.UNKNOWN, _("It waits for the background work since: %(time)s.") % {"time": time}


def worker(look: Look) -> Line:
    number = failed_tasks().count() if may_read(look.person) else 0
    if number:
        words = ngettext(
            "%(n)d email may not have been sent.", "%(n)d emails may not have been sent.", number
        ) % {"n": number}
        url, title = reverse("admin:conferences_failed_emails"), _("Emails and background work")
        return Line("worker", title, State.TO_DO, words, url, _("Decide about them"), is_theirs=True)
    seen = WorkerTurn.last()
    time = in_zone(look.conference, seen)
    if seen is None:
        state, words = State.UNKNOWN, _("It has not been seen yet. Without it, no email is sent.")
    elif look.conference.now - seen > SILENT_AFTER:
        said = _("Last seen: %(time)s. No email is sent until it runs again. Ask those who run this site.")
        state, words = State.TO_DO, said % {"time": time}
    else:
        state, words = State.DONE, _("Last seen: %(time)s.") % {"time": time}
    return Line("worker", _("Emails and background work"), state, words)


OWN = [
    Kind(10, details),
    Kind(20, joining),
    Kind(50, roster),
    Kind(60, published),
    Kind(70, team),
    Kind(80, test_email),
    Kind(100, worker),
]

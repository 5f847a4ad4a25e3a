import re
import runpy
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import PASSWORD, make_user
from conferences.joining.links import code_of_link
from conferences.models import Admission, Conference, JoinCode, JoinRequest, Membership, RosterEntry
from voting.demo import loading
from voting.elections.election.models import Election, VotingState
from voting.elections.models import Decision, Vote
from voting.elections.receipts.models import PublishedBallots
from voting.elections.tally import tally_of, tally_record
from voting.management.commands import make_demo_fixture

# The demo runs on SQLite; on MariaDB, `test_links_of_roles` loads it and opens its pages.
pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.on_sqlite]

PEOPLE = ("alice", "bob")


def load_demo(**options):
    out = StringIO()
    call_command("load_demo", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def on(monkeypatch):
    """Moves the clock to noon of a day."""

    def move(day):
        noon = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
        monkeypatch.setattr(timezone, "now", lambda: noon)
        return noon

    return move


def states():
    return {c.slug: c.election.state() for c in Conference.objects.all()}


def test_the_fixture_is_what_its_source_makes():
    assert loading.FIXTURE.read_text(encoding="utf-8") == make_demo_fixture.demo_fixture()


def test_loaddata_takes_roles_and_demo_twice():
    for _ in range(2):
        call_command("loaddata", "roles", "demo", verbosity=0)
    assert Decision.objects.current().get().current_election is not None
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == User.objects.count()


@pytest.mark.parametrize("day", ["2026-11-22", "2026-11-23", "2026-12-31", "2027-03-28", "2031-07-05"])
def test_times_make_sense_on_any_day(on, day):
    now = on(day)
    load_demo()
    assert Conference.objects.upcoming(now).count() == 15
    assert states()["devopscon-munich"] == VotingState.OPEN
    assert states()["react-day-berlin"] == VotingState.CLOSED
    assert states()["droidcon-london"] == VotingState.DECIDED
    open_one = Conference.objects.get(slug="devopscon-munich")
    assert timedelta(days=4) < open_one.election.closes_at - now < timedelta(days=6)
    assert open_one.starts_at > open_one.election.closes_at


@pytest.mark.parametrize("day", ["2026-11-22", "2027-03-28", "2031-07-05"])
def test_weekdays_and_hours_there_stay(on, day):
    on(day)
    load_demo()
    for row in loading.demo_rows("conferences.conference"):
        conference = Conference.objects.get(slug=row["slug"])
        original = datetime.fromisoformat(row["starts_at"]).astimezone(conference.zone)
        starts = conference.starts_at.astimezone(conference.zone)
        assert (starts.weekday(), starts.time()) == (original.weekday(), original.time())
        assert conference.is_all_day


def test_votes_lie_within_the_window_and_decisions_after_it(on):
    on("2028-02-29")
    load_demo()
    for vote in Vote.objects.select_related("election__conference"):
        assert vote.election.opens_at <= vote.cast_at < vote.election.closes_at
    decision = Decision.objects.select_related("election__conference").get()
    assert decision.election.conference.election.closes_at <= decision.decided_at < decision.answered_at


def test_the_closed_one_has_a_tie_at_the_top():
    load_demo()
    leaders = tally_of(Conference.objects.get(slug="react-day-berlin")).leaders
    assert len(leaders) == 2
    assert leaders[0].is_tied


def test_the_decision_keeps_the_tally_as_it_stood():
    load_demo()
    decision = Decision.objects.get()
    record = tally_record(tally_of(decision.election.conference))
    assert {**decision.tally, "counted_at": ""} == {**record, "counted_at": ""}


@pytest.mark.parametrize("login", ["admin", "alice", "bob", "carol"])
def test_everyone_logs_in_with_the_printed_password(settings, login):
    settings.PASSWORD_HASHERS = ["accounts.hashers.Argon2Hasher"]
    load_demo()
    assert authenticate(None, email=f"{login}@example.org", password="conference-demo")


def test_the_organiser_is_no_superuser():
    load_demo()
    organiser = User.objects.get(email="admin@example.org")
    assert organiser.is_staff
    assert not organiser.is_superuser
    assert organiser.has_perm("voting.add_decision")


def test_members_have_the_mailboxes_that_joining_gives():
    load_demo()
    members = Membership.objects.current().filter(conference__one_account_per_mailbox=True)
    assert members.exists()
    assert not members.filter(mailbox=None).exists()


def test_the_demo_has_a_conference_for_every_way_in(settings):
    load_demo()
    printed = runpy.run_path(str(settings.BASE_DIR / "deploy/demo.py"))["JOIN_CODES"]
    rosters, (alice, bob) = RosterEntry.objects, (User.objects.get(email=f"{n}@example.org") for n in PEOPLE)
    assert rosters.filter(conference__slug="eurostar-copenhagen").counts() == {
        "listed": 2,
        "invited": 3,
        "joined": 2,
        "removed": 0,
        "shared": 0,
    }
    offered = [Conference.objects.offered_by_roster(person).get().slug for person in (alice, bob)]
    assert offered == ["eurostar-copenhagen", "inted-valencia"]
    secret = Conference.objects.get(visibility="members_only")
    for typed, conference in zip(printed, (secret, Conference.objects.get(slug="jcon-europe")), strict=True):
        assert code_of_link(typed).conference == conference
        assert code_of_link(typed).name
    assert JoinRequest.objects.to_answer().count() == 1


def test_every_row_passes_its_own_validation():
    load_demo()
    for model in (User, Conference, Decision, Vote, Admission, JoinCode, JoinRequest, RosterEntry):
        for row in model.objects.all():
            row.full_clean(exclude=["current_election", "waiting_user"])


def test_loading_again_keeps_what_people_did(on):
    on("2027-01-10")
    load_demo()
    Vote.objects.filter(voter__user__email="alice@example.org").delete()
    make_user("newcomer@example.com")
    votes = Vote.objects.count()
    assert re.search("times of 0 conferences", load_demo())
    assert Vote.objects.count() == votes


def test_loading_on_a_later_day_moves_the_times(on):
    on("2027-01-10")
    load_demo()
    opened = Conference.objects.get(slug="devopscon-munich").election.opens_at
    now = on("2027-02-20")
    load_demo()
    conference = Conference.objects.get(slug="devopscon-munich")
    assert conference.election.is_open(now)
    assert conference.election.opens_at == opened
    assert Conference.objects.upcoming(now).count() == 15


def test_loading_on_a_later_day_spares_what_an_organiser_changed(on):
    when = on("2027-01-10")
    load_demo()
    Election.objects.filter(conference__slug="devopscon-munich").update(closes_at=when)
    on("2027-02-20")
    load_demo()
    assert Conference.objects.get(slug="devopscon-munich").election.closes_at == when


def test_a_database_with_other_people_is_refused():
    make_user("somebody@example.com")
    with pytest.raises(CommandError, match="Nothing was changed"):
        load_demo()
    assert not Conference.objects.exists()


def test_a_database_with_other_people_can_be_forced():
    make_user("somebody@example.com")
    load_demo(force=True)
    assert Conference.objects.count() == 15
    assert User.objects.filter(email="somebody@example.com").exists()


@pytest.mark.parametrize("login", ["owner", "alice"])
def test_account_at_an_address_of_the_demo_keeps_its_password(login):
    email = f"{login}@example.org"
    make_user(email)
    with pytest.raises(CommandError, match=f"{email}.*Delete them first"):
        load_demo(force=True)
    assert User.objects.get().check_password(PASSWORD)


def test_the_closed_elections_of_the_demo_have_published_ballots():
    load_demo()
    published = PublishedBallots.objects.values_list("election__conference__slug", flat=True)
    assert set(published) == {"droidcon-london", "react-day-berlin"}

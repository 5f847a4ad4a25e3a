"""What a copy of a conference takes over, what it leaves, and who may make one."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import AdminAct
from accounts.tests.factories import make_user
from conferences.admission.actions import make_code
from conferences.copying import tables
from conferences.copying.actions import Copied
from conferences.copying.dates import suggested_dates
from conferences.copying.names import suggested_slug, suggested_title
from conferences.copying.parts import PARTS
from conferences.models import Conference, JoinCode, Membership, Role, RosterEntry, TeamMember
from conferences.tests.admission import only
from conferences.tests.copying import copied, dates
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.rosters.entries import BY_COMMAND, imported, make_entry
from conferences.tests.teams import make_series, make_team_member

pytestmark = pytest.mark.django_db
LISTED = [*tables.TABLES, *(table for part in PARTS for table in part.tables)]
SOON = timezone.now() + timedelta(days=3)


@pytest.fixture
def source():
    texts = {"topic": "Bread", "place": "Athens", "website": "https://bread.example", "agenda": "Rye"}
    texts |= {"contact_name": "Bakers", "contact_email": "hello@bread.example"}
    access = {"visibility": "unlisted", "members_are_listed": False, "one_account_per_mailbox": False}
    return make_conference(series=make_series(), time_zone="Europe/Athens", **texts, **access)


@pytest.fixture
def owner(source):
    return make_team_member(source.series, Role.OWNER)


def acts(row):
    return list(AdminAct.objects.filter(of_conference=row.pk).values_list("act", "what", "about_id"))


@pytest.mark.parametrize("table", LISTED, ids=lambda table: table.model.__name__)
def test_every_column_is_either_copied_or_written_anew_or_left(table):
    assert sorted(table.listed) == sorted(field.name for field in table.model._meta.fields)


def test_column_that_is_in_no_list_is_found():
    lacking = replace(tables.CONFERENCE, copied=tables.CONFERENCE.copied[1:])
    assert sorted(lacking.listed) != sorted(field.name for field in Conference._meta.fields)


def test_election_is_among_what_is_copied():
    assert "Election" in {table.model.__name__ for table in LISTED}


def test_copy_takes_over_texts_and_who_sees_it(source):
    copy, outcome = copied(source)
    columns = tables.CONFERENCE.copied
    assert outcome is Copied.NEW
    assert [getattr(copy, name) for name in columns] == [getattr(source, name) for name in columns]


def test_copy_is_a_draft_with_the_dates_that_were_entered(source, owner):
    entered = dates()
    copy, _outcome = copied(source, by=owner, dates=entered)
    assert (copy.status, copy.created_by, copy.series) == ("draft", owner.person, source.series)
    found = (copy.starts_at, copy.ends_at, copy.election.opens_at, copy.election.closes_at)
    assert found == tuple(vars(entered).values())


def test_copy_takes_over_who_may_join_but_no_join_code(source):
    only(source, roster=True, approval=True, email_domains=["uni.example"])
    make_code(conference=source, expires_at=None, most_uses=None, by=BY_COMMAND)
    copy, _outcome = copied(source)
    rules = tables.ADMISSION.values_of(copy.admission)
    assert rules == {"everyone": False, "roster": True, "approval": True, "email_domains": ["uni.example"]}
    assert not JoinCode.objects.filter(conference=copy).exists()


def test_no_member_is_copied(source):
    make_membership(source)
    copy, _outcome = copied(source)
    assert not Membership.objects.filter(conference=copy).exists()


@pytest.mark.parametrize("status", ["draft", "active", "inactive"])
def test_conference_of_every_status_is_copied_and_stays_as_it_is(status):
    source = make_conference(status=status, voting="closed")
    before = Conference.objects.values().get(pk=source.pk)
    copy, _outcome = copied(source)
    assert copy.status == "draft"
    assert Conference.objects.values().get(pk=source.pk) == before


def test_owner_copies_the_team_and_each_of_it_hears_of_their_own_role(source, owner):
    helper = make_team_member(source, Role.HELP_DESK)
    make_team_member(source, Role.OWNER, user=owner.person)
    make_team_member(source, Role.REVIEWER, is_active=False)
    copy, _outcome = copied(source, by=owner)
    team = TeamMember.objects.of_team(copy)
    assert {(m.person, m.role) for m in team} == {(helper.person, "help_desk"), (owner.person, "owner")}
    assert [email.to for email in mail.outbox] == [[helper.person.email]]


def test_organiser_who_gives_no_roles_copies_no_team(source):
    make_team_member(source, Role.OWNER)
    organiser = make_team_member(source.series, Role.ORGANISER)
    copy, _outcome = copied(source, by=organiser)
    assert not TeamMember.objects.of_team(copy).exists()


def test_owner_of_one_series_gives_no_roles_in_another(source, owner):
    make_team_member(source, Role.REVIEWER)
    target = make_series()
    make_team_member(target, Role.ORGANISER, user=owner.person)
    copy, _outcome = copied(source, by=owner, series=target)
    assert not TeamMember.objects.of_team(copy).exists()


def test_roster_is_copied_if_it_was_chosen_and_everyone_starts_as_listed(source):
    joined = make_entry(source, "Ada@Example.org", name="Ada", reference="T-1")
    removed = make_entry(source, "bob@example.org")
    RosterEntry.objects.filter(pk=removed.pk).update(removed_at=timezone.now())
    membership = make_membership(source)
    RosterEntry.objects.filter(pk=joined.pk).update(invited_at=timezone.now(), membership=membership)
    copy, _outcome = copied(source, with_roster=True)
    [entry] = RosterEntry.objects.filter(conference=copy)
    assert (entry.email, entry.mailbox, entry.name, entry.reference) == (
        joined.email,
        "ada@example.org",
        "Ada",
        "T-1",
    )
    assert (entry.state, entry.invited_at, entry.membership) == ("listed", None, None)
    assert entry.inbox == joined.inbox


def test_roster_stays_behind_unless_it_was_chosen(source):
    make_entry(source)
    copy, _outcome = copied(source)
    assert not RosterEntry.objects.filter(conference=copy).exists()


def test_roster_of_ten_thousand_is_copied_in_five_seconds_of_the_processor(source):
    imported(source, "\n".join(f"person{n}@example.org" for n in range(10_000)))
    begun = time.process_time()
    copy, _outcome = copied(source, with_roster=True)
    assert time.process_time() - begun < 5
    assert RosterEntry.objects.filter(conference=copy).count() == 10_000


def test_copying_is_in_the_audit_log_of_both_conferences(source, owner):
    make_entry(source)
    source_acts = acts(source)
    copy, _outcome = copied(source, by=owner, with_roster=True)
    said = "People in the team: 0. Roster entries: 1."
    assert acts(copy) == [("add", f"Copied from “{{name}}”. {said}", source.pk)]
    assert acts(source) == [("change", f"Copied to “{{name}}”. {said}", copy.pk), *source_acts]


def test_same_copy_again_is_the_one_that_exists(source, owner):
    values = {"by": owner, "dates": dates()}
    (first, made), (second, again) = copied(source, **values), copied(source, **values)
    assert (first, made, again) == (second, Copied.NEW, Copied.AGAIN)
    assert len(acts(first)) == 1


@pytest.mark.parametrize("changed", ["title", "person"])
def test_url_name_of_another_conference_is_refused(source, owner, changed):
    values = {"by": owner, "dates": dates()}
    copied(source, **values)
    values |= {"title": "Other"} if changed == "title" else {"by": make_team_member(source.series)}
    with pytest.raises(ValidationError) as refused:
        copied(source, **values)
    assert [*refused.value.message_dict] == ["slug"]
    assert Conference.objects.filter(slug="next-conf").count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_at": SOON}, "ends_at"),
        ({"starts_at": SOON - timedelta(days=9)}, "starts_at"),
        ({"opens_at": SOON - timedelta(days=9)}, "voting_opens_at"),
        ({"opens_at": None}, "voting_opens_at"),
        ({"closes_at": None}, "voting_closes_at"),
        ({"opens_at": SOON, "closes_at": SOON}, "voting_closes_at"),
        ({"closes_at": SOON + timedelta(days=450)}, "voting_closes_at"),
        ({"starts_at": SOON + timedelta(days=5000), "ends_at": SOON + timedelta(days=5001)}, "starts_at"),
    ],
)
def test_dates_that_cannot_be_are_refused_at_their_field(source, changes, field):
    with pytest.raises(ValidationError) as refused:
        copied(source, dates=dates(**changes))
    assert field in refused.value.message_dict
    assert not Conference.objects.filter(slug="next-conf").exists()


def test_source_that_was_deleted_in_between_is_refused(source):
    Conference.objects.get(pk=source.pk).delete()
    with pytest.raises(ValidationError, match="has been deleted in the meantime"):
        copied(source)


def test_series_that_was_deleted_in_between_is_refused(source):
    target = make_series()
    type(target).objects.get(pk=target.pk).delete()
    with pytest.raises(ValidationError, match="no longer exists"):
        copied(source, series=target)


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.HELP_DESK, Role.OBSERVER])
def test_who_may_not_change_the_source_copies_nothing(source, role):
    member = make_team_member(source.series, role)
    target = make_series()
    make_team_member(target, Role.OWNER, user=member.person)
    with pytest.raises(ValidationError, match="no longer change the conference"):
        copied(source, by=member, series=target)


@pytest.mark.parametrize("role", [*Role.values, None])
def test_copy_goes_only_where_the_person_may_create(source, owner, role):
    target = make_series()
    if role:
        make_team_member(target, role, user=owner.person)
    if role in ("owner", "organiser"):
        assert copied(source, by=owner, series=target)[0].series == target
        return
    with pytest.raises(ValidationError, match="cannot create conferences there"):
        copied(source, by=owner, series=target)


def test_only_the_site_copies_to_outside_of_all_series(source, owner, organiser):
    with pytest.raises(ValidationError, match="cannot create conferences there"):
        copied(source, by=owner, series=None)
    assert copied(source, by=TeamMember(person=organiser), series=None)[0].series is None


def test_role_in_the_conference_alone_creates_no_copy(source):
    member = make_team_member(source, Role.OWNER)
    with pytest.raises(ValidationError, match="cannot create conferences there"):
        copied(source, by=member)


def test_role_that_was_taken_away_in_between_copies_nothing(source, owner):
    assert owner.person.has_perm("conferences.add_conference", source)
    TeamMember.objects.filter(pk=owner.pk).delete()
    with pytest.raises(ValidationError, match="no longer change"):
        copied(source, by=owner)


def test_roster_needs_the_right_to_read_it(source, owner, monkeypatch):
    from conferences.series.roles.models import PERMISSIONS

    left = PERMISSIONS[Role.OWNER] - {"conferences.view_rosterentry"}
    monkeypatch.setitem(PERMISSIONS, Role.OWNER, left)
    with pytest.raises(ValidationError, match="no longer read this roster"):
        copied(source, by=owner, with_roster=True)
    assert copied(source, by=owner)[1] is Copied.NEW


def test_suggested_dates_are_the_same_weekdays_a_year_later_at_the_same_local_time():
    source = make_conference(time_zone="Europe/Berlin")
    opens, starts = datetime(2026, 3, 20, 8, tzinfo=UTC), datetime(2026, 10, 20, 7, tzinfo=UTC)
    source.starts_at, source.ends_at = starts, starts + timedelta(days=2, hours=8)
    update_elections(source, opens_at=opens, closes_at=starts - timedelta(days=30))
    source.election.refresh_from_db()
    found, weeks = suggested_dates(source, now=datetime(2026, 11, 1, tzinfo=UTC))
    zone = source.zone
    # Clocks had not gone forward on 20 March 2026 nor on 19 March 2027.
    assert found.opens_at == datetime(2027, 3, 19, 8, tzinfo=UTC)
    assert weeks == 52
    assert found.starts_at.astimezone(zone).isoformat() == "2027-10-19T09:00:00+02:00"
    assert found.starts_at.astimezone(zone).weekday() == starts.astimezone(zone).weekday()


def test_suggested_days_stay_whole_days_when_clocks_change():
    source = make_conference(time_zone="America/Santiago")
    source.starts_at = datetime(2026, 9, 4, tzinfo=source.zone)
    source.ends_at = datetime(2026, 9, 5, 23, 59, tzinfo=source.zone)
    source.election.opens_at = source.election.closes_at = None
    found, _weeks = suggested_dates(source, now=datetime(2026, 10, 1, tzinfo=UTC))
    source.starts_at, source.ends_at = found.starts_at, found.ends_at
    assert source.is_all_day


def test_suggested_dates_of_an_old_conference_are_ahead():
    source = make_conference()
    source.starts_at, source.ends_at = (datetime(2019, 6, day, tzinfo=UTC) for day in (3, 5))
    source.election.opens_at = source.election.closes_at = None
    now = datetime(2026, 11, 1, tzinfo=UTC)
    found, weeks = suggested_dates(source, now=now)
    assert now < found.starts_at < now + timedelta(days=366)
    assert (found.starts_at - source.starts_at) == timedelta(weeks=weeks)


@pytest.mark.parametrize(
    ("title", "slug", "expected"),
    [
        ("PyCon 2026", "pycon-2026", ("PyCon 2027", "pycon-2027")),
        ("PyCon", "pycon", ("PyCon", "pycon-2027")),
        ("PyCon 20261", "x" * 120, ("PyCon 20261", f"{'x' * 115}-2027")),
    ],
)
def test_suggested_names_have_the_new_year(title, slug, expected):
    source = make_conference(title=title, slug=slug)
    source.starts_at = datetime(2026, 6, 1, tzinfo=UTC)
    assert (suggested_title(source, year=2027), suggested_slug(source, year=2027)) == expected


def test_suggested_url_name_is_free():
    source = make_conference(slug="pycon-2026")
    source.starts_at = datetime(2026, 6, 1, tzinfo=UTC)
    for slug in ("pycon-2027", "PyCon-2027-2"):
        make_conference(slug=slug)
    assert suggested_slug(source, year=2027) == "pycon-2027-3"


def test_url_name_of_an_unlisted_conference_does_not_follow_from_the_last_one(source):
    first, second = (suggested_slug(source, year=2027) for _ in range(2))
    assert first != second


def test_stranger_copies_nothing(source):
    with pytest.raises(ValidationError, match="no longer change"):
        copied(source, by=TeamMember(person=make_user("s@example.org")))

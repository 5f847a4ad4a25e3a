"""What each role may do, in its own conferences and in those of other teams."""

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.test import Client

from accounts.actors import Actor
from accounts.audit_log import log_act
from accounts.models import AdminAct, User
from accounts.tests.factories import make_organiser, make_user
from conferences.actions import create_conferences
from conferences.models import Conference, Membership, Role, RosterEntry, Series
from conferences.series.roles.models import PERMISSIONS
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_series, make_team_member
from voting.tests.campaigns import make_campaign
from voting.tests.factories import close_and_decide, make_pitch, make_vote

pytestmark = pytest.mark.django_db

# One permission for each thing that a role decides about, and the roles that have it.
EXPECTED = {
    "conferences.view_conference": {"owner", "organiser", "reviewer", "help_desk", "observer"},
    "conferences.change_conference": {"owner", "organiser"},
    "conferences.delete_conference": {"owner"},
    "conferences.change_teammember": {"owner"},
    "conferences.view_teammember": {"owner", "organiser", "reviewer", "help_desk", "observer"},
    "conferences.view_membership": {"owner", "organiser", "help_desk"},
    "conferences.admit_membership": {"owner", "organiser", "help_desk"},
    "conferences.exclude_membership": {"owner", "organiser"},
    "conferences.moderate_membership": {"owner", "organiser", "reviewer"},
    "conferences.view_rosterentry": {"owner", "organiser", "help_desk"},
    "conferences.change_rosterentry": {"owner", "organiser", "help_desk"},
    "voting.view_election": {"owner", "organiser", "observer"},
    "voting.add_decision": {"owner", "organiser"},
    "voting.view_decision": {"owner", "organiser", "observer"},
    "voting.view_pitch": {"owner", "organiser", "reviewer", "observer"},
    "voting.view_campaign": {"owner", "organiser", "reviewer", "observer"},
    "voting.review_campaign": {"owner", "organiser", "reviewer"},
    "voting.send_invitation": {"owner", "organiser", "reviewer", "help_desk"},
    "accounts.view_adminact": {"owner", "organiser", "observer"},
    # Only for the whole site.
    "accounts.view_user": set(),
    "accounts.disable_user": set(),
    "conferences.add_series": set(),
    "voting.view_undeliverableaddress": set(),
}


def fresh(user):
    """The person as in the next request."""
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("permission", EXPECTED)
def test_role_permits_exactly_what_the_table_says(conference, role, permission):
    person = make_team_member(conference, role).person
    expected = role in EXPECTED[permission]
    assert (person.has_perm(permission, conference), person.has_perm(permission)) == (expected, expected)


def test_every_permission_of_a_role_is_in_the_table_and_exists():
    granted = set().union(*PERMISSIONS.values())
    of_series_only = {"conferences.add_conference", "conferences.view_series"}
    assert granted - of_series_only == {p for p, roles in EXPECTED.items() if roles}
    stored = {f"{p.content_type.app_label}.{p.codename}" for p in Permission.objects.all()}
    assert granted <= stored


@pytest.mark.parametrize("role", Role.values)
def test_role_in_one_conference_permits_nothing_in_another(conference, role):
    person = make_team_member(conference, role).person
    other = make_conference()
    assert not any(person.has_perm(permission, other) for permission in EXPECTED)


def test_role_in_a_series_covers_its_conferences_and_no_others():
    series = make_series()
    inside, outside = make_conference(series=series), make_conference(series=make_series())
    person = make_team_member(series, Role.ORGANISER).person
    assert person.has_perm("conferences.change_conference", inside)
    assert not person.has_perm("conferences.change_conference", outside)
    assert not person.has_perm("conferences.change_conference", make_conference())


def test_roles_in_series_and_conference_add_up():
    conference = make_conference(series=make_series())
    person = make_team_member(conference.series, Role.OBSERVER).person
    make_team_member(conference, Role.HELP_DESK, user=person)
    assert person.has_perm("voting.view_election", conference)
    assert person.has_perm("conferences.change_rosterentry", conference)
    assert not person.has_perm("voting.add_decision", conference)


def test_only_a_role_in_a_series_permits_creating_conferences(conference):
    in_series = make_team_member(make_series(), Role.OWNER).person
    in_conference = make_team_member(conference, Role.OWNER).person
    assert in_series.has_perm("conferences.add_conference")
    assert not in_conference.has_perm("conferences.add_conference")


def test_site_organiser_keeps_every_permission_everywhere(conference, roles):
    organiser = make_organiser("site@example.org")
    assert organiser.has_perm("voting.add_decision", conference)
    assert organiser.has_perm("accounts.view_user")


def test_group_without_access_to_the_admin_permits_nothing(conference, roles):
    person = make_organiser("former@example.org")
    User.objects.filter(pk=person.pk).update(is_staff=False)
    former = fresh(person)
    assert not former.has_perm("accounts.view_user")
    assert not former.has_perm("conferences.change_conference", conference)
    assert not Conference.objects.managed_by(former).exists()


def test_disabled_person_may_do_nothing(conference):
    person = make_team_member(conference, Role.OWNER, is_active=False).person
    assert not person.has_perm("conferences.view_conference", conference)
    assert not Conference.objects.managed_by(person).exists()


@pytest.mark.parametrize("row", ["membership", "election", "entry", "pitch", "vote"])
def test_permission_is_asked_in_the_conference_of_a_row(conference, alice, row):
    rows = {
        "membership": lambda: alice,
        "election": lambda: conference.election,
        "entry": lambda: make_entry(conference),
        "pitch": lambda: make_pitch(alice),
        "vote": lambda: make_vote(alice, make_membership(conference)),
    }
    found = rows[row]()
    found = type(found).objects.get(pk=found.pk)
    mine = make_team_member(conference, Role.ORGANISER).person
    others = make_team_member(make_conference(), Role.ORGANISER).person
    asked = "conferences.change_conference"
    assert (mine.has_perm(asked, found), others.has_perm(asked, found)) == (True, False)


def test_row_of_the_whole_site_needs_a_permission_of_the_site(conference, stranger):
    person = make_team_member(conference, Role.OWNER).person
    assert not person.has_perm("conferences.change_conference", stranger)


def test_managed_conferences_are_those_of_the_persons_teams():
    series = make_series()
    own, of_series = make_conference(), [make_conference(series=series) for _ in range(2)]
    make_conference(series=make_series())
    make_conference()
    person = make_team_member(own, Role.OBSERVER).person
    make_team_member(series, Role.ORGANISER, user=person)
    assert set(Conference.objects.managed_by(person)) == {own, *of_series}
    asked = "conferences.change_conference"
    assert set(Conference.objects.managed_by(person, asked)) == set(of_series)
    assert list(Series.objects.managed_by(person)) == [series]


@pytest.mark.parametrize("who", ["anonymous", "stranger", "member"])
def test_who_is_in_no_team_manages_nothing(conference, alice, stranger, who):
    make_entry(conference)
    person = {"anonymous": AnonymousUser(), "stranger": stranger, "member": alice.user}[who]
    for rows in (Conference.objects, Membership.objects, RosterEntry.objects, Series.objects):
        assert not rows.managed_by(person).exists()


def test_managed_members_and_entries_are_those_of_conferences_in_which_the_role_permits_it(conference):
    other = make_conference()
    mine, theirs = make_membership(conference), make_membership(other)
    entries = [make_entry(conference), make_entry(other)]
    help_desk = make_team_member(conference, Role.HELP_DESK).person
    make_team_member(other, Role.REVIEWER, user=help_desk)
    assert list(Membership.objects.managed_by(help_desk)) == [mine]
    assert list(RosterEntry.objects.managed_by(help_desk)) == entries[:1]
    site = make_user("root@example.org", is_staff=True, is_superuser=True)
    assert set(Membership.objects.managed_by(site)) == {mine, theirs}


ROWS_OF = {
    "conferences.membership": lambda member: member,
    "conferences.rosterentry": lambda member: make_entry(member.conference),
    "voting.election": lambda member: member.conference.election,
    "voting.pitch": make_pitch,
    "voting.campaign": make_campaign,
    "voting.decision": lambda member: close_and_decide(
        conference=member.conference, candidate=member, by=make_user(f"by{member.pk}@example.org"), reason="."
    ),
}


@pytest.mark.parametrize("model", ROWS_OF)
def test_managed_rows_are_those_of_conferences_in_which_the_role_permits_it(conference, model):
    other = make_conference(voting="open")
    mine, _theirs = (ROWS_OF[model](make_membership(at)) for at in (conference, other))
    rows, person = type(mine).objects, make_team_member(conference, Role.OWNER).person
    make_team_member(other, Role.HELP_DESK if model.startswith("voting") else Role.REVIEWER, user=person)
    assert list(rows.managed_by(fresh(person))) == [mine]
    site = make_user("root@example.org", is_staff=True, is_superuser=True)
    assert rows.managed_by(site).count() == rows.count() > 1


def test_roles_are_read_once_for_a_request(conference, django_assert_num_queries):
    person = fresh(make_team_member(conference, Role.ORGANISER).person)
    with django_assert_num_queries(1):
        for permission in EXPECTED:
            person.has_perm(permission)
            person.has_perm(permission, conference)


def test_person_of_a_request_without_a_team_costs_no_query(client, alice, django_assert_num_queries):
    client.force_login(alice.user)
    person = client.get("/").context["user"]
    assert person.is_in_team is False
    with django_assert_num_queries(0):
        assert not person.has_perm("conferences.change_conference", alice.conference)
        assert not Conference.objects.managed_by(person).exists()


def test_queries_stay_flat_with_a_thousand_conferences(conference, django_assert_num_queries):
    series = make_series()
    now = conference.starts_at
    create_conferences(
        conferences=[
            Conference(title=f"C{n}", slug=f"c{n}", starts_at=now, ends_at=now, series=series)
            for n in range(1000)
        ]
    )
    for scope, number in ((conference, 1), (series, 1000)):
        person = fresh(make_team_member(scope, Role.ORGANISER).person)
        with django_assert_num_queries(2):
            assert len(Conference.objects.managed_by(person)) == number
        with django_assert_num_queries(1):
            list(Membership.objects.managed_by(person))


@pytest.mark.parametrize(
    ("columns", "expected"),
    [({}, 302), ({"is_staff": True}, 200), ({"is_superuser": True}, 302)],
)
def test_admin_opens_for_staff(columns, expected):
    client = Client()
    client.force_login(make_user("some@example.org", **columns))
    assert client.get("/admin/").status_code == expected


@pytest.mark.parametrize("role", Role.values)
def test_admin_opens_for_each_role(client, conference, role):
    client.force_login(make_team_member(conference, role).person)
    assert client.get("/admin/").status_code == 200


def test_admin_asks_teams_for_the_second_factor_that_it_asks_staff_for(client, conference, settings):
    settings.STAFF_MFA_REQUIRED = True
    client.force_login(make_team_member(conference).person)
    assert client.get("/admin/").url.startswith("/accounts/2fa/")


def test_superuser_who_is_not_staff_does_not_enter_by_a_role(client, conference):
    client.force_login(make_team_member(conference, is_superuser=True).person)
    assert client.get("/admin/").status_code == 302


def test_audit_log_keeps_the_conference_of_each_act(conference, alice):
    other = make_conference()
    by = Actor(None)
    for target in (conference, alice, make_entry(conference), other, alice.user):
        log_act(by=by, act="test", target=target)
    found = AdminAct.objects.filter(act="test").order_by("pk").values_list("of_conference", flat=True)
    assert list(found) == [conference.pk] * 3 + [other.pk, None]

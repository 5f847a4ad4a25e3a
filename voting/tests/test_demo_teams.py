"""The demo's series and teams: someone in every role, and an invitation and a campaign that wait."""

import re
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import User
from conferences.consent.actions import cancel_request, confirm_request
from conferences.consent.acts import ACTS, with_switch
from conferences.consent.settings import people_for
from conferences.models import Conference, ConsentRequest, Role, Series, TeamInvitation, TeamMember
from voting.campaigns.models import Campaign
from voting.demo import loading, teams
from voting.management.commands import make_demo_fixture

# The demo runs on SQLite; on MariaDB, `test_links_of_roles` loads it and opens its pages.
pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.on_sqlite]


def load_demo(**options):
    out = StringIO()
    call_command("load_demo", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def on(monkeypatch):
    def move(day):
        noon = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
        monkeypatch.setattr(timezone, "now", lambda: noon)
        return noon

    return move


def rows_of_teams():
    models = (User, Series, TeamMember, TeamInvitation, Campaign, Conference, ConsentRequest)
    return {model: sorted(model.objects.values_list()) for model in models}


def test_the_fixture_of_the_teams_is_what_its_source_makes():
    assert teams.FIXTURE.read_text(encoding="utf-8") == make_demo_fixture.team_fixture()


def test_two_series_and_three_teams_run_real_conferences():
    load_demo()
    scopes = Counter(
        "series" if series else "conference"
        for series, _ in TeamMember.objects.order_by().values_list("series", "conference").distinct()
    )
    assert scopes == {"series": 2, "conference": 1}
    assert Counter(Conference.objects.values_list("series__slug", flat=True)) == {
        "developer-days": 4,
        "quality-circle": 3,
        None: 8,
    }


def test_one_team_has_someone_in_every_role():
    load_demo()
    team = TeamMember.objects.filter(series__slug="developer-days")
    assert sorted(team.values_list("role", flat=True)) == sorted(Role.values)


def test_one_person_is_a_candidate_and_has_a_role_elsewhere():
    load_demo()
    kwame = User.objects.get(email="kwame@example.org")
    assert kwame.memberships.exists()
    assert TeamMember.objects.get(person=kwame).role == "help_desk"


def test_rows_of_teams_pass_their_own_validation():
    load_demo()
    for model in (Series, TeamMember, TeamInvitation, Campaign):
        assert model.objects.exists()
        for row in model.objects.all():
            row.full_clean(exclude=["open_candidate"])


def test_people_with_a_role_are_no_organisers_of_the_site():
    load_demo()
    people = User.objects.filter(email__in=teams.team_addresses())
    assert people.count() == 7
    assert not people.filter(is_staff=True).exists()


def test_every_log_in_that_the_demo_prints_exists(settings):
    sys.path.insert(0, str(settings.BASE_DIR / "deploy"))
    try:
        import demo  # a program, which no package contains
    finally:
        sys.path.pop(0)
    load_demo()
    printed = {f"{login}@example.org" for login in demo.LOG_INS}
    assert printed == set(User.objects.filter(email__in=printed).values_list("email", flat=True))
    assert {row["email"] for row in teams.team_rows("accounts.user")} <= printed


def test_loading_twice_on_one_day_changes_no_team(on):
    on("2027-01-10")
    load_demo()
    before = rows_of_teams()
    load_demo()
    assert rows_of_teams() == before


@pytest.mark.parametrize("day", ["2026-11-22", "2027-03-28", "2031-07-05"])
def test_invitation_waits_on_any_day_and_people_joined_before(on, day):
    on("2026-11-22")
    load_demo()
    now = on(day)
    load_demo()
    invitation = TeamInvitation.objects.unanswered().get()
    assert invitation.sent_at < now < invitation.expires_at
    assert not TeamMember.objects.filter(joined_at__gte=now).exists()


@pytest.mark.parametrize("day", ["2026-11-22", "2027-03-28", "2031-07-05"])
def test_request_waits_for_the_owner_on_any_day(on, day):
    on("2026-11-22")
    load_demo()
    now = on(day)
    load_demo()
    asked = ConsentRequest.objects.get()
    owner = User.objects.get(email="owner@example.org")
    assert ConsentRequest.objects.answerable_by(owner).exclude(asked_by=owner).get() == asked
    assert asked.asked_at < now < asked.expires_at <= asked.asked_at + timedelta(hours=24)
    closes_at = asked.conference.election.closes_at
    assert datetime.fromisoformat(asked.payload["seen"]) == closes_at > now
    assert datetime.fromisoformat(asked.payload["closes_at"]) - closes_at == timedelta(days=2)


def test_one_series_has_a_second_person_confirm_every_act_and_has_two_who_can():
    load_demo()
    series = Series.objects.get(slug="developer-days")
    assert series.needs_consent == [act.name for act in with_switch()]
    assert all(len(people_for(series, act)) >= 2 for act in ACTS.values())
    assert Series.objects.get(slug="quality-circle").needs_consent == []


def test_owner_confirms_the_request_of_the_demo():
    load_demo()
    asked, owner = ConsentRequest.objects.get(), User.objects.get(email="owner@example.org")
    before = asked.conference.election.closes_at
    assert confirm_request(asked=asked, by=Actor(owner)).refusal == ""
    election = Conference.objects.get(pk=asked.conference_id).election
    assert election.closes_at - before == timedelta(days=2)


def test_loading_again_keeps_what_people_did_with_the_request(on):
    on("2027-01-10")
    load_demo()
    asked, organiser = ConsentRequest.objects.get(), User.objects.get(email="organiser@example.org")
    cancel_request(asked=asked, by=Actor(organiser))
    before = list(ConsentRequest.objects.values())
    on("2027-01-20")
    load_demo()
    assert list(ConsentRequest.objects.values()) == before


def test_reviewer_has_a_campaign_to_review(on):
    now = on("2027-03-28")
    load_demo()
    reviewer = User.objects.get(email="reviewer@example.org")
    campaign = Campaign.objects.waiting().managed_by(reviewer, "voting.review_campaign").get()
    assert (now - campaign.requested_at).days == 1


def test_loading_again_keeps_what_people_did_with_the_teams(on):
    on("2027-01-10")
    load_demo()
    TeamInvitation.objects.update(withdrawn_at=timezone.now())
    TeamMember.objects.filter(person__email="observer@example.org").delete()
    Conference.objects.filter(slug="jcon-europe").update(series=None)
    before = rows_of_teams()
    on("2027-01-20")
    load_demo()
    after = rows_of_teams()
    assert after[TeamInvitation] == before[TeamInvitation]
    assert after[TeamMember] == before[TeamMember]
    assert Conference.objects.get(slug="jcon-europe").series is None


def test_a_demo_that_was_loaded_before_there_were_teams_gets_them():
    load_demo()
    expected = rows_of_teams()[TeamMember]
    ConsentRequest.objects.all().delete()
    TeamMember.objects.all().delete()
    TeamInvitation.objects.all().delete()
    Conference.objects.update(series=None)
    Series.objects.all().delete()
    User.objects.filter(email__in=teams.team_addresses()).delete()
    assert re.search("already loaded", load_demo())
    assert len(rows_of_teams()[TeamMember]) == len(expected)
    assert TeamInvitation.objects.unanswered().count() == 1
    assert ConsentRequest.objects.waiting().count() == 1


def test_people_of_the_teams_belong_to_the_demo():
    load_demo()
    assert loading.other_people() == 0

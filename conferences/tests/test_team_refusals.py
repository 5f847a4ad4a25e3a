"""What the pages of a team answer when something changed between the look at the page and the click."""

import pytest
from django.core import mail
from django.test import Client

from accounts.models import LinkedAddress, User
from accounts.tests.factories import log_in_freshly, make_organiser, make_user
from confbox.kit.tests.page import parse
from conferences.models import Role, TeamInvitation, TeamMember
from conferences.teams import actions
from conferences.teams.actions import accept_invitation, invite_to_team, remove_from_team
from conferences.tests.factories import make_conference
from conferences.tests.teams import acting, make_series, make_team_member

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["series", "conference"])
def scope(request, conference):
    return {"series": make_series(name="Guild"), "conference": conference}[request.param]


@pytest.fixture
def url(scope):
    return f"/admin/conferences/{scope._meta.model_name}/{scope.pk}/team/"


@pytest.fixture
def owner(scope):
    return make_team_member(scope, Role.OWNER, name="Olga Owner")


@pytest.fixture
def as_owner(client, owner):
    return log_in_freshly(client, owner.person)


@pytest.fixture
def reviewer(scope, owner):
    return make_team_member(scope, Role.REVIEWER, name="Rita Reader")


@pytest.fixture
def invitation(scope, owner):
    return invite_to_team(scope=scope, email="guest@example.org", role="reviewer", by=acting(owner))


@pytest.fixture
def meanwhile(monkeypatch):
    """Does something after the page's check, just before the verb has its lock."""
    lock = actions._lock_team

    def arrange(act):
        def late_lock(scope):
            act()
            lock(scope)

        monkeypatch.setattr(actions, "_lock_team", late_lock)

    return arrange


def posts(reviewer, invitation):
    """Every form of an owner on the pages of a team."""
    return {
        "invite": ("", {"email": "new@example.org", "role": "reviewer"}),
        "withdraw": (f"invited/{invitation.pk}/", {}),
        "change": (f"{reviewer.pk}/", {"role": "organiser", "act": "change", "shown": "reviewer"}),
        "remove": (f"{reviewer.pk}/", {"act": "remove"}),
    }


FORMS = ["invite", "withdraw", "change", "remove"]


@pytest.mark.parametrize("form", FORMS)
def test_owner_who_has_just_lost_the_role_reads_that_nothing_was_changed(
    as_owner, owner, reviewer, invitation, url, meanwhile, form
):
    meanwhile(TeamMember.objects.filter(pk=owner.pk).delete)
    path, sent = posts(reviewer, invitation)[form]
    answer = as_owner.post(url + path, sent, follow=True)
    assert "You can no longer change this team, so nothing was changed." in parse(answer).text
    assert TeamMember.objects.get(pk=reviewer.pk).role == "reviewer"
    assert [each.pk for each in TeamInvitation.objects.unanswered()] == [invitation.pk]


@pytest.mark.parametrize("form", FORMS)
def test_team_that_has_just_been_deleted_is_answered_clearly(
    as_owner, scope, reviewer, invitation, url, meanwhile, form
):
    meanwhile(type(scope).objects.filter(pk=scope.pk).delete)
    path, sent = posts(reviewer, invitation)[form]
    answer = as_owner.post(url + path, sent, follow=True)
    assert "does not exist any more" in parse(answer).text


def test_leaving_a_team_that_has_just_been_deleted_is_answered_clearly(
    client, scope, reviewer, url, meanwhile
):
    log_in_freshly(client, reviewer.person)
    meanwhile(type(scope).objects.filter(pk=scope.pk).delete)
    assert "does not exist any more" in parse(client.post(f"{url}leave/", follow=True)).text


def test_invitation_to_a_team_that_has_just_been_deleted_is_answered_clearly(client, scope, owner, meanwhile):
    guest = make_user("guest@example.org")
    invite_to_team(scope=scope, email="guest@example.org", role="reviewer", by=acting(owner))
    link = link_of(mail.outbox[-1])
    log_in_freshly(client, guest)
    meanwhile(type(scope).objects.filter(pk=scope.pk).delete)
    assert "does not exist any more" in parse(client.post(link, follow=True)).text


def link_of(email):
    url = next(line for line in email.body.splitlines() if "/team-invitations/" in line)
    return "/team-invitations/" + url.rpartition("/team-invitations/")[2]


@pytest.mark.parametrize("form", ["change", "remove"])
def test_person_who_is_out_already_is_answered_with_a_sentence(
    as_owner, owner, reviewer, invitation, url, form
):
    path, sent = posts(reviewer, invitation)[form]
    remove_from_team(member=reviewer, by=acting(owner))
    answer = as_owner.post(url + path, sent, follow=True)
    assert answer.redirect_chain == [(url, 302)]
    assert parse(answer).messages == ["This person is not in the team, so nothing was changed."]


def test_page_of_a_person_who_is_out_already_leads_back_to_the_team(as_owner, reviewer, url):
    TeamMember.objects.filter(pk=reviewer.pk).delete()
    assert as_owner.get(f"{url}{reviewer.pk}/").url == url


def test_removed_person_has_no_access_with_their_next_request(client, scope, owner, reviewer, url):
    log_in_freshly(client, reviewer.person)
    pages = [url, f"/admin/conferences/{scope._meta.model_name}/{scope.pk}/change/", "/admin/"]
    assert [client.get(page).status_code for page in pages] == [200, 200, 200]
    remove_from_team(member=reviewer, by=acting(owner))
    assert 200 not in [client.get(page).status_code for page in pages]


def test_removed_person_who_is_in_another_team_keeps_only_that(client, scope, owner, reviewer, url):
    other = make_team_member(make_series(), Role.OWNER, user=reviewer.person)
    log_in_freshly(client, reviewer.person)
    remove_from_team(member=reviewer, by=acting(owner))
    assert client.get(url).status_code == 404
    assert client.get(f"/admin/conferences/series/{other.series_id}/team/").status_code == 200


# --- roles ------------------------------------------------------------------------------------


def test_role_that_another_owner_changed_meanwhile_is_not_overwritten(as_owner, reviewer, url):
    page = f"{url}{reviewer.pk}/"
    assert parse(as_owner.get(page)).field("shown")["value"] == "reviewer"
    TeamMember.objects.filter(pk=reviewer.pk).update(role="organiser")
    answer = parse(
        as_owner.post(page, {"role": "observer", "act": "change", "shown": "reviewer"}, follow=True)
    )
    assert "Rita Reader is Organiser by now" in answer.text
    assert TeamMember.objects.get(pk=reviewer.pk).role == "organiser"


def test_the_same_change_twice_is_answered_alike(as_owner, reviewer, url):
    sent = {"role": "observer", "act": "change", "shown": "reviewer"}
    answers = [parse(as_owner.post(f"{url}{reviewer.pk}/", sent, follow=True)) for _ in range(2)]
    assert [page.messages for page in answers] == [["The role of Rita Reader is now: Observer."]] * 2


def test_removal_names_the_person(as_owner, reviewer, url):
    page = parse(as_owner.post(f"{url}{reviewer.pk}/", {"act": "remove"}, follow=True))
    assert page.messages == ["Rita Reader is no longer in the team."]


def test_person_with_a_role_in_series_and_conference_reads_that_both_count():
    series = make_series(name="Guild")
    conference = make_conference(series=series)
    member = make_team_member(series, Role.REVIEWER, name="Rita Reader")
    make_team_member(conference, Role.HELP_DESK, user=member.person)
    owner = make_team_member(series, Role.OWNER)
    rows = parse(logged_in(owner).get(f"/admin/conferences/conference/{conference.pk}/team/")).texts(
        ".team > li"
    )
    both = [row for row in rows if "Rita Reader" in row]
    assert len(both) == 2
    assert "Also Reviewer in the series Guild; both roles count" in both[0]


def logged_in(member):
    return log_in_freshly(Client(), member.person)


# --- invitations ------------------------------------------------------------------------------


def test_member_of_the_team_is_not_invited_again_by_a_linked_address(as_owner, scope, url):
    member = make_team_member(scope, Role.REVIEWER)
    LinkedAddress.objects.create(user=member.person, email="ticket@example.org")
    page = parse(as_owner.post(url, {"email": "ticket@example.org", "role": "owner"}))
    assert "in the team already" in page.text
    assert mail.outbox == []


def test_who_invites_themselves_reads_that_they_are_in_the_team(as_owner, owner, url):
    page = parse(as_owner.post(url, {"email": owner.person.email, "role": "owner"}))
    assert "This is your own email address, and you are in the team." in page.text
    assert not TeamInvitation.objects.exists()


def test_address_is_invited_to_a_series_and_to_its_conference_and_both_roles_count(client):
    series = make_series()
    conference = make_conference(series=series)
    owner, guest = make_team_member(series, Role.OWNER), make_user("guest@example.org")
    for scope, role in ((series, "observer"), (conference, "help_desk")):
        invite_to_team(scope=scope, email="guest@example.org", role=role, by=acting(owner))
    log_in_freshly(client, guest)
    for link in [link_of(email) for email in mail.outbox]:
        assert client.post(link).url == "/admin/"
    assert sorted(guest.team_members.values_list("role", flat=True)) == ["help_desk", "observer"]
    stored = User.objects.get(pk=guest.pk)
    asked = ("accounts.view_adminact", "conferences.change_rosterentry")
    assert stored.has_perms(asked, conference)


@pytest.mark.parametrize("role", ["owner", "observer"])
def test_invitation_of_a_person_who_has_another_role_by_now_changes_nothing_and_says_so(
    client, scope, owner, role
):
    guest = make_user("guest@example.org")
    invite_to_team(scope=scope, email="guest@example.org", role=role, by=acting(owner))
    make_team_member(scope, Role.REVIEWER, user=guest)
    link = link_of(mail.outbox[-1])
    log_in_freshly(client, guest)
    assert "Your role stays: Reviewer" in parse(client.get(link)).text
    answer = parse(client.post(link, follow=True))
    assert any("Your role stays: Reviewer" in message for message in answer.messages)
    assert TeamMember.objects.of_team(scope).get(person=guest).role == "reviewer"


def test_account_that_has_just_been_disabled_accepts_nothing(client, scope, owner, meanwhile):
    guest = make_user("guest@example.org")
    invitation = invite_to_team(scope=scope, email="guest@example.org", role="owner", by=acting(owner))
    log_in_freshly(client, guest)
    meanwhile(lambda: User.objects.filter(pk=guest.pk).update(is_active=False))
    client.post(link_of(mail.outbox[-1]))
    assert not TeamMember.objects.filter(person=guest).exists()
    assert TeamInvitation.objects.get(pk=invitation.pk).accepted_at is None


def test_disabled_account_is_led_to_the_log_in_and_accepts_nothing(client, scope, owner):
    guest = make_user("guest@example.org")
    invite_to_team(scope=scope, email="guest@example.org", role="owner", by=acting(owner))
    link = link_of(mail.outbox[-1])
    log_in_freshly(client, guest)
    User.objects.filter(pk=guest.pk).update(is_active=False)
    assert "Log in with the account of guest@example.org" in parse(client.get(link)).text
    assert client.post(link).url == f"/accounts/login/?next={link}"
    assert not TeamMember.objects.filter(person=guest).exists()


def test_who_is_logged_in_as_another_logs_out_and_comes_back_to_the_invitation(as_stranger, scope, owner):
    invite_to_team(scope=scope, email="guest@example.org", role="owner", by=acting(owner))
    link = link_of(mail.outbox[-1])
    page = parse(as_stranger.get(link))
    assert page.part(".entrance form").field("next")["value"] == link
    answer = as_stranger.post("/accounts/logout/", {"next": link})
    assert answer.url == link
    assert "Sign up" in parse(as_stranger.get(link)).text


def test_team_shows_who_invited_and_that_no_invitation_waits(as_owner, scope, owner, url):
    assert "No invitation is waiting for an answer." in parse(as_owner.get(url)).text
    invite_to_team(scope=scope, email="guest@example.org", role="reviewer", by=acting(owner))
    row = parse(as_owner.get(url)).part("#invitations-title ~ ul").text
    assert "Invited by Olga Owner" in row


def test_site_organiser_invites_themselves_as_any_other(client, scope, url, roles):
    organiser = make_organiser("site@example.org")
    log_in_freshly(client, organiser)
    client.post(url, {"email": "site@example.org", "role": "owner"})
    client.post(link_of(mail.outbox[-1]))
    assert TeamMember.objects.of_team(scope).get(person=organiser).role == "owner"


def test_accepting_twice_says_the_same(client, scope, owner):
    guest = make_user("guest@example.org")
    invitation = invite_to_team(scope=scope, email="guest@example.org", role="owner", by=acting(owner))
    link = link_of(mail.outbox[-1])
    log_in_freshly(client, guest)
    said = [parse(client.post(link, follow=True)).messages for _ in range(2)]
    assert said[0] == said[1]
    by = acting(TeamMember(person=guest))
    assert accept_invitation(invitation=invitation, by=by).person == guest

"""Inviting people to a team, changing roles, leaving; what is logged and who is notified."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct, User
from accounts.my_data.actions import delete_account
from accounts.tests.factories import make_organiser, make_user
from confbox.kit.outcomes import Change
from conferences.models import Role, Series, TeamInvitation, TeamMember
from conferences.teams import rules
from conferences.teams.actions import (
    accept_invitation,
    change_role,
    create_series,
    invite_to_team,
    leave_team,
    remove_from_team,
    withdraw_invitation,
)
from conferences.teams.tokens import invitation_of
from conferences.tests.factories import make_conference
from conferences.tests.teams import acting, make_series, make_team_member

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["series", "conference"])
def scope(request, conference):
    return {"series": make_series(name="Guild"), "conference": conference}[request.param]


@pytest.fixture
def owner(scope):
    return make_team_member(scope, Role.OWNER, name="Olga")


@pytest.fixture
def guest(db):
    return make_user("guest@example.org", name="Guest")


def invite(scope, owner, email="guest@example.org", role=Role.REVIEWER):
    return invite_to_team(scope=scope, email=email, role=role, by=acting(owner))


def accept(invitation, person):
    return accept_invitation(invitation=invitation, by=Actor(person, "127.0.0.2"))


def acts():
    return list(AdminAct.objects.order_by("pk").values_list("kind", "what", "about_id"))


def recipients():
    return sorted(email.to[0] for email in mail.outbox)


def link_in_email():
    [email] = [email for email in mail.outbox if "/team-invitations/" in email.body]
    return next(line for line in email.body.splitlines() if "/team-invitations/" in line)


def test_series_is_owned_by_who_creates_it(stranger):
    series = create_series(name="Guild", slug="guild", by=Actor(stranger))
    member = TeamMember.objects.get()
    assert (member.series, member.person, member.role) == (series, stranger, "owner")
    assert acts() == [("series", "Created.", None)]


def test_series_with_a_url_name_that_is_taken_is_refused(stranger):
    make_series(slug="guild")
    with pytest.raises(ValidationError) as refusal:
        create_series(name="Guild", slug="guild", by=Actor(stranger))
    assert "slug" in refusal.value.message_dict
    assert Series.objects.count() == 1


def test_invitation_is_sent_logged_and_valid_for_14_days(scope, owner):
    invitation = invite(scope, owner, email=" Guest@Example.org ")
    assert (invitation.email, invitation.scope) == ("guest@example.org", scope)
    assert invitation.expires_at - invitation.sent_at == timedelta(days=14)
    assert recipients() == ["guest@example.org"]
    assert acts() == [(scope._meta.model_name, "Invited to the team as Reviewer: {name}.", invitation.pk)]


def test_link_in_the_email_leads_to_the_invitation_and_the_database_has_no_token(scope, owner):
    invitation = invite(scope, owner)
    token = link_in_email().rstrip("/").rpartition("/")[2]
    assert invitation_of(token) == invitation
    assert token not in TeamInvitation.objects.get().token_digest


@pytest.mark.parametrize("email", ["", "no address", "a@b", "x" * 300 + "@example.org"])
def test_invitation_to_what_is_no_address_is_refused(scope, owner, email):
    with pytest.raises(ValidationError):
        invite(scope, owner, email=email)
    assert not TeamInvitation.objects.exists()
    assert mail.outbox == []


@pytest.mark.parametrize("role", ["", "king", "superuser"])
def test_invitation_with_a_role_that_does_not_exist_is_refused(scope, owner, role):
    with pytest.raises(ValidationError):
        invite(scope, owner, role=role)
    assert not TeamInvitation.objects.exists()


def test_second_invitation_of_an_address_replaces_the_first(scope, owner, guest):
    first, second = invite(scope, owner), invite(scope, owner, role=Role.OBSERVER)
    with pytest.raises(ValidationError, match="withdrawn or replaced"):
        accept(first, guest)
    assert accept(second, guest).role == "observer"


def test_member_of_the_team_is_not_invited_again_by_any_address_of_theirs(scope, owner, guest):
    EmailAddress.objects.create(user=guest, email="other@example.org", verified=True)
    make_team_member(scope, user=guest)
    with pytest.raises(ValidationError, match="in the team already"):
        invite(scope, owner, email="other@example.org")


def test_more_unanswered_invitations_than_anyone_needs_are_refused(scope, owner, monkeypatch):
    monkeypatch.setattr(rules, "MOST_UNANSWERED", 2)
    for number in range(2):
        invite(scope, owner, email=f"guest{number}@example.org")
    with pytest.raises(ValidationError, match="2 invitations to this team are unanswered"):
        invite(scope, owner)
    TeamInvitation.objects.update(expires_at=timezone.now())
    assert invite(scope, owner).pk


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.OWNER])
def test_only_owners_change_the_team(scope, owner, role):
    member, other = make_team_member(scope, role), make_team_member(scope, Role.REVIEWER)
    for act in (
        lambda by: invite_to_team(scope=scope, email="guest@example.org", role="owner", by=by),
        lambda by: change_role(member=other, role="owner", by=by),
        lambda by: remove_from_team(member=other, by=by),
    ):
        with pytest.raises(ValidationError, match="no longer change this team"):
            act(acting(member))
    assert not TeamInvitation.objects.exists()


def test_owner_of_another_team_changes_nothing(scope, owner):
    stranger = make_team_member(make_series(), Role.OWNER)
    with pytest.raises(ValidationError, match="no longer change this team"):
        remove_from_team(member=owner, by=acting(stranger))


def test_owner_who_has_just_been_removed_changes_nothing(scope, owner):
    other, third = make_team_member(scope, Role.OWNER), make_team_member(scope, Role.REVIEWER)
    by = acting(other)
    assert other.person.has_perm("conferences.change_teammember", scope)
    remove_from_team(member=other, by=acting(owner))
    with pytest.raises(ValidationError, match="no longer change this team"):
        change_role(member=third, role="owner", by=by)


def test_site_organiser_changes_every_team(scope, owner, roles):
    organiser = make_organiser("site@example.org")
    other = make_team_member(scope, Role.REVIEWER)
    assert change_role(member=other, role="owner", by=Actor(organiser)) is Change.MADE


def test_accepting_makes_a_member_and_notifies_the_owners(scope, owner, guest):
    invitation = invite(scope, owner)
    second_owner = make_team_member(scope, Role.OWNER)
    mail.outbox.clear()
    member = accept(invitation, guest)
    assert (member.scope, member.person, member.role, member.added_by) == (
        scope,
        guest,
        "reviewer",
        owner.person,
    )
    assert recipients() == sorted([owner.person.email, second_owner.person.email])
    assert acts()[-1] == (scope._meta.model_name, "Joined the team as Reviewer: {name}.", guest.pk)


def test_accepting_twice_changes_nothing(scope, owner, guest):
    invitation = invite(scope, owner)
    first = accept(invitation, guest)
    logged = len(acts())
    assert accept(invitation, guest) == first
    assert len(acts()) == logged


def test_invitation_makes_one_person_a_member(scope, owner, guest):
    invitation = invite(scope, owner)
    accept(invitation, guest)
    remove_from_team(member=TeamMember.objects.get(person=guest), by=acting(owner))
    with pytest.raises(ValidationError, match="has been used"):
        accept(invitation, guest)


def test_invitation_is_accepted_with_any_confirmed_address(scope, owner, stranger):
    EmailAddress.objects.create(user=stranger, email="guest@example.org", verified=True)
    assert accept(invite(scope, owner), stranger).person == stranger


@pytest.mark.parametrize("verified", [None, False])
def test_invitation_is_not_accepted_without_its_address_confirmed(scope, owner, stranger, verified):
    if verified is not None:
        EmailAddress.objects.create(user=stranger, email="guest@example.org", verified=verified)
    with pytest.raises(ValidationError, match="not a confirmed email address of yours"):
        accept(invite(scope, owner), stranger)
    assert not TeamMember.objects.filter(person=stranger).exists()


def test_invitation_that_has_expired_is_refused(scope, owner, guest):
    invitation = invite(scope, owner)
    TeamInvitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(ValidationError, match="has expired"):
        accept(invitation, guest)


def test_invitation_that_was_withdrawn_is_refused(scope, owner, guest):
    invitation = invite(scope, owner)
    assert withdraw_invitation(invitation=invitation, by=acting(owner)) is Change.MADE
    assert withdraw_invitation(invitation=invitation, by=acting(owner)) is Change.NONE
    with pytest.raises(ValidationError, match="withdrawn or replaced"):
        accept(invitation, guest)


def test_invitation_that_was_accepted_cannot_be_withdrawn(scope, owner, guest):
    invitation = invite(scope, owner)
    accept(invitation, guest)
    assert withdraw_invitation(invitation=invitation, by=acting(owner)) is Change.NONE
    assert TeamMember.objects.filter(person=guest).exists()


def test_second_factor_is_needed_where_the_site_requires_it(scope, owner, guest, settings):
    settings.STAFF_MFA_REQUIRED = True
    invitation = invite(scope, owner)
    with pytest.raises(ValidationError) as refusal:
        accept(invitation, guest)
    assert refusal.value.code == rules.NEEDS_FACTOR
    Authenticator.objects.create(user=guest, type=Authenticator.Type.TOTP, data={})
    assert accept(invitation, guest).person == guest


def test_changed_role_is_logged_and_notified(scope, owner):
    member, other = make_team_member(scope, Role.REVIEWER), make_team_member(scope, Role.OWNER)
    assert change_role(member=member, role="organiser", by=acting(owner)) is Change.MADE
    assert TeamMember.objects.get(pk=member.pk).role == "organiser"
    assert recipients() == sorted([member.person.email, other.person.email])
    what = "Role in the team changed from Reviewer to Organiser: {name}."
    assert acts() == [(scope._meta.model_name, what, member.person_id)]


def test_same_role_again_changes_nothing(scope, owner):
    member = make_team_member(scope, Role.REVIEWER)
    assert change_role(member=member, role="reviewer", by=acting(owner)) is Change.NONE
    assert (acts(), mail.outbox) == ([], [])


def test_removed_member_is_out_and_notified(scope, owner):
    member = make_team_member(scope, Role.REVIEWER)
    assert remove_from_team(member=member, by=acting(owner)) is Change.MADE
    assert remove_from_team(member=member, by=acting(owner)) is Change.NONE
    assert recipients() == [member.person.email]
    assert len(acts()) == 1
    assert not User.objects.get(pk=member.person_id).has_perm("conferences.view_conference", scope)


def demote(member, by):
    return change_role(member=member, role="organiser", by=by)


def remove(member, by):
    return remove_from_team(member=member, by=by)


def leave(member, by):
    return leave_team(member=member, by=acting(member))


@pytest.mark.parametrize("act", [demote, remove, leave])
def test_invitations_of_an_owner_end_with_their_role(scope, owner, guest, act):
    other = make_team_member(scope, Role.OWNER)
    theirs, kept = invite(scope, owner), invite(scope, other, email="kept@example.org")
    act(owner, acting(other))
    with pytest.raises(ValidationError, match="withdrawn"):
        accept(theirs, guest)
    assert TeamInvitation.objects.unanswered().get() == kept
    withdrawn = (scope._meta.model_name, "Invitation to the team withdrawn: {name}.", theirs.pk)
    assert acts()[-1] == withdrawn


def test_invitations_to_conferences_end_with_the_role_in_their_series(owner, guest):
    series = make_series()
    member, _other = (make_team_member(series, Role.OWNER) for _ in range(2))
    one, own = (make_conference(series=series) for _ in range(2))
    make_team_member(own, Role.OWNER, user=member.person)
    lost, kept = invite(one, member), invite(own, member, email="kept@example.org")
    remove_from_team(member=member, by=acting(_other))
    assert list(TeamInvitation.objects.unanswered()) == [kept]
    assert TeamInvitation.objects.get(pk=lost.pk).withdrawn_at


def test_invitations_of_an_owner_of_the_series_outlive_their_role_in_one_conference(guest):
    series = make_series()
    conference = make_conference(series=series)
    owner, _other = (make_team_member(series, Role.OWNER) for _ in range(2))
    member = make_team_member(conference, Role.OWNER, user=owner.person)
    sent = invite(conference, member)
    remove_from_team(member=member, by=acting(owner))
    assert accept(sent, guest).role == "reviewer"


def test_member_who_leaves_is_out_and_owners_are_notified(scope, owner):
    member = make_team_member(scope, Role.REVIEWER)
    assert leave_team(member=member, by=acting(member)) is Change.MADE
    assert leave_team(member=member, by=acting(member)) is Change.NONE
    assert recipients() == [owner.person.email]


def test_no_one_leaves_a_team_for_another(scope, owner):
    member = make_team_member(scope, Role.REVIEWER)
    with pytest.raises(ValidationError):
        leave_team(member=member, by=acting(owner))
    assert TeamMember.objects.filter(pk=member.pk).exists()


@pytest.mark.parametrize(
    "act",
    [
        lambda member: leave_team(member=member, by=acting(member)),
        lambda member: remove_from_team(member=member, by=acting(member)),
        lambda member: change_role(member=member, role="observer", by=acting(member)),
    ],
)
def test_last_owner_stays(scope, owner, act):
    make_team_member(scope, Role.OWNER, is_active=False)
    make_team_member(scope, Role.ORGANISER)
    with pytest.raises(ValidationError, match="Olga is the last owner"):
        act(owner)
    assert TeamMember.objects.get(pk=owner.pk).role == "owner"
    make_team_member(scope, Role.OWNER)
    assert act(owner) is Change.MADE


def test_owner_of_a_conference_leaves_it_to_the_owners_of_its_series():
    series = make_series()
    conference = make_conference(series=series)
    owner = make_team_member(conference, Role.OWNER)
    with pytest.raises(ValidationError):
        leave_team(member=owner, by=acting(owner))
    of_series = make_team_member(series, Role.OWNER)
    assert leave_team(member=owner, by=acting(owner)) is Change.MADE
    assert recipients() == [of_series.person.email]


def test_database_keeps_one_role_for_each_person_and_team(scope, owner):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_team_member(scope, Role.REVIEWER, user=owner.person)


@pytest.mark.parametrize("both", [True, False])
def test_database_keeps_series_and_conference_apart(conference, stranger, both):
    columns = {"series": make_series(), "conference": conference} if both else {}
    with pytest.raises(IntegrityError), transaction.atomic():
        TeamMember.objects.create(person=stranger, role=Role.OWNER, **columns)


def test_emails_are_in_the_language_of_each_reader(scope, owner):
    member = make_team_member(scope, Role.REVIEWER, language="de")
    change_role(member=member, role="organiser", by=acting(owner))
    assert mail.outbox[0].to == [member.person.email]
    assert mail.outbox[0].body.startswith("Guten Tag")


def test_account_is_deleted_with_its_roles_and_invitations(scope, owner, guest):
    make_team_member(scope, Role.REVIEWER, user=guest)
    other = make_series()
    invite(other, make_team_member(other, Role.OWNER))
    delete_account(by=Actor(guest))
    assert not TeamMember.objects.filter(person=guest).exists()
    assert not TeamInvitation.objects.exists()


def test_last_owner_hands_a_team_over_before_deleting_their_account(scope, owner):
    with pytest.raises(ValidationError, match="last owner"):
        delete_account(by=acting(owner))
    assert TeamMember.objects.filter(pk=owner.pk).exists()
    assert User.objects.get(pk=owner.person_id).is_active

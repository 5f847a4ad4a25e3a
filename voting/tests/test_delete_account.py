"""Deletion of an account: what is deleted, what stays, and who may not."""

import io

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image

from accounts.actors import Actor
from accounts.audit_log import log_act
from accounts.models import AdminAct, User
from accounts.tests.factories import PASSWORD, log_in_freshly
from confbox.kit.tests.page import parse
from conferences.models import Conference, Membership
from conferences.tests.factories import make_conference, make_membership
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.subscriptions.models import UndeliverableAddress, Unsubscription
from voting.elections import actions
from voting.elections.election.models import Election
from voting.elections.exclusions import exclude_member
from voting.elections.models import Decision, Pitch, Vote
from voting.elections.receipts import verify
from voting.elections.receipts.actions import publish_ballots, unlink_voters
from voting.elections.receipts.models import PublishedBallots
from voting.elections.receipts.signing import public_key
from voting.elections.tally import tally_of
from voting.tests.campaigns import make_campaign
from voting.tests.factories import close_and_decide, make_pitch, make_vote

DELETE = "/people/delete/"


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()


@pytest.fixture
def as_bob(client, bob):
    User.objects.filter(pk=bob.user.pk).update(
        name="Bob Odenkirk", phone="+49 555 0199", profession="Actor", bio="Bio words"
    )
    return log_in_freshly(client, User.objects.get(pk=bob.user.pk))


def delete(client):
    return client.post(DELETE, {"understood": "on"})


def close(conference):
    Election.objects.filter(pk=conference.pk).update(closes_at=timezone.now())
    conference.refresh_from_db()


def test_personal_data_is_removed(as_bob, bob):
    address = bob.user.email
    assert delete(as_bob).url == "/"
    user = User.objects.get(pk=bob.user.pk)
    assert (user.name, user.phone, user.profession, user.bio) == ("Deleted person", "", "", "")
    assert user.email.endswith("@deleted.invalid")
    assert not user.has_usable_password()
    assert not EmailAddress.objects.filter(email=address).exists()


def test_no_table_knows_the_person_any_more(as_bob, bob, conference, roles, organiser):
    address = bob.user.email
    make_pitch(bob, "Bob Odenkirk speaks")
    Client().post("/accounts/login/", {"login": address, "password": PASSWORD})
    delete(as_bob)
    for model in apps.get_models():
        for row in model._base_manager.values():
            assert "Odenkirk" not in str(row), model
            assert address not in str(row) or model.__name__ == "DBTaskResult", model


def test_person_is_logged_out_everywhere_and_stays_out(as_bob, bob):
    address, other = bob.user.email, Client()
    other.post("/accounts/login/", {"login": address, "password": PASSWORD})
    delete(as_bob)
    assert other.get("/me/").status_code == 302
    assert as_bob.get("/me/").status_code == 302
    assert not UserSession.objects.filter(user=bob.user).exists()
    other.post("/accounts/login/", {"login": address, "password": PASSWORD})
    assert "_auth_user_id" not in other.session


def test_open_vote_no_longer_counts(as_bob, alice, bob):
    make_vote(bob, alice)
    delete(as_bob)
    assert not Vote.objects.valid().exists()


def test_open_votes_for_the_person_become_void_and_the_voters_notified(as_bob, alice, bob, mailoutbox):
    make_vote(alice, bob)
    delete(as_bob)
    assert not Vote.objects.valid().exists()
    assert alice.user.email in [message.to[0] for message in mailoutbox]


def test_counted_votes_of_a_closed_election_stay_as_counted(as_bob, conference, alice, bob, carol):
    make_vote(bob, alice)
    make_vote(carol, bob)
    close(conference)
    before = [(s.candidate.pk, s.votes, s.rank) for s in tally_of(conference).standings]
    delete(as_bob)
    after = tally_of(conference)
    assert [(s.candidate.pk, s.votes, s.rank) for s in after.standings] == before
    assert "Odenkirk" not in str([str(s.candidate) for s in after.standings])


def test_person_leaves_every_conference(as_bob, bob):
    make_membership(make_conference(voting="closed"), user=bob.user)
    delete(as_bob)
    assert not Membership.objects.current().filter(user=bob.user).exists()


def test_pitch_is_removed(as_bob, bob):
    make_pitch(bob)
    delete(as_bob)
    assert not Pitch.objects.exists()


def test_decision_keeps_the_numbers_without_the_name(as_bob, conference, alice, bob, carol, organiser):
    User.objects.filter(pk=bob.user.pk).update(name="Bob Odenkirk")
    make_vote(carol, bob)
    make_vote(bob, alice)
    decision = close_and_decide(conference=conference, candidate=alice, by=organiser, reason="Tie")
    delete(as_bob)
    decision.refresh_from_db()
    kept = {s["member"]: (s["name"], s["votes"]) for s in decision.tally["standings"]}
    assert kept == {alice.pk: ("Alice", 1), bob.pk: ("Deleted person", 1)}


def test_namesake_in_a_decision_keeps_the_name(as_bob, conference, alice, bob, carol, organiser):
    User.objects.filter(pk__in=[bob.user.pk, carol.user.pk]).update(name="Bob Odenkirk")
    make_vote(alice, bob)
    make_vote(bob, carol)
    decision = close_and_decide(conference=conference, candidate=carol, by=organiser, reason="Tie")
    delete(as_bob)
    decision.refresh_from_db()
    kept = {standing["member"]: standing["name"] for standing in decision.tally["standings"]}
    assert kept == {bob.pk: "Deleted person", carol.pk: "Bob Odenkirk"}


def test_chosen_person_gives_the_decision_back(as_bob, conference, bob, organiser):
    close_and_decide(conference=conference, candidate=bob, by=organiser, reason="Best")
    delete(as_bob)
    assert not Decision.objects.current().exists()


def test_an_organiser_who_decided_is_notified_that_the_chosen_person_is_gone(
    as_bob, conference, bob, organiser, mailoutbox
):
    close_and_decide(conference=conference, candidate=bob, by=organiser, reason="Best")
    delete(as_bob)
    shown = [message for message in mailoutbox if message.to == [organiser.email]]
    assert [message.subject for message in shown] == ["Bob Odenkirk declined to speak at Open Conf"]


def test_page_warns_the_speaker_that_the_talk_is_given_up(as_bob, conference, bob, organiser):
    decision = close_and_decide(conference=conference, candidate=bob, by=organiser, reason="Best")
    chosen, speaker = "You have been chosen as the speaker of Open Conf.", "You are the speaker of Open Conf."
    assert chosen in parse(as_bob.get(DELETE)).text
    actions.answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
    shown = parse(as_bob.get(DELETE))
    assert speaker in shown.text
    assert not shown.mentions(chosen)


def test_page_does_not_warn_the_speaker_of_a_past_conference(as_bob, conference, bob, organiser):
    close_and_decide(conference=conference, candidate=bob, by=organiser, reason="Best")
    past = timezone.now() - timezone.timedelta(days=1)
    Conference.objects.filter(pk=conference.pk).update(starts_at=past, ends_at=past)
    assert not parse(as_bob.get(DELETE)).mentions("This cannot be undone")


def test_speaker_of_a_past_conference_stays_without_a_name(as_bob, conference, bob, organiser):
    decision = close_and_decide(conference=conference, candidate=bob, by=organiser, reason="Best")
    actions.answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
    past = timezone.now() - timezone.timedelta(days=1)
    Conference.objects.filter(pk=conference.pk).update(starts_at=past, ends_at=past)
    delete(as_bob)
    assert Decision.objects.current().filter(pk=decision.pk).exists()


def test_same_address_can_sign_up_again_as_a_new_person(as_bob, bob, mailoutbox):
    import re

    address = bob.user.email
    delete(as_bob)
    client = Client()
    client.post("/accounts/signup/", {"name": "Bob", "email": address, "password1": PASSWORD})
    client.post("/accounts/signup/code/", {"code": re.search(r"\b\d{6}\b", mailoutbox[-1].body)[0]})
    assert User.objects.get(email=address).pk != bob.user.pk


def test_the_address_is_notified(as_bob, bob, mailoutbox):
    delete(as_bob)
    assert (mailoutbox[-1].to, mailoutbox[-1].subject) == (
        [bob.user.email],
        "Your account on ConferenceBox has been deleted",
    )


def test_page_says_what_would_happen_and_does_nothing(as_bob, conference, alice, bob, carol):
    other = make_conference(title="Closed Conf", voting="closed")
    make_vote(make_membership(other, user=bob.user), make_membership(other))
    make_vote(bob, alice)
    make_vote(carol, bob)
    shown = parse(as_bob.get(DELETE))
    assert "You leave Open Conf." in shown.text
    assert "1 vote of yours in an open election will no longer count" in shown.text
    assert "Members who voted for you in an open election are notified" in shown.text
    assert "1 vote of yours in a closed election, as it was counted" in shown.text
    assert Vote.objects.count() == 3


def test_it_has_to_be_confirmed(as_bob, bob):
    assert as_bob.post(DELETE, {"understood": ""}).status_code == 200
    assert User.objects.get(pk=bob.user.pk).is_active


def test_it_asks_again_who_is_there(client, bob):
    client.force_login(bob.user)
    assert client.get(DELETE).url.startswith("/accounts/reauthenticate/")
    assert delete(client).url.startswith("/accounts/reauthenticate/")
    assert User.objects.get(pk=bob.user.pk).is_active


def test_organiser_cannot_vanish_from_the_history(client, organiser):
    log_in_freshly(client, organiser)
    assert "You are an organiser" in parse(delete(client)).text
    assert User.objects.get(pk=organiser.pk).is_active


def test_twice_is_once(bob):
    from accounts.my_data.actions import delete_account

    user = User.objects.get(pk=bob.user.pk)
    delete_account(by=Actor(user))
    delete_account(by=Actor(user))
    assert User.objects.get(pk=bob.user.pk).name == "Deleted person"


def publish_who_voted(conference, voter, *candidates):
    """Has the member and five others vote for two who do not, so that names are published."""
    Election.objects.filter(pk=conference.pk).update(publishes_participants=True)
    for number, member in enumerate([voter, *(make_membership(conference) for _ in range(5))]):
        make_vote(member, candidates[number % 2])


def test_list_of_those_who_voted_and_sent_pitches_lose_the_name(
    as_bob, conference, alice, bob, carol, organiser
):
    publish_who_voted(conference, bob, alice, carol)
    kept = {"member": bob.pk, "name": "Bob Odenkirk", "profession": "", "headline": "H", "statement": "S"}
    columns = {"kind": "candidates", "status": "sent", "subject": "Meet", "pitches": [kept]}
    campaign = Campaign.objects.create(conference=conference, requested_by=organiser, **columns)
    conference.refresh_from_db()
    close_and_decide(conference=conference, candidate=alice, by=organiser, reason="Leads")
    published = PublishedBallots.objects.get()
    assert check(published) == []
    before = (published.digest, published.signature, published.result)
    assert "Bob Odenkirk" in published.voters
    delete(as_bob)
    published.refresh_from_db()
    campaign.refresh_from_db()
    assert "Bob Odenkirk" not in str(published.names)
    assert check(published) == []
    assert (published.digest, published.signature, published.result) == before
    assert (campaign.pitches[0]["name"], campaign.pitches[0]["headline"]) == ("Deleted person", "")


def check(published):
    """What verify.py finds."""
    problems = list(verify.check_people(published.file))
    signed = verify.is_signed(verify.signed_text(published.file), published.signature, public_key())
    return [*problems, *["signature"] * (not signed)]


def test_name_in_the_list_of_those_who_voted_is_forgotten_after_unlinking_too(
    as_bob, conference, alice, bob, carol
):
    publish_who_voted(conference, bob, alice, carol)
    close(conference)
    publish_ballots(conference=conference)
    unlink_voters(conference=conference, is_early=True, by=Actor.of_command())
    delete(as_bob)
    published = PublishedBallots.objects.get()
    assert "Bob Odenkirk" not in str(published.names)
    assert (len(published.voters), check(published)) == (6, [])


def test_name_that_changed_since_the_close_is_forgotten_as_well(as_bob, conference, alice, bob, carol):
    publish_who_voted(conference, bob, alice, carol)
    close(conference)
    publish_ballots(conference=conference)
    User.objects.filter(pk=bob.user.pk).update(name="Robert")
    delete(as_bob)
    assert "Odenkirk" not in str(PublishedBallots.objects.values())


def test_namesake_in_the_list_of_those_who_voted_keeps_the_name(as_bob, conference, alice, bob, carol):
    publish_who_voted(conference, bob, alice, carol)
    User.objects.filter(memberships__vote__isnull=False).update(name="Bob Odenkirk")
    close(conference)
    publish_ballots(conference=conference)
    delete(as_bob)
    assert PublishedBallots.objects.get().voters.count("Bob Odenkirk") == 5


@pytest.mark.parametrize("name", ["not", "e", "Deleted person", "was not the sole choice"])
def test_texts_of_others_stay_as_written_whatever_the_person_is_called(
    client, conference, alice, bob, carol, organiser, name
):
    User.objects.filter(pk=bob.user.pk).update(name=name)
    make_vote(alice, carol)
    campaign = make_campaign(carol, subject="I do not sleep", message="Not the end, not yet.")
    written = "Carol was not the sole choice, she is the best one."
    decision = close_and_decide(conference=conference, candidate=carol, by=organiser, reason=written)
    log_act(by=Actor(organiser), act="edit", target=carol.user, reason="not twice, once")
    delete(log_in_freshly(client, User.objects.get(pk=bob.user.pk)))
    decision.refresh_from_db()
    campaign.refresh_from_db()
    assert decision.reason == written
    assert (campaign.subject, campaign.message) == ("I do not sleep", "Not the end, not yet.")
    assert [s["name"] for s in decision.tally["standings"]] == ["Carol"]
    assert AdminAct.objects.get(act="edit").reason == "not twice, once"


def test_tasks_for_an_address_that_contains_the_persons_stay(as_bob, bob):
    User.objects.filter(pk=bob.user.pk).update(email="e@example.org")
    columns = {
        "task_path": "confbox.kit.email_sending.deliver_email",
        "queue_name": "mail",
        "backend_name": "default",
    }
    for address in ("e@example.org", "alice@example.org", "E@example.org.uk"):
        arguments = {"args": [], "kwargs": {"to": [address], "subject": "For e@example.org"}}
        DBTaskResult.objects.create(
            status="SUCCESSFUL", args_kwargs=arguments, run_after=timezone.now(), **columns
        )
    delete(as_bob)
    left = [row.args_kwargs["kwargs"]["to"] for row in DBTaskResult.objects.finished()]
    assert sorted(left) == [["E@example.org.uk"], ["alice@example.org"]]


def test_every_column_about_the_person_is_emptied(as_bob, bob):
    shown = {"time_zone": "Asia/Kolkata", "language": "en", "calendar_key": "k" * 32}
    User.objects.filter(pk=bob.user.pk).update(
        **shown, signup_network="127.0.0.0/24", last_login=timezone.now()
    )
    delete(as_bob)
    emptied = ["phone", "profession", "bio", "language", "calendar_key", "signup_network", "picture"]
    switches = ["receives_campaigns", "receives_notices", "shows_bio", "shows_profession"]
    columns = [*emptied, "last_login", "time_zone", *switches]
    kept = User.objects.filter(pk=bob.user.pk).values_list(*columns).get()
    assert kept == ("",) * 7 + (None, "UTC", False, False, False, False)


def test_picture_and_second_factors_are_removed(
    as_bob, bob, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    written = io.BytesIO()
    Image.new("RGB", (50, 50)).save(written, "PNG")
    with django_capture_on_commit_callbacks(execute=True):
        as_bob.post("/people/profile/picture/", {"picture": SimpleUploadedFile("a.png", written.getvalue())})
    assert len(list(tmp_path.rglob("*.webp"))) == 2
    TOTP.activate(bob.user, generate_totp_secret())
    with django_capture_on_commit_callbacks(execute=True):
        delete(as_bob)
    assert not list(tmp_path.rglob("*.webp"))
    assert not Authenticator.objects.filter(user=bob.user).exists()


def test_connected_log_ins_are_removed(as_bob, bob):
    SocialAccount.objects.create(user=bob.user, provider="oidc", uid="1")
    delete(as_bob)
    assert not SocialAccount.objects.exists()


def test_groups_and_permissions_are_taken_away(as_bob, bob, roles):
    bob.user.groups.add(Group.objects.get(name="Organisers"))
    bob.user.user_permissions.add(Permission.objects.get(codename="change_user"))
    delete(as_bob)
    assert not bob.user.groups.exists()
    assert not bob.user.user_permissions.exists()


def test_campaign_refusals_and_bounces_of_the_person_are_removed(as_bob, bob, conference):
    campaign = make_campaign(bob, subject="Bob Odenkirk", message="Words")
    delivery = Delivery.objects.create(campaign=campaign, recipient=bob, error="bob is unknown")
    UndeliverableAddress.objects.create(address=bob.user.email)
    Unsubscription.objects.create(user=bob.user, conference=conference)
    delete(as_bob)
    campaign.refresh_from_db()
    delivery.refresh_from_db()
    assert (campaign.status, campaign.subject, campaign.message) == ("withdrawn", "Deleted person", "")
    assert delivery.error == ""
    assert not UndeliverableAddress.objects.exists()
    assert not Unsubscription.objects.exists()


def test_history_of_what_organisers_did_keeps_no_name(as_bob, bob, organiser, admin_user):
    log_act(by=Actor(organiser), act="edit", target=bob.user, reason="Bob Odenkirk was rude")
    kind = ContentType.objects.get_for_model(User).pk
    columns = {"content_type_id": kind, "object_id": str(bob.user.pk), "action_flag": 2}
    LogEntry.objects.create(user=admin_user, object_repr="Bob Odenkirk", change_message="Odenkirk", **columns)
    delete(as_bob)
    edit = AdminAct.objects.get(act="edit")
    assert (edit.target, edit.reason) == ("Deleted person", "")
    assert not AdminAct.objects.filter(target__contains="Bob").exists()
    assert list(LogEntry.objects.values_list("object_repr", "change_message")) == [("Deleted person", "")]


def test_reasons_about_the_person_are_deleted_wherever_they_were_written(as_bob, bob, organiser, conference):
    log_act(by=Actor(organiser), act="change", target=conference, about=bob, reason="Bob was rude")
    delete(as_bob)
    assert AdminAct.objects.get(act="change").reason == ""


def test_finished_tasks_forget_the_address(as_bob, bob):
    address = bob.user.email
    columns = {
        "task_path": "confbox.kit.email_sending.deliver_email",
        "queue_name": "mail",
        "backend_name": "default",
    }
    for status in ("SUCCESSFUL", "READY"):
        arguments = {"args": [], "kwargs": {"to": [address]}}
        DBTaskResult.objects.create(status=status, args_kwargs=arguments, run_after=timezone.now(), **columns)
    delete(as_bob)
    assert list(DBTaskResult.objects.values_list("status", flat=True)) == ["READY"]


def test_deletion_that_was_left_at_the_password_is_not_done_by_a_later_look(client, bob):
    client.force_login(bob.user)
    client.post(DELETE, {"understood": "on"})
    again = client.get(DELETE).url
    client.post(again, {"password": PASSWORD})
    assert User.objects.get(pk=bob.user.pk).is_active


def test_deletion_that_asked_for_the_password_goes_on_once_it_is_typed(client, bob):
    client.force_login(bob.user)
    there = client.post(DELETE, {"understood": "on"}).url
    client.post(there, {"password": PASSWORD})
    assert not User.objects.get(pk=bob.user.pk).is_active


def everything_written():
    """All that the database contains, as one text."""
    return "\n".join(
        str(row) for model in apps.get_models(include_auto_created=True) for row in model.objects.values()
    )


def test_nothing_written_tells_who_it_was(as_bob, bob, alice, conference, organiser):
    make_vote(alice, bob)
    make_pitch(bob, headline="Zelda's talk")
    campaign = make_campaign(bob, subject="Zelda for speaker", message="Vote Zelda")
    User.objects.filter(pk=bob.user.pk).update(name="Zelda Odenkirk", email="zelda@example.org", bio="Zelda")
    desk = log_in_freshly(Client(), organiser)
    tally = f"/admin/voting/votes/{conference.pk}"
    desk.post(f"/admin/voting/campaign/{campaign.pk}/refuse/", {"reason": "Zelda shouts"})
    desk.post(f"{tally}/exclude/{bob.pk}/", {"reason": "Zelda twice"})
    desk.post(f"{tally}/exclude/{bob.pk}/?again=1", {"reason": "Zelda once"})
    make_vote(alice, bob) if not Vote.objects.filter(voter=alice).exists() else None
    actions.close_voting(conference=conference)
    desk.post(f"{tally}/decide/{bob.pk}/", {"reason": "Leads"})
    decision = Decision.objects.get()
    desk.post(f"{tally}/take-back/{decision.pk}/")
    assert "Zelda" in everything_written()
    delete(as_bob)
    left = everything_written().lower()
    assert [line for line in left.splitlines() if "zelda" in line] == []


def test_exclusion_stays_without_the_words_about_the_person(as_bob, bob, organiser):
    exclude_member(membership=bob, by=Actor(organiser), reason="Zelda twice")
    delete(as_bob)
    bob.refresh_from_db()
    assert (bob.excluded_at is not None, bob.exclusion_reason) == (True, "")

"""Emails to the members and to the roster, as programs of a team review, write and send them."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from confbox.tests.api.answers import fields, kind, outcome
from confbox.tests.api.calls import Program
from confbox.tests.api.organising import SCOPES, program_of
from conferences.models import Conference, Role
from conferences.tests.factories import make_conference
from conferences.tests.rosters.entries import make_entry
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.subscriptions.models import UndeliverableAddress
from voting.tests.campaigns import make_campaign
from voting.tests.invitations import invite

pytestmark = pytest.mark.django_db
TEXT = {"subject": "Please vote", "message": "It **matters**."}
REASON = {"reason": "Please leave out the advert."}


@pytest.fixture
def asked(bob):
    return make_campaign(bob)


@pytest.fixture
def campaign(desk, asked):
    return f"{desk}campaigns/{asked.pk}/"


def test_waiting_campaigns_are_listed_and_all_on_request(asked, bob, desk, observer):
    make_campaign(bob, status="refused")
    assert [row["id"] for row in observer.get(f"{desk}campaigns/").json()["items"]] == [asked.pk]
    assert len(observer.get(f"{desk}campaigns/?show=all").json()["items"]) == 2


def test_campaign_is_read_as_its_recipients_read_it(asked, campaign, bob, observer):
    found = observer.get(campaign)
    assert (found.json()["version"], found.json()["may_review"], found.json()["recipients"]) == (1, False, 1)
    assert bob.user.email not in found.content.decode()
    email = observer.get(f"{campaign}mail/").json()
    assert "<strong>I</strong>" in email["html"]
    assert "Because" in email["text"]


def test_campaign_of_another_conference_is_not_found_here(asked, owner):
    other = make_conference(voting="open")
    program = program_of(other)
    assert program.get(f"conferences/{other.slug}/organise/campaigns/{asked.pk}/").status_code == 404
    assert owner.get(f"conferences/{other.slug}/organise/campaigns/{asked.pk}/").status_code == 404


def test_campaign_is_approved_as_it_was_read(asked, campaign, owner):
    old = owner.post(f"{campaign}approve/", {"version": 2})
    assert (old.status_code, kind(old)) == (409, "outdated")
    at = (timezone.now() + timedelta(hours=3)).replace(microsecond=0)
    approved = owner.post(f"{campaign}approve/", {"version": 1, "send_at": at.isoformat()}).json()
    assert approved["state"] == "approved"
    asked.refresh_from_db()
    assert asked.send_at == at.replace(second=0)
    assert owner.post(f"{campaign}approve/", {"version": 1}).status_code == 409


def test_campaign_is_not_sent_in_the_past(campaign, owner):
    response = owner.post(f"{campaign}approve/", {"version": 1, "send_at": "2020-01-01T10:00:00Z"})
    assert response.json()["detail"] == "This time has passed. Leave it empty to send now."


def test_browser_has_to_have_logged_in_recently_to_approve(campaign, conference, owner):
    program = Program()
    program.client.force_login(conference.team.get().person)
    assert kind(program.post(f"{campaign}approve/", {"version": 1})) == "log-in-again"


def test_who_edits_a_text_does_not_approve_it(campaign, conference, owner):
    edited = owner.post(f"{campaign}edit/", TEXT | {"version": 1}).json()
    assert (edited["subject"], edited["version"], edited["is_edited"]) == ("Please vote", 2, True)
    assert edited["refusal"].startswith("You wrote part of this text")
    assert owner.post(f"{campaign}approve/", {"version": 2}).json()["detail"] == edited["refusal"]
    other = program_of(conference, Role.ORGANISER)
    assert other.post(f"{campaign}approve/", {"version": 2}).json()["state"] == "approved"


def test_campaign_is_refused_with_a_reason(campaign, owner):
    assert fields(owner.post(f"{campaign}refuse/", {"reason": ""})) == ["reason"]
    assert owner.post(f"{campaign}refuse/", REASON).json()["reason"] == REASON["reason"]
    assert kind(owner.post(f"{campaign}refuse/", REASON)) == "campaign-decided"


def test_sending_is_paused_resumed_and_stopped(asked, campaign, owner):
    Campaign.objects.update(status="sending", started_at=timezone.now())
    assert owner.post(f"{campaign}pause/").json()["state"] == "paused"
    assert owner.post(f"{campaign}pause/").status_code == 409
    assert owner.post(f"{campaign}resume/").json()["state"] == "sending"
    assert owner.post(f"{campaign}stop/", REASON).json()["state"] == "stopped"


@pytest.mark.parametrize(("again", "status"), [(True, "queued"), (False, "skipped")])
def test_uncertain_emails_are_sent_again_or_left(asked, campaign, alice, owner, again, status):
    Campaign.objects.update(status="sent", started_at=timezone.now())
    delivery = Delivery.objects.create(campaign=asked, recipient=alice, status="uncertain")
    assert owner.get(campaign).json()["sending"]["uncertain"] == 1
    owner.post(f"{campaign}settle/", {"send_again": again})
    delivery.refresh_from_db()
    assert delivery.status == status


def test_secret_recipients_are_not_counted(alice, desk, owner):
    draft = owner.get(f"{desk}announce/reminder/").json()
    assert draft["recipients"] is None
    written = owner.post(f"{desk}announce/reminder/", {key: draft[key] for key in TEXT}).json()
    assert (written["recipients"], written["sending"]) == (None, None)
    assert written["progress"]
    assert written["consequence"] == "You are about to send an email to members."


def test_standard_text_is_written_and_approved_by_one_person(alice, desk, owner):
    draft = owner.get(f"{desk}announce/reminder/").json()
    response = owner.post(f"{desk}announce/reminder/", {key: draft[key] for key in TEXT})
    written = response.json()
    assert (response.status_code, written["state"], written["refusal"]) == (201, "requested", "")
    approved = owner.post(f"{desk}campaigns/{written['id']}/approve/", {"version": 1})
    assert approved.json()["state"] == "approved"
    assert mail.outbox == []


def test_own_email_is_withdrawn_by_its_author_alone(alice, conference, desk, owner):
    written = owner.post(f"{desk}announce/reminder/", TEXT).json()
    path = f"{desk}campaigns/{written['id']}/withdraw/"
    assert program_of(conference, Role.ORGANISER).post(path).status_code == 403
    assert owner.post(path).json()["state"] == "withdrawn"
    assert owner.post(path).status_code == 409


def test_emails_that_the_site_writes_are_not_announced(desk, owner):
    assert owner.post(f"{desk}announce/window/", TEXT).status_code == 422


def test_invitation_is_sent_again_to_one_person(conference, desk, organiser, owner):
    entry = make_entry(conference, "ada@example.org")
    path = f"{desk}invitations/{entry.pk}/"
    assert owner.get(f"{desk}invitations/").json()["to_invite"] == 1
    assert owner.post(path).json()["detail"].startswith("No invitation has been approved yet.")
    invite(conference, organiser)
    found = owner.get(f"{desk}invitations/").json()
    assert (found["to_remind"], found["last_kind"], found["last_state"]) == (1, "invitation", "sent")
    Delivery.objects.update(sent_at=timezone.now() - timedelta(hours=1))
    assert outcome(owner.post(path)) == "made"


def test_entry_of_another_roster_gets_no_invitation(desk, owner):
    other = make_entry(make_conference(voting="open"), "ada@example.org")
    assert owner.post(f"{desk}invitations/{other.pk}/").status_code == 404


def test_voter_who_cannot_be_reached_is_listed(alice, desk, owner):
    UndeliverableAddress.objects.create(address=alice.user.email, answer="550 5.1.1 unknown")
    [found] = owner.get(f"{desk}roll/unreachable/").json()["items"]
    assert (found["name"], found["why"]) == ("Alice", "There is no such mailbox.")


def test_undeliverable_addresses_are_for_organisers_of_the_site(alice, organiser, owner):
    UndeliverableAddress.objects.create(address=alice.user.email, answer="550 5.1.1 unknown")
    path = "organise/undeliverable-addresses/"
    assert owner.get(path).status_code == 403
    rows = Program(organiser, *SCOPES).get(path).json()["items"]
    assert [row["address"] for row in rows] == [alice.user.email]


def test_rehearsal_is_started_once_and_ended(conference, desk, owner):
    path = f"{desk}rehearsal/"
    assert owner.get(path).json() == {"conference": "", "ends": "", "steps": []}
    started = [owner.post(f"{path}start/").json()["conference"] for _ in range(2)]
    twin = Conference.objects.rehearsals().get()
    assert started == [twin.slug, twin.slug]
    assert owner.get(path).json()["steps"][0]["state"] == "now"
    listed = [row["conference"] for row in owner.get("organise/votes/").json()["items"]]
    assert listed == [conference.slug]
    assert owner.get(f"conferences/{twin.slug}/organise/rehearsal/").status_code == 404
    assert owner.post(f"{path}end/").json()["conference"] == ""
    assert not Conference.objects.rehearsals().exists()

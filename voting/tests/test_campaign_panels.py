"""The panels of a campaign's pages in each of their states."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import User
from accounts.tests.factories import log_in_freshly, make_organiser
from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of
from conferences.tests.factories import make_membership
from conferences.tests.rosters.entries import make_entry
from voting.campaigns import actions
from voting.campaigns.models import Campaign
from voting.campaigns.panels import (
    PREVIEW_PANEL,
    PROGRESS_PANEL,
    progress_panel,
)
from voting.campaigns.progress import progress_of
from voting.campaigns.sending import actions as sending
from voting.campaigns.sending import dispatch
from voting.campaigns.subscriptions.actions import unsubscribe
from voting.campaigns.subscriptions.panels import SUBSCRIPTION_PANEL
from voting.campaigns.tokens import unsubscribe_token
from voting.templatetags.campaigns import tone
from voting.tests.campaigns import approve, make_campaign, send
from voting.tests.invitations import write

Status = Campaign.Status


def requested(campaign, organiser):
    pass


def approved(campaign, organiser):
    approve(campaign, organiser, send_at=timezone.now() + timedelta(hours=1))


def due(campaign, organiser):
    approve(campaign, organiser)


def refused(campaign, organiser):
    actions.refuse_campaign(campaign=campaign, by=Actor(organiser), reason="Too loud")


def withdrawn(campaign, organiser):
    actions.withdraw_campaign(campaign=campaign, by=Actor(campaign.requested_by))


def sending_now(campaign, organiser):
    approve(campaign, organiser)
    dispatch.begin_campaign(campaign)


def paused(campaign, organiser):
    sending_now(campaign, organiser)
    campaign.refresh_from_db()
    sending.pause_campaign(campaign=campaign, by=Actor(organiser))


def stopped(campaign, organiser):
    sending_now(campaign, organiser)
    campaign.refresh_from_db()
    sending.stop_campaign(campaign=campaign, by=Actor(organiser), reason="A mistake")


PROGRESS = [
    (Status.REQUESTED, "not_started", "Waiting for review", requested),
    (Status.APPROVED, "approved", "It will be sent on", approved),
    (Status.APPROVED, "due", "Sending begins now.", due),
    (Status.REFUSED, "not_started", "Reason: Too loud", refused),
    (Status.WITHDRAWN, "not_started", "Withdrawn", withdrawn),
    (Status.SENDING, "counted", "0 of 3 done", sending_now),
    (Status.PAUSED, "counted", "Paused", paused),
    (Status.STOPPED, "counted", "Reason: A mistake", stopped),
    (Status.SENT, "counted", "3 of 3 done", send),
]


@pytest.mark.parametrize(("status", "state", "sentence", "arrange"), PROGRESS)
def test_progress_of_a_campaign(as_alice, alice, bob, carol, organiser, status, state, sentence, arrange):
    campaign = make_campaign(alice)
    arrange(campaign, organiser)
    answer = as_alice.get(campaign.get_absolute_url())
    assert answer.context["campaign"].status == status
    assert answer.context["sending"].state == state
    assert sentence in parse(answer).part("#progress").text


def test_who_wrote_it_and_may_approve_it_reads_that_it_is_ready(as_organiser, conference, organiser):
    make_entry(conference)
    own = write(conference, organiser)
    answer = as_organiser.get(f"/admin/voting/campaign/{own.pk}/change/")
    assert answer.context["sending"].state == "ready"
    assert parse(answer).texts("#progress .badge-cb") == ["Ready to send"]


def test_list_shows_only_its_author_that_it_is_ready(as_organiser, conference, organiser, alice, client):
    make_entry(conference)
    write(conference, organiser)
    make_campaign(alice, requested_at=timezone.now() + timedelta(hours=1))
    shown = parse(as_organiser.get("/admin/voting/campaign/"))
    assert shown.texts("#result_list .field-status") == ["Ready to send", "Waiting for review"]
    second = make_organiser("second@example.org")
    shown = parse(log_in_freshly(client, second).get("/admin/voting/campaign/"))
    assert shown.texts("#result_list .field-status") == ["Waiting for review", "Waiting for review"]


@pytest.mark.parametrize(("status", "moves"), [(Status.APPROVED, True), (Status.PAUSED, False)])
def test_progress_renews_itself_while_the_campaign_moves(alice, status, moves):
    campaign = make_campaign(alice, status=status)
    facts = progress_panel(campaign, progress_of(campaign), url="/progress/").facts
    assert facts["renews_from"] == ("/progress/" if moves else "")


def test_progress_of_a_reminder_is_secret(conference, organiser):
    reminder = Campaign.objects.create(
        conference=conference, kind="reminder", requested_by=organiser, started_at=timezone.now()
    )
    assert progress_panel(reminder, progress_of(reminder), url="/").state == "secret"


def test_every_status_has_a_tone():
    tones = {status: tone(Campaign(status=status)) for status in Status}
    assert [status for status, tone_of_it in tones.items() if not tone_of_it] == [Status.WITHDRAWN]


PREVIEWS = [
    ("drawn", {"subject": "A talk", "message": "Hear **me**"}),
    ("refused", {"subject": "A talk", "message": ""}),
]
NEW = "/conferences/open-conf/campaigns/"


@pytest.mark.parametrize(("state", "typed"), PREVIEWS)
def test_preview_of_what_is_typed(as_alice, state, typed):
    answer = as_alice.post(f"{NEW}preview/", typed)
    assert parse(answer).has("#preview iframe") == (state == "drawn")
    assert f"{PREVIEW_PANEL}/{state}.html" in {template.name for template in answer.templates}


def test_preview_of_nothing_is_empty(as_alice):
    answer = as_alice.get(f"{NEW}new/")
    assert answer.context["preview"].state == "empty"
    assert "the email appears here" in parse(answer).part("#preview").text


def test_preview_beyond_the_limit_says_so(as_alice):
    # Twice as many as a minute allows, as a minute may begin meanwhile.
    pages = (parse(as_alice.post(f"{NEW}preview/", PREVIEWS[0][1])) for _ in range(121))
    page = next(page for page in pages if not page.has("#preview iframe"))
    assert page.texts("#preview p[role=status]")


def receives_all(member):
    pass


def unsubscribed_here(member):
    unsubscribe(conference=member.conference, everywhere=False, by=Actor(member.user))


def unsubscribed_everywhere(member):
    User.objects.filter(pk=member.user_id).update(receives_campaigns=False)


SUBSCRIPTIONS = [
    ("subscribed", ["conference", "all"], receives_all),
    ("none_of_this_conference", ["all", "subscribe"], unsubscribed_here),
    ("none", ["subscribe"], unsubscribed_everywhere),
]


@pytest.mark.parametrize(("state", "wishes", "arrange"), SUBSCRIPTIONS)
def test_subscription(client, conference, state, wishes, arrange):
    member = make_membership(conference)
    arrange(member)
    answer = client.get(f"/unsubscribe/{unsubscribe_token(member.pk)}/")
    assert answer.context["subscription"].state == state
    assert parse(answer).attributes("button[name=wish]", "value") == wishes


def test_every_state_has_a_row_and_a_template():
    assert states_of(PROGRESS_PANEL) == {state for _, state, *_ in PROGRESS} | {"secret", "ready"}
    assert states_of(PREVIEW_PANEL) == {state for state, *_ in PREVIEWS} | {"empty", "limited"}
    assert states_of(SUBSCRIPTION_PANEL) == {state for state, *_ in SUBSCRIPTIONS}

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.actors import Actor
from confbox.kit.tests.page import parse
from conferences.models import Membership
from voting.campaigns import actions
from voting.campaigns.models import Campaign
from voting.elections.election.models import Election
from voting.tests.campaigns import make_campaign, send
from voting.tests.factories import make_pitch

pytestmark = pytest.mark.django_db

URL = "/conferences/open-conf/campaigns/new/"
TEXT = {"subject": "Vote for Alice", "message": "I will **talk**."}


def ask(client, **typed):
    return client.post(URL, TEXT | typed, follow=True)


def test_member_asks_for_a_campaign(as_alice, alice, bob):
    page = ask(as_alice)
    campaign = Campaign.objects.get()
    assert (campaign.candidate, campaign.status) == (alice, "requested")
    assert page.redirect_chain == [(f"/conferences/open-conf/campaigns/{campaign.pk}/", 302)]
    assert "It would go to 2 members." in parse(page).text


def test_page_says_how_many_members_would_get_it(as_alice, bob, carol):
    assert "It goes to 3 members once" in parse(as_alice.get(URL)).text


def test_pitch_is_offered_as_the_first_draft(as_alice, alice):
    make_pitch(alice, headline="Robots that cook", statement="They can.")
    page = parse(as_alice.get(URL))
    assert page.field("subject")["value"] == "Robots that cook"
    assert "They can." in page.text


def test_second_open_request_is_refused_in_words(as_alice, alice):
    make_campaign(alice)
    page = parse(ask(as_alice))
    assert "You already have an open request for this conference." in page.text
    assert page.field("subject")["value"] == "Vote for Alice"
    assert Campaign.objects.count() == 1


def refused(client, sentence):
    page = parse(ask(client))
    return sentence in page.text and not Campaign.objects.filter(status="requested").exists()


def test_limit_of_campaigns_is_kept(as_alice, alice, conference):
    Election.objects.update(campaigns_per_candidate=1)
    make_campaign(alice, status="sent", started_at=timezone.now() - timedelta(days=9))
    assert refused(as_alice, "You have had 1 campaign, which is all that the organisers allow here.")


def test_refused_and_withdrawn_requests_do_not_count(as_alice, alice, conference):
    Election.objects.update(campaigns_per_candidate=1)
    make_campaign(alice, status="refused")
    make_campaign(alice, status="withdrawn")
    ask(as_alice)
    assert Campaign.objects.filter(status="requested").count() == 1


def test_gap_between_campaigns_is_kept(as_alice, alice):
    make_campaign(alice, status="sent", started_at=timezone.now() - timedelta(hours=23))
    assert refused(as_alice, "Your last campaign was too recent.")


def test_conference_can_allow_no_campaigns(as_alice, conference):
    Election.objects.update(campaigns_per_candidate=0)
    assert refused(as_alice, "The organisers of this conference do not allow campaigns.")


def test_member_who_takes_no_votes_cannot_ask(as_alice, alice):
    Membership.objects.filter(pk=alice.pk).update(accepts_votes=False)
    assert refused(as_alice, "you have opted out of being voted for")


def test_closed_voting_needs_no_campaign(as_alice, conference):
    Election.objects.update(closes_at=timezone.now())
    assert refused(as_alice, "Voting is over, so a campaign would come too late.")


def test_stranger_does_not_see_the_page(as_stranger, conference):
    assert as_stranger.get(URL).status_code == 404


def test_campaign_is_its_requesters_alone(as_alice, bob):
    campaign = make_campaign(bob)
    for page in ("", "progress/", "change/"):
        assert as_alice.get(f"/conferences/open-conf/campaigns/{campaign.pk}/{page}").status_code == 404
    assert as_alice.post(f"/conferences/open-conf/campaigns/{campaign.pk}/withdraw/").status_code == 404


def test_requester_changes_a_waiting_request(as_alice, alice):
    campaign = make_campaign(alice)
    as_alice.post(f"/conferences/open-conf/campaigns/{campaign.pk}/change/", TEXT)
    campaign.refresh_from_db()
    assert (campaign.subject, campaign.version) == ("Vote for Alice", 2)


@pytest.mark.parametrize("status", ["approved", "sending", "sent", "refused", "withdrawn"])
def test_decided_request_keeps_its_text(as_alice, alice, status):
    campaign = make_campaign(alice, status=status)
    page = as_alice.post(f"/conferences/open-conf/campaigns/{campaign.pk}/change/", TEXT, follow=True)
    campaign.refresh_from_db()
    assert campaign.subject == "Why I should speak"
    assert page.status_code == 200


def test_requester_withdraws(as_alice, alice):
    campaign = make_campaign(alice)
    url = f"/conferences/open-conf/campaigns/{campaign.pk}/withdraw/"
    as_alice.post(url)
    campaign.refresh_from_db()
    assert campaign.status == "withdrawn"
    assert "already “Withdrawn”" in parse(as_alice.post(url, follow=True)).text


def test_get_withdraws_nothing(as_alice, alice):
    campaign = make_campaign(alice)
    assert as_alice.get(f"/conferences/open-conf/campaigns/{campaign.pk}/withdraw/").status_code == 405


def test_requester_sees_counts_and_no_address(as_alice, alice, bob, organiser):
    campaign = send(make_campaign(alice), organiser)
    page = parse(as_alice.get(f"/conferences/open-conf/campaigns/{campaign.pk}/"))
    assert "2 of 2 done (100%)" in page.text
    assert not page.mentions(bob.user.email)


def test_requester_sees_what_the_organiser_changed(as_alice, alice, organiser):
    campaign = make_campaign(alice, message="I am the best one.")
    actions.edit_campaign(
        campaign=campaign,
        version=1,
        subject=campaign.subject,
        message="I am a good one.",
        by=Actor(organiser),
    )
    page = parse(as_alice.get(f"/conferences/open-conf/campaigns/{campaign.pk}/"))
    assert (page.texts("del"), page.texts("ins")) == (["the best"], ["a good"])


def test_refusal_shows_its_reason(as_alice, alice, organiser):
    campaign = make_campaign(alice)
    actions.refuse_campaign(campaign=campaign, by=Actor(organiser), reason="Too long.")
    assert "Too long." in parse(as_alice.get(f"/conferences/open-conf/campaigns/{campaign.pk}/")).text


def test_preview_works_without_javascript(as_alice, alice):
    page = parse(ask(as_alice, preview="yes"))
    assert page.has("iframe")
    assert page.field("subject")["value"] == "Vote for Alice"
    assert not Campaign.objects.exists()


def test_the_pitch_is_previewed_at_once(as_alice, alice):
    make_pitch(alice, headline="Hear me", statement="About indexes.")
    assert parse(as_alice.get("/conferences/open-conf/campaigns/new/")).has("iframe")


def test_preview_frame_holds_the_email_and_runs_nothing(as_alice, alice):
    address = address_of(as_alice.post("/conferences/open-conf/campaigns/preview/", TEXT))
    framed = as_alice.get(address)
    assert "I will talk." in parse(framed).text
    assert "talk" in parse(framed).texts("strong")
    assert "script-src 'none'" in framed["Content-Security-Policy"]
    assert "sandbox" in framed["Content-Security-Policy"]


def test_preview_of_another_member_is_not_found(as_alice, alice, client, bob):
    address = address_of(as_alice.post("/conferences/open-conf/campaigns/preview/", TEXT))
    client.force_login(bob.user)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("version", ["", "x", "0" * 16, "../../etc/passwd", "\0", "a" * 10_000])
def test_unknown_preview_is_not_found(as_alice, version):
    assert as_alice.get("/conferences/open-conf/campaigns/preview/", {"v": version}).status_code == 404


def address_of(page):
    return parse(page).attributes("iframe", "src")[0]


def test_person_has_one_preview_and_the_last_takes_its_place(as_alice, alice):
    addresses = [
        address_of(as_alice.post("/conferences/open-conf/campaigns/preview/", TEXT | {"subject": f"No {n}"}))
        for n in range(5)
    ]
    assert [as_alice.get(address).status_code for address in addresses] == [404] * 4 + [200]
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM kept")
        assert cursor.fetchone() == (1,)


def test_the_same_text_again_is_the_request_that_waits(as_alice, alice):
    led_to = [ask(as_alice).redirect_chain for _ in range(2)]
    assert led_to == [[(Campaign.objects.get().get_absolute_url(), 302)]] * 2

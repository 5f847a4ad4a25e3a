"""A whole election with three members and two organisers: rules, votes, a decline, receipts, unlinking."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from accounts.tests.factories import make_organiser
from conferences.models import Conference
from conferences.tests.factories import make_conference, make_membership
from voting.elections.election.models import Election
from voting.elections.models import Decision, Vote

pytestmark = pytest.mark.browser


@pytest.fixture
def election(db):
    """Voting opens in an hour; its rules are not set yet."""
    now = timezone.now()
    return make_conference(
        title="Open Conf",
        slug="open-conf",
        voting="scheduled",
        rules_set_at=None,
        opens_at=now + timedelta(hours=1),
        closes_at=now + timedelta(days=1),
    )


@pytest.fixture
def people(election):
    return {name: make_membership(election, name=name) for name in ("Alice", "Bob", "Carol")}


@pytest.fixture
def organisers(organiser):
    return organiser, make_organiser("second@example.org", name="Second")


@pytest.fixture
def desk(election, visit):
    return lambda page_name="result": visit(f"/admin/voting/votes/{election.pk}/{page_name}/")


@pytest.fixture
def cast(page, visit, log_in, people):
    def cast(voter, candidate):
        log_in(people[voter].user)
        visit(f"/conferences/open-conf/members/{people[candidate].pk}/")
        page.get_by_role("button", name=f"Vote for {candidate}").click()
        expect(page.get_by_role("heading", name="Your vote is in")).to_be_visible()

    return cast


@pytest.fixture
def answer(page, visit, log_in, people):
    def answer(name, *buttons):
        log_in(people[name].user)
        visit("/conferences/open-conf/results/")
        for button in buttons[:-1]:
            page.get_by_text(button).click()
        page.get_by_role("button", name=buttons[-1]).click()

    return answer


def test_an_election_from_its_rules_to_its_unlinking(
    page, context, visit, election, people, organisers, desk, cast, answer, log_in, type_log_in, tmp_path
):
    type_log_in("organiser@example.org")
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="My page")).to_be_visible()
    desk("change")
    page.get_by_role("link", name="Set the rules").click()
    page.get_by_role("button", name="Set the rules").click()
    assert Conference.objects.get().election.rules_set_at

    Election.objects.update(opens_at=timezone.now() - timedelta(minutes=1))
    cast("Alice", "Bob")
    page.get_by_role("link", name="Keep the receipt for your vote").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the receipt").click()
    receipt = tmp_path / "receipt.json"
    download.value.save_as(receipt)
    cast("Carol", "Bob")
    cast("Bob", "Carol")

    context.clear_cookies()
    type_log_in("organiser@example.org")
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="My page")).to_be_visible()
    desk("change")
    page.get_by_role("link", name="Close voting and decide").click()
    page.get_by_label("Reason").fill("The speaker has to book a train.")
    page.get_by_role("button", name="Close voting and decide").click()
    expect(
        page.get_by_text("Voting is closed. The count is final. All members are notified.")
    ).to_be_visible()
    expect(page.get_by_role("heading", name="Choose Bob as the speaker?")).to_be_visible()
    stale = context.new_page()
    stale.goto(page.url)
    page.get_by_role("button", name="Choose Bob").click()
    expect(page.get_by_text("has been asked to accept")).to_be_visible()
    stale.get_by_role("button", name="Choose Bob").click()
    expect(stale.get_by_text("already been chosen").first).to_be_visible()
    stale.close()
    assert Decision.objects.count() == 1

    answer("Bob", "I cannot", "Decline")
    expect(page.get_by_text("You declined.")).to_be_visible()

    context.clear_cookies()
    type_log_in("second@example.org")
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="My page")).to_be_visible()
    desk(f"decide/{people['Carol'].pk}")
    page.get_by_label("Reason").fill("Bob declined, and Carol is next.")
    page.get_by_role("button", name="Choose Carol").click()
    expect(page.get_by_text("has been asked to accept")).to_be_visible()
    answer("Carol", "Yes, I will speak")
    expect(page.get_by_text("You accepted. You are the speaker!")).to_be_visible()

    log_in(people["Alice"].user)
    visit("/conferences/open-conf/results/")
    expect(page.get_by_role("heading", name="Carol")).to_be_visible()
    expect(page.get_by_text("Bob declined, and Carol is next.")).to_be_visible()
    check_receipt(page, receipt)
    expect(page.get_by_text("Your vote is among the published ballots")).to_be_visible()

    call_command("unlink_voters", "open-conf", early=True)
    assert Vote.objects.count() == 0
    visit("/conferences/open-conf/results/")
    expect(page.get_by_text("was permanently removed on")).to_be_visible()
    check_receipt(page, receipt)
    expect(page.get_by_text("Your vote is among the published ballots")).to_be_visible()


def check_receipt(page, receipt: Path):
    assert json.loads(receipt.read_text())["version"] == "conferencebox-receipt-2"
    page.get_by_label("Was your vote counted?").fill(receipt.read_text())
    page.get_by_role("button", name="Check my receipt").click()

"""The main journey: a person signs up, joins, votes; an organiser picks; the person sees it."""

import re

import pytest
from playwright.sync_api import expect

from conferences.models import Membership
from voting.elections.models import Decision, Vote

pytestmark = pytest.mark.browser


def test_a_newcomer_signs_up_joins_votes_and_changes_the_vote(page, visit, open_conference, mailoutbox):
    visit("/")
    page.get_by_role("main").get_by_role("link", name="Sign up").click()
    page.get_by_label("Name").fill("Nina Newcomer")
    page.get_by_label(re.compile("e-?mail", re.IGNORECASE)).fill("nina@example.org")
    page.get_by_label("Password").fill("a-long-and-odd-phrase")
    page.get_by_role("main").get_by_role("button", name="Sign up").click()
    page.get_by_label("Code").fill(re.search(r"\b\d{6}\b", mailoutbox[-1].body)[0])
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Welcome, Nina Newcomer")).to_be_visible()

    page.get_by_role("link", name="Find a conference").click()
    page.get_by_role("searchbox").fill("athens")
    page.get_by_role("link", name="Open Conf").click()
    page.get_by_role("button", name="Join this conference").click()
    page.get_by_role("link", name="Go to the ballot").click()
    page.get_by_text("Read why").first.click()
    expect(page.get_by_text("Listen.").first).to_be_visible()

    page.get_by_role("button", name="Vote for Bob").click()
    expect(page.get_by_role("heading", name="Your vote is in")).to_be_visible()
    nina = Membership.objects.get(user__email="nina@example.org")
    assert str(Vote.objects.get(voter=nina).candidate) == "Bob"

    page.get_by_role("button", name="Change my vote to Carol").click()
    expect(page.locator(".slip").get_by_role("link", name="Carol")).to_be_visible()
    assert str(Vote.objects.get(voter=nina).candidate) == "Carol"

    page.get_by_role("button", name="Withdraw my vote").click()
    page.get_by_role("button", name="Vote for Carol again").click()
    expect(page.locator(".slip").get_by_role("link", name="Carol")).to_be_visible()


def test_an_organiser_picks_the_speaker_who_accepts_and_members_see_it(
    page, visit, open_conference, vote, organiser, type_log_in, alice_member, log_in
):
    bob = Membership.objects.get(conference=open_conference, user__name="Bob")
    vote(alice_member, bob)
    type_log_in("organiser@example.org")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="My page").wait_for()
    visit("/admin/")
    page.get_by_role("link", name="Votes").first.click()
    page.get_by_role("link", name="Open Conf").click()
    page.get_by_role("link", name="Close voting and decide").click()
    page.get_by_label("Reason").fill("All have voted.")
    page.get_by_role("button", name="Close voting and decide").click()
    page.get_by_role("button", name="Choose Bob").click()
    expect(page.get_by_text("Bob").first).to_be_visible()
    assert Decision.objects.get().speaker == bob

    log_in(bob.user)
    visit("/conferences/open-conf/results/")
    page.get_by_role("button", name="Yes, I will speak").click()
    expect(page.get_by_text("You accepted. You are the speaker!")).to_be_visible()

    log_in(alice_member.user)
    visit("/conferences/open-conf/")
    page.locator("#voting").get_by_role("link", name="See the result").click()
    expect(page.get_by_role("heading", name="Bob")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Bob"))).to_contain_text("1")

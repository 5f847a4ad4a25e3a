"""A printed result is a document: title, speaker, table and digest, in ink on white."""

import pytest
from playwright.sync_api import expect

from accounts.actors import Actor
from conferences.models import Membership
from voting.elections.answers import answer_decision
from voting.tests.factories import close_and_decide

pytestmark = pytest.mark.browser


@pytest.fixture
def printed_result(page, context, live_server, open_conference, vote, alice_member, organiser, log_in, visit):
    bob = Membership.objects.get(conference=open_conference, user__name="Bob")
    vote(alice_member, bob)
    decision = close_and_decide(conference=open_conference, candidate=bob, by=organiser)
    answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
    log_in(alice_member.user)
    context.add_cookies([{"name": "theme", "value": "dark", "url": live_server.url}])
    visit("/conferences/open-conf/results/")
    page.emulate_media(media="print")
    return page


def test_the_document_has_title_address_table_and_digest(printed_result):
    page = printed_result
    expect(page.get_by_role("heading", name="Result of Open Conf")).to_be_visible()
    expect(page.get_by_text("/conferences/open-conf/results/").first).to_be_visible()
    expect(page.get_by_role("row", name="Bob")).to_be_visible()
    expect(page.locator("#digest")).to_be_visible()


def test_the_document_has_no_ways_to_go_elsewhere(printed_result):
    for piece in ("nav", ".site-footer", ".crumb", "form", ".btn"):
        expect(printed_result.locator(f"{piece} >> visible=true")).to_have_count(0)


def test_the_document_is_black_on_white_whatever_the_theme(printed_result):
    colours = printed_result.locator("body").evaluate(
        "body => [getComputedStyle(body).color, getComputedStyle(body).backgroundColor]"
    )
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]

"""A rehearsal from its start to its end, as an organiser follows it. Only the clock of its vote is moved."""

import pytest
from playwright.sync_api import expect

from accounts.models import User
from confbox.tests.browser.conftest import session_of
from conferences.models import Conference, Role
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_team_member
from voting.elections.models import Vote
from voting.tests.test_rehearsal import play

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def conference(transactional_db):
    return make_conference(title="PyCon Example", status="draft", voting=None)


@pytest.fixture
def owner(conference):
    return make_team_member(conference, Role.OWNER).person


def test_an_organiser_follows_a_rehearsal_votes_chooses_and_ends_it(
    page, visit, context, live_server, conference, owner
):
    context.add_cookies([session_of(owner, live_server)])
    path = f"/admin/conferences/conference/{conference.pk}/rehearsal/"
    visit(path)
    page.get_by_role("button", name="Start the rehearsal").click()
    expect(page.get_by_text("0 invented people have joined")).to_be_visible()
    twin = Conference.objects.get(rehearses=conference)

    play(twin, 50)
    expect(page.get_by_text("20 invented people have joined")).to_be_visible()
    play(twin, 20)
    page.get_by_role("link", name="Vote as a member").click()
    expect(page.get_by_text("This is a rehearsal.")).to_be_visible()
    page.locator(".vote-button").first.click()
    page.locator(".slip-done").first.wait_for()
    assert Vote.objects.filter(election=twin.pk, voter__user=owner).exists()

    page.get_by_role("link", name="Follow the rehearsal, or end it").click()
    # Before the voting closes, so that all vote. Who got no vote by chance would not be in the list.
    play(twin, 160)
    play(twin, 20)
    page.get_by_role("link", name="Choose the speaker").click()
    page.get_by_role("link", name="Pick Amara Okafor").click()
    expect(page.get_by_text("This is a rehearsal.")).to_be_visible()

    visit(path)
    page.get_by_role("link", name="End the rehearsal").click()
    page.get_by_role("button", name="End the rehearsal").click()
    expect(page.get_by_text("nothing of it is left")).to_be_visible()
    expect(page.get_by_role("button", name="Start the rehearsal")).to_be_visible()
    assert not User.objects.invented().exists()


def test_the_page_notices_that_the_rehearsal_has_ended(page, visit, log_in, conference, owner, client):
    log_in(owner)
    path = f"/admin/conferences/conference/{conference.pk}/rehearsal/"
    visit(path)
    page.get_by_role("button", name="Start the rehearsal").click()
    expect(page.locator("#live")).to_be_visible()
    client.force_login(owner)
    client.post(path, {"wish": "end"})
    expect(page.get_by_role("button", name="Start the rehearsal")).to_be_visible()

"""Campaigns that members ask for, as programs follow them."""

import pytest

from confbox.tests.api.calls import Program
from conferences.tests.factories import make_conference, make_membership
from voting.campaigns.models import Campaign
from voting.tests.campaigns import make_campaign

pytestmark = pytest.mark.django_db
TEXT = {"subject": "Less is more", "message": "Small **programs**."}


@pytest.fixture
def path(conference):
    return f"conferences/{conference.slug}/campaigns/"


def test_same_text_is_asked_for_once(alice, path):
    asked = [Program(alice.user).post(path, TEXT) for _ in range(2)]
    assert [response.status_code for response in asked] == [201, 201]
    assert asked[0].json()["id"] == asked[1].json()["id"] == Campaign.objects.get().pk


def test_second_request_is_refused_with_the_sentence_of_the_page(alice, path):
    Program(alice.user).post(path, TEXT)
    response = Program(alice.user).post(path, TEXT | {"subject": "More"})
    assert response.status_code == 409
    assert response.json()["detail"] == Program(alice.user).get(path).json()["refusal"]


def test_member_reads_only_their_own(alice, bob, path):
    asked = make_campaign(bob)
    program = Program(alice.user)
    assert program.get(path).json()["items"] == []
    assert program.get(f"{path}{asked.pk}/").status_code == 404
    assert program.post(f"{path}{asked.pk}/withdraw/").status_code == 404
    assert program.post(f"{path}{asked.pk}/change/", TEXT).status_code == 404


def test_campaign_of_another_conference_is_not_found_here(alice, path):
    asked = make_campaign(make_membership(make_conference(), user=alice.user))
    assert Program(alice.user).get(f"{path}{asked.pk}/").status_code == 404


def test_answer_has_counts_and_no_email_address(alice, bob, path):
    asked = Program(alice.user).post(path, TEXT)
    assert asked.json()["recipients"] == 2
    assert bob.user.email not in asked.content.decode()


def test_waiting_campaign_is_changed_and_withdrawn(alice, path):
    asked = Program(alice.user).post(path, TEXT).json()["id"]
    changed = Program(alice.user).post(f"{path}{asked}/change/", TEXT | {"subject": "More"})
    assert changed.json()["subject"] == "More"
    assert Program(alice.user).post(f"{path}{asked}/withdraw/").json()["state"] == "withdrawn"
    assert Program(alice.user).post(f"{path}{asked}/change/", TEXT).status_code == 409


def test_preview_stores_and_sends_nothing(alice, path, mailoutbox):
    response = Program(alice.user).post(f"{path}preview/", TEXT)
    assert "<strong>programs</strong>" in response.json()["html"]
    assert not Campaign.objects.exists()
    assert mailoutbox == []

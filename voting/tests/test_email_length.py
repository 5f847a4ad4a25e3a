"""A combined email stays below the length at which Gmail hides its end."""

import re

import pytest

from confbox.kit.tests.page import parse
from voting.campaigns.emails import CampaignEmail, CampaignEmails
from voting.campaigns.models import Campaign
from voting.tests.campaigns import make_campaign

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

CLIPPED = 102 * 1000
WORDS = "Because **we** should [talk](https://example.org/) about bread & butter. "
HINDI = "क्योंकि हमें रोटी की बात करनी चाहिए। "


def combined(conference, organiser, *, number, length, words=WORDS):
    text = (words * (length // len(words) + 1))[:length]
    person = {"profession": "Baker", "statement": text}
    numbers = range(1, number + 1)
    pitches = [person | {"member": n, "name": f"Person {n}", "headline": f"Pitch {n}"} for n in numbers]
    return Campaign.objects.create(
        conference=conference,
        kind="candidates",
        requested_by=organiser,
        subject="Meet the candidates",
        message="Read what they say.",
        pitches=pitches,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "length", "words"),
    [(9, 5000, WORDS), (65, 500, WORDS), (240, 5000, WORDS), (65, 5000, HINDI), (1500, 500, "- a\n")],
)
def test_email_of_many_words_is_not_clipped(conference, organiser, bob, number, length, words):
    email = CampaignEmail(combined(conference, organiser, number=number, length=length, words=words))
    assert 20_000 < len(email.html_for(bob).encode()) < CLIPPED
    assert email.is_shortened


@pytest.mark.parametrize(("number", "length"), [(9, 5000), (65, 500), (240, 500)])
def test_every_candidate_is_in_a_shortened_email_with_a_link(conference, organiser, bob, number, length):
    email = CampaignEmail(combined(conference, organiser, number=number, length=length))
    links = set(parse(email.html_for(bob)).links)
    for n in range(1, number + 1):
        assert any(link.endswith(f"/members/{n}/") for link in links)
        assert f"/members/{n}/" in email.text_for(bob)


def test_short_pitches_are_whole(conference, organiser, bob):
    email = CampaignEmail(combined(conference, organiser, number=3, length=500))
    assert email.text_for(bob).count("bread & butter. Because we should") >= 3
    assert not email.is_shortened


def test_excerpt_ends_between_words(conference, organiser, bob):
    text = CampaignEmail(combined(conference, organiser, number=30, length=5000)).text_for(bob)
    last = re.findall(r"(\S+)…\n", text)
    assert len(last) == 30
    assert set(last) <= {*WORDS.replace("**", "").split(), "talk", "(https://example.org/)"}


def test_candidates_who_find_no_room_are_counted_and_drawn_for_each_recipient(
    conference, organiser, bob, carol
):
    email = CampaignEmail(combined(conference, organiser, number=1500, length=100))
    shown = [set(re.findall(r"--- (Pitch \d+)", email.text_for(member))) for member in (bob, carol)]
    assert shown[0] != shown[1]
    assert f"{1500 - len(shown[0])} more candidates are on the ballot." in email.text_for(bob)
    assert f"{1500 - len(shown[0])} more candidates are on the ballot." in email.html_for(bob)


def test_button_and_unsubscription_are_before_the_pitches(conference, organiser, bob):
    campaign = combined(conference, organiser, number=2, length=100)
    top = CampaignEmail(campaign).html_for(bob).partition("Pitch ")[0]
    links = parse(top).links
    assert [link.rpartition("8000")[2].split("/")[1] for link in links] == ["conferences", "unsubscribe"]
    head = CampaignEmail(campaign).text_for(bob).partition("--- Pitch")[0]
    assert "Go to the ballot: http" in head
    assert "Unsubscribe from these emails: http" in head


def test_short_campaign_has_one_button(alice, bob):
    html = CampaignEmails(make_campaign(alice)).for_person(bob.user).html_for(bob)
    assert parse(html).number_of(".button") == 1


def test_review_page_shows_the_length(as_organiser, conference, organiser, alice):
    campaign = combined(conference, organiser, number=9, length=5000)
    page = as_organiser.get(f"/admin/voting/campaign/{campaign.pk}/change/")
    words = parse(page).raw_text
    assert re.search(r"Size of the email: \d\d\.\d\xa0KB\.", words)
    assert "each is shortened, with a link to the full text" in words

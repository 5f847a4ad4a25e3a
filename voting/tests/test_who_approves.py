"""No one approves their own words, or what promotes themselves; anyone may approve the site's own text."""

import pytest
from django.core.exceptions import ValidationError

from accounts.actors import Actor
from accounts.tests.factories import log_in_freshly, make_organiser
from confbox.kit.tests.page import parse
from conferences.models import Membership
from conferences.tests.factories import make_membership
from voting.campaigns.actions import announce, approve_campaign, change_campaign, edit_campaign
from voting.campaigns.kinds.registry import KINDS
from voting.campaigns.models import Campaign
from voting.tests.campaigns import make_campaign
from voting.tests.factories import make_pitch

pytestmark = pytest.mark.django_db
WRITTEN = ["candidates", "reminder"]
OWN_WORDS = "You wrote part of this text"


@pytest.fixture
def second(roles):
    return make_organiser("second@example.org", name="Second")


@pytest.fixture
def written(conference, organiser, bob):
    """An email by the organiser, with these words instead of the standard ones."""
    make_pitch(bob)

    def written(kind, **words):
        text = KINDS[kind].draft.text_for(conference) | words
        return announce(conference=conference, kind=kind, by=Actor(organiser), **text)

    return written


def approve(campaign, by):
    campaign.refresh_from_db()
    approve_campaign(campaign=campaign, version=campaign.version, by=Actor(by))


def edit(campaign, by, message="Vote for Bob."):
    campaign.refresh_from_db()
    edit_campaign(
        campaign=campaign, version=campaign.version, subject=campaign.subject, message=message, by=Actor(by)
    )


@pytest.mark.parametrize("kind", WRITTEN)
def test_one_organiser_suffices_for_the_standard_text(written, organiser, kind):
    campaign = written(kind)
    approve(campaign, organiser)
    assert campaign.status == "approved"


@pytest.mark.parametrize("kind", WRITTEN)
@pytest.mark.parametrize("words", [{"subject": "Vote for Bob"}, {"message": "Bob is good."}])
def test_own_words_are_approved_by_another_organiser(written, organiser, second, kind, words):
    campaign = written(kind, **words)
    with pytest.raises(ValidationError, match=OWN_WORDS):
        approve(campaign, organiser)
    approve(campaign, second)
    assert campaign.status == "approved"


def test_an_organiser_who_edits_a_members_text_does_not_approve_it(alice, organiser, second):
    campaign = make_campaign(alice)
    edit(campaign, organiser)
    with pytest.raises(ValidationError, match=OWN_WORDS):
        approve(campaign, organiser)
    approve(campaign, second)


def test_an_organiser_who_edits_the_standard_text_does_not_approve_it(written, organiser, second):
    campaign = written("reminder")
    edit(campaign, second)
    for author in (organiser, second):
        with pytest.raises(ValidationError, match=OWN_WORDS):
            approve(campaign, author)


def test_an_organiser_who_edited_before_another_does_not_approve_it(alice, organiser, second):
    campaign = make_campaign(alice)
    edit(campaign, organiser, "One")
    edit(campaign, second, "Two")
    with pytest.raises(ValidationError, match=OWN_WORDS):
        approve(campaign, organiser)


def test_a_text_that_its_member_wrote_anew_has_no_words_of_the_editor(alice, organiser):
    campaign = make_campaign(alice)
    edit(campaign, organiser)
    change_campaign(campaign=campaign, subject="Mine", message="Mine alone", by=Actor(campaign.requested_by))
    approve(campaign, organiser)
    assert campaign.status == "approved"


def test_an_organiser_does_not_approve_an_email_with_their_own_pitch(written, conference, organiser, second):
    make_pitch(make_membership(conference, user=organiser))
    campaign = written("candidates")
    with pytest.raises(ValidationError, match="Your own pitch is in this email"):
        approve(campaign, organiser)
    approve(campaign, second)


def test_a_combined_email_that_lacks_a_pitch_by_now_is_not_approved(written, carol, organiser):
    campaign = written("candidates")
    make_pitch(carol)
    with pytest.raises(ValidationError, match="It must contain every pitch"):
        approve(campaign, organiser)


def test_a_combined_email_with_a_pitch_too_many_is_not_approved(written, carol, organiser):
    make_pitch(carol)
    campaign = written("candidates")
    Membership.objects.filter(pk=carol.pk).update(accepts_votes=False)
    with pytest.raises(ValidationError, match="It must contain every pitch"):
        approve(campaign, organiser)


@pytest.mark.parametrize("kind", WRITTEN)
def test_the_page_says_who_approves_before_one_writes(as_organiser, conference, kind):
    page = parse(as_organiser.get(f"/admin/voting/campaign/announce/{conference.pk}/{kind}/"))
    assert page.mentions(
        "If you change anything, another person of the team has to approve it: what one person wrote"
    )
    assert page.mentions("It contains the pitch of every candidate.") == (kind == "candidates")
    assert not page.has_field("pitches")


def test_the_page_names_who_can_approve_ones_own_words(as_organiser, conference, second):
    page = parse(as_organiser.get(f"/admin/voting/campaign/announce/{conference.pk}/reminder/"))
    assert page.mentions("Who else can approve it: Second.")


def test_the_page_says_if_no_one_else_can_approve_it(as_organiser, conference):
    page = parse(as_organiser.get(f"/admin/voting/campaign/announce/{conference.pk}/reminder/"))
    assert page.mentions("At present, no one else can approve it.")


def test_who_changed_the_text_reads_who_can_approve_it_and_how_to_go_on_alone(
    written, as_organiser, organiser, second
):
    campaign = written("reminder", message="My own words.")
    verbs = parse(as_organiser.get(f"/admin/voting/campaign/{campaign.pk}/change/")).part("#verbs")
    assert verbs.mentions("Who can approve it: Second.")
    assert verbs.mentions("withdraw it and write a new one with the standard text")


def test_the_review_page_says_why_there_is_no_button_to_approve(client, alice, organiser, second):
    campaign = make_campaign(alice)
    edit(campaign, organiser)
    path = f"/admin/voting/campaign/{campaign.pk}/"
    page = parse(log_in_freshly(client, organiser).get(f"{path}change/"))
    assert OWN_WORDS in page.text
    assert not page.mentions(f"{path}approve/")
    assert f"{path}approve/" in parse(log_in_freshly(client, second).get(f"{path}change/")).links
    assert Campaign.objects.get().status == "requested"

"""Every email is in the language of its recipient, not of the person who caused it."""

from django.core import mail
from django.utils.translation import override

from accounts.models import User
from voting.campaigns.emails import CampaignEmails
from voting.campaigns.models import Delivery
from voting.elections.emails import notify_chosen_member, notify_excluded_member, notify_of_void_vote
from voting.tests.campaigns import make_campaign
from voting.tests.factories import close_and_decide


def speaks(membership, language):
    User.objects.filter(pk=membership.user_id).update(language=language)
    membership.user.refresh_from_db()
    return membership


def test_a_voter_whose_vote_is_void_reads_their_own_language(alice, bob):
    with override("fr"):
        notify_of_void_vote(voter=speaks(alice, "de").user, conference=bob.conference)
    assert "Bitte stimmen Sie" in mail.outbox[0].subject
    assert "das Mitglied, für das Sie" in mail.outbox[0].body


def test_the_chosen_member_reads_their_own_language(conference, bob, organiser):
    speaks(bob, "es")
    decision = close_and_decide(conference=conference, candidate=bob, by=organiser, reason="Only one")
    mail.outbox.clear()
    notify_chosen_member(decision=decision)
    assert "la organización" in mail.outbox[0].body.lower()


def test_an_excluded_member_reads_their_own_language(bob):
    notify_excluded_member(membership=speaks(bob, "hi"), reason="Twice here")
    assert "कारण" in mail.outbox[0].body


def test_a_member_who_never_chose_a_language_reads_the_language_of_the_site(bob):
    with override("fr"):
        notify_excluded_member(membership=bob, reason="Twice here")
    assert "Their reason: Twice here" in mail.outbox[0].body


def test_a_campaign_speaks_to_each_recipient_in_their_language(alice, bob, carol):
    campaign = make_campaign(alice)
    emails = CampaignEmails(campaign)
    texts = [
        emails.to(Delivery(campaign=campaign, recipient=speaks(m, language)))
        for m, language in [(bob, "de"), (carol, "fr")]
    ]
    german, french = (message.body for message in texts)
    assert "Sie erhalten diese E-Mail" in german
    assert "Vous recevez" in french


def test_what_a_member_wrote_is_not_translated(alice, bob):
    campaign = make_campaign(alice, subject="Vote", message="Members")
    message = CampaignEmails(campaign).to(Delivery(campaign=campaign, recipient=speaks(bob, "de")))
    assert (message.subject, "Members" in message.body) == ("Vote", True)

"""What is deleted of a vote with its conference, if no one outside the team has joined it."""

from django.utils.translation import ngettext

from conferences.models import Conference
from voting.campaigns.models import Campaign, Delivery
from voting.elections.models import Decision, Vote, WindowChange
from voting.elections.receipts.models import PublishedBallots
from voting.elections.roll.models import RollChange, RollEntry


def delete_vote(conference: Conference) -> None:
    """In the order in which the rows refer to each other. The election goes with its conference."""
    election = conference.election
    Delivery.objects.filter(campaign__conference=conference).delete()
    Campaign.objects.filter(conference=conference).delete()
    for model in (WindowChange, Decision, Vote, PublishedBallots):
        model.objects.filter(election=election).delete()
    RollChange.objects.filter(entry__election=election).delete()
    RollEntry.objects.filter(election=election).delete()
    election.speaker = None
    election.save(update_fields=["speaker", "updated_at"])


def consequences_of_deleting(conference: Conference) -> list[str]:
    campaigns = Campaign.objects.filter(conference=conference).count()
    votes = Vote.objects.filter(election=conference.election).count()
    found = [
        (
            ngettext("%(n)d vote of its team is deleted.", "%(n)d votes of its team are deleted.", votes),
            votes,
        ),
        (ngettext("%(n)d campaign is deleted.", "%(n)d campaigns are deleted.", campaigns), campaigns),
    ]
    return [sentence % {"n": number} for sentence, number in found if number]

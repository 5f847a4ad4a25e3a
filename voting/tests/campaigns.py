from allauth.account.models import EmailAddress

from accounts.actors import Actor
from accounts.models import User
from conferences.models import Membership
from voting.campaigns import actions
from voting.campaigns.models import Campaign
from voting.campaigns.sending import dispatch, tasks

PASSWORD = "!"


def make_campaign(membership, *, subject="Why I should speak", message="Because **I** can.", **columns):
    """An open request, whatever the rules say now."""
    return Campaign.objects.create(
        conference=membership.conference,
        candidate=membership,
        requested_by=membership.user,
        subject=subject,
        message=message,
        **columns,
    )


def make_members(conference, number):
    """Many members with confirmed addresses, made quickly."""
    people = User.objects.bulk_create(
        User(email=f"m{n}@example.org", name=f"Member {n}", password=PASSWORD) for n in range(number)
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in people
    )
    return Membership.objects.bulk_create(Membership(conference=conference, user=user) for user in people)


def approve(campaign, organiser, **columns):
    actions.approve_campaign(campaign=campaign, version=campaign.version, by=Actor(organiser), **columns)
    return campaign


def dispatch_due():
    dispatch.dispatch_due(tasks.send_batch.enqueue)


def send_approved():
    """Begins and sends all that is approved, such as the emails about an act."""
    for campaign in Campaign.objects.filter(status="approved"):
        dispatch.begin_campaign(campaign)
    dispatch_due()


def send(campaign, organiser):
    """Approved, and all sent by tasks that run immediately."""
    approve(campaign, organiser)
    dispatch_due()
    campaign.refresh_from_db()
    return campaign

"""Each email is written in the language of its recipient."""

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.languages import language_of
from accounts.models import User
from confbox.kit.email_sending import send_email
from conferences.contact import conference_email
from conferences.local_times import in_zone
from conferences.models import Conference, Membership
from voting.elections.models import Decision


def notify_of_void_vote(*, voter: User, conference: Conference) -> None:
    """Notifies a voter that they can vote again.

    Only the worker calls this, so that no one else learns who it is.
    """
    with override(language_of(voter)):
        send_email(
            conference_email(
                conference,
                subject=_("Please vote again at %(conference)s") % {"conference": conference},
                text=render_to_string(
                    "voting/elections/emails/vote_void.txt", {"voter": voter, "conference": conference}
                ),
                to=voter.email,
            )
        )


def notify_chosen_member(*, decision: Decision) -> None:
    """Asks the chosen member to accept or decline."""
    conference = decision.election.conference
    url = settings.SITE_URL + reverse("results", args=[conference.slug])
    context = {"decision": decision, "conference": conference, "url": url}
    with override(language_of(decision.speaker.user)):
        send_email(
            conference_email(
                conference,
                subject=_("Congratulations: you have been chosen to speak at %(conference)s")
                % {"conference": conference},
                text=render_to_string("voting/elections/emails/chosen.txt", context),
                to=decision.speaker.user.email,
            )
        )


def notify_of_reply_by(*, decision: Decision) -> None:
    """Notifies the chosen member that they are asked to answer by another time."""
    conference, person = decision.election.conference, decision.speaker.user
    url = settings.SITE_URL + reverse("results", args=[conference.slug])
    with override(language_of(person)):
        until = in_zone(conference, decision.reply_by)
        context = {"person": person, "conference": conference, "url": url, "until": until}
        subject = _("Please answer by %(time)s: %(conference)s") % {"time": until, "conference": conference}
        text = render_to_string("voting/elections/emails/reply_by.txt", context)
        send_email(conference_email(conference, subject=subject, text=text, to=person.email))


def notify_organiser_of_answer(*, decision: Decision) -> None:
    """Notifies the organiser who decided of the chosen member's answer."""
    decision.refresh_from_db()
    conference = decision.election.conference
    page = reverse("admin:voting_election_decision", args=[conference.pk])
    context = {"decision": decision, "conference": conference, "url": settings.SITE_URL + page}
    with override(language_of(decision.decided_by)):
        send_email(
            conference_email(
                conference,
                subject=_("%(name)s answered: %(answer)s")
                % {"name": decision.speaker, "answer": decision.get_answer_display()},
                text=render_to_string("voting/elections/emails/answered.txt", context),
                to=decision.decided_by.email,
            )
        )


def notify_excluded_member(*, membership: Membership, reason: str) -> None:
    """Notifies a member that they are excluded from the vote, and why."""
    url = settings.SITE_URL + membership.conference.get_absolute_url()
    context = {"membership": membership, "reason": reason, "url": url}
    with override(language_of(membership.user)):
        send_email(
            conference_email(
                membership.conference,
                subject=_("You have been excluded from the vote at %(conference)s")
                % {"conference": membership.conference},
                text=render_to_string("voting/elections/emails/excluded.txt", context),
                to=membership.user.email,
            )
        )

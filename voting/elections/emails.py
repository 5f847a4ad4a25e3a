"""Each email is written in the language of its recipient."""

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.languages import language_of
from accounts.models import User
from confbox.kit.email_sending import send_email
from conferences.contact import conference_email, load_contact
from conferences.local_times import in_zone
from conferences.merging.people import Merge
from conferences.models import Conference, Membership
from conferences.teams.organisers import organisers_of
from voting.elections.models import Decision

MAY_DECIDE = "voting.add_decision"


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
            ),
            is_secret=True,
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


def notify_of_withdrawn_choice(*, decision: Decision) -> None:
    """Notifies the chosen member, who had not answered, that the organisers no longer ask them."""
    conference, person = decision.election.conference, decision.speaker.user
    url = settings.SITE_URL + conference.get_absolute_url()
    with override(language_of(person)):
        context = {"person": person, "conference": conference, "url": url}
        subject = _("You are no longer asked to speak at %(conference)s") % {"conference": conference}
        text = render_to_string("voting/elections/emails/choice_withdrawn.txt", context)
        send_email(conference_email(conference, subject=subject, text=text, to=person.email))


def notify_of_revoked_choice(*, decision: Decision) -> None:
    """Notifies the speaker, who had accepted, that the organisers have withdrawn the choice, and why."""
    conference, person = decision.election.conference, decision.speaker.user
    if not person.is_active:
        return
    url = settings.SITE_URL + conference.get_absolute_url()
    with override(language_of(person)):
        context = {
            "person": person,
            "conference": conference,
            "reason": decision.decline_reason,
            "url": url,
        }
        subject = _("You are no longer the speaker of %(conference)s") % {"conference": conference}
        text = render_to_string("voting/elections/emails/choice_revoked.txt", context)
        send_email(conference_email(conference, subject=subject, text=text, to=person.email))


def notify_of_lost_pitch(*, merge: Merge, person: User, text: str, has_other: bool) -> None:
    """Sends a member of two conferences that were merged the text of their pitch that was not kept."""
    url = settings.SITE_URL + reverse("pitch", args=[merge.stays.slug])
    with override(language_of(person)):
        context = merge.names(person=person, pitch=text, has_other=has_other, url=url)
        subject = _("Your pitch at %(duplicate)s was not kept") % merge.names()
        body = render_to_string("voting/elections/emails/pitch_not_kept.txt", context)
        send_email(conference_email(merge.stays, subject=subject, text=body, to=person.email))


SUBJECT_OF_ANSWER = {
    Decision.Answer.ACCEPTED: gettext_lazy("%(speaker)s will speak at %(conference)s"),
    Decision.Answer.DECLINED: gettext_lazy("%(speaker)s declined to speak at %(conference)s"),
    Decision.Answer.WITHDRAWN: gettext_lazy("%(speaker)s can no longer speak at %(conference)s"),
    Decision.Answer.REVOKED: gettext_lazy("%(speaker)s can no longer speak at %(conference)s"),
}


def notify_team_of_answer(*, decision: Decision) -> None:
    """Notifies those who can choose the speaker of the chosen member's answer, each once.

    Those who are members as well read in the result that the speaker has accepted.
    """
    decision.refresh_from_db()
    conference = decision.election.conference
    url = settings.SITE_URL + reverse("admin:voting_election_decision", args=[conference.pk])
    names = {"speaker": decision.speaker, "conference": conference}
    load_contact(conference)
    for person in team_to_notify(decision):
        with override(language_of(person)):
            subject = str(SUBJECT_OF_ANSWER[Decision.Answer(decision.answer)]) % names
            context = names | {"person": person, "decision": decision, "url": url}
            text = render_to_string("voting/elections/emails/answered.txt", context)
            send_email(conference_email(conference, subject=subject, text=text, to=person.email))


def team_to_notify(decision: Decision) -> list[User]:
    """The team, and who decided without being of it, such as an organiser of the site."""
    conference = decision.election.conference
    people = organisers_of(conference, MAY_DECIDE)
    decider = User.objects.active().filter(pk=decision.decided_by_id).first()
    if decider and decider not in people and decider.has_perm(MAY_DECIDE, conference):
        people.append(decider)
    know_already = {decision.speaker.user_id}
    if decision.answer == Decision.Answer.ACCEPTED:
        members = Membership.objects.current().filter(conference=conference, user__in=people)
        know_already |= set(members.values_list("user", flat=True))
    return [person for person in people if person.pk not in know_already]


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

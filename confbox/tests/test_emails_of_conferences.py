"""Every email about a conference comes from it via the site, and replies go to its organiser."""

import ast
from email import message_from_bytes, policy
from functools import partial

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actors import Actor
from accounts.tests.factories import make_organiser, make_user
from confbox.kit.email_sending import send_now
from confbox.tests.test_architecture import modules, parse
from conferences.consent import emails as second_person_emails
from conferences.joining.emails import notify_of_answer
from conferences.merging.emails import notify_former_team
from conferences.merging.people import Merge
from conferences.models import Conference, ConsentRequest, JoinRequest, Role
from conferences.overview.email_tests import request_test_email
from conferences.teams.actions import invite_to_team
from conferences.teams.emails import (
    News,
    notify_team,
    notify_who_invited,
    send_invitation,
    welcome_to_team,
)
from conferences.tests.admission import ask, only
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import acting, make_team_invitation, make_team_member
from conferences.tests.webhooks import make_endpoint
from conferences.webhooks.emails import notify_of_switching_off
from voting.campaigns.actions import refuse_campaign
from voting.campaigns.emails import CampaignEmails
from voting.campaigns.invitations.actions import send_new_link
from voting.campaigns.models import Delivery
from voting.elections import emails
from voting.elections.models import Decision, Vote
from voting.elections.moderation import emails as moderation_emails
from voting.elections.moderation.models import Report
from voting.elections.moderation.passing_on_emails import ask_site_organisers
from voting.elections.moderation.report_emails import notify_reporter
from voting.elections.roll.actions import freeze_roll
from voting.elections.roll.emails import notify_of_roll_change
from voting.elections.roll.models import RollChange, RollEntry
from voting.elections.roll.tasks import email_changed_voters
from voting.elections.tasks import email_voters_of_void_votes
from voting.tests.campaigns import make_campaign, send
from voting.tests.consent import make_request
from voting.tests.factories import close_and_decide, make_vote
from voting.timetable.kinds.registry import KINDS as TIMETABLE
from voting.timetable.tasks import email_to

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]

# The modules that make emails. All others ask `conference_email` for one.
MAKE_EMAILS = {
    "conferences/contact.py",
    "voting/campaigns/emails.py",  # campaigns, with headers of their own
}
NOT_OF_A_CONFERENCE = {
    "voting/campaigns/emails/address.txt",
    "conferences/consent/emails/setting.txt",
    "conferences/api_tokens/emails/made.txt",
    "conferences/api_tokens/emails/expires_soon.txt",
}
State = ConsentRequest.State


def calls(path):
    found = (node.func for node in ast.walk(parse(path)) if isinstance(node, ast.Call))
    return {getattr(function, "id", getattr(function, "attr", "")) for function in found}


def test_only_these_modules_make_an_email_themselves():
    ours = [p for p in modules() if p.parts[0] in ("conferences", "voting") and "tests" not in p.parts]
    making = {str(p) for p in ours if calls(p) & {"EmailMessage", "EmailMultiAlternatives", "OneOfMany"}}
    assert making == MAKE_EMAILS


def templates():
    root = django_settings.BASE_DIR / "templates"
    found = [p for app in ("conferences", "voting") for p in (root / app).rglob("emails/*.*")]
    return {str(p.relative_to(root)) for p in found if not p.name.startswith("_")} - NOT_OF_A_CONFERENCE


def invited(conference, alice):
    owner = make_team_member(conference, Role.OWNER)
    invitation = invite_to_team(scope=conference, email="ann@example.org", role="observer", by=acting(owner))
    send_invitation(invitation=invitation, token="token")


def declined(conference, alice):
    owner = make_team_member(conference, Role.OWNER)
    invitation = make_team_invitation(conference, alice.user.email)
    invitation.invited_by = owner.person
    notify_who_invited(invitation=invitation)


def team_news(news, conference, alice):
    make_team_member(conference, Role.OWNER)
    notify_team(scope=conference, member=make_team_member(conference), news=news, by=None)


def merged(conference, alice):
    duplicate = make_conference(title="Open Conf 2")
    make_team_member(duplicate)
    notify_former_team(Merge(duplicate, conference), by=None)


def asked(conference):
    person = make_organiser("asks@example.org")
    ask(only(conference, approval=True), person)
    return JoinRequest.objects.get(user=person)


def answer_to_request(conference, alice):
    request = asked(conference)
    request.answer = "accepted"
    mail.outbox.clear()
    notify_of_answer(request)


def decided(conference, alice):
    organiser = make_organiser("decides@example.org")
    return close_and_decide(conference=conference, candidate=alice, by=organiser, reason="Best")


def chosen(conference, alice):
    emails.notify_chosen_member(decision=decided(conference, alice))


def reply_by(conference, alice):
    decision = decided(conference, alice)
    mail.outbox.clear()
    emails.notify_of_reply_by(decision=decision)


def reply_soon(conference, alice):
    decided(conference, alice)
    mail.outbox.clear()
    send_of_timetable("reply_soon", conference)


def send_of_timetable(code, conference):
    kind, election = TIMETABLE[code], conference.election
    election.conference = conference
    for person in kind.people(election):
        send_now(*email_to(person, kind=kind, election=election, late=None))


def answered(conference, alice):
    decision = decided(conference, alice)
    Decision.objects.filter(pk=decision.pk).update(answer="declined")
    mail.outbox.clear()
    emails.notify_team_of_answer(decision=decision)


def choice_withdrawn(conference, alice):
    decision = decided(conference, alice)
    mail.outbox.clear()
    emails.notify_of_withdrawn_choice(decision=decision)


def choice_revoked(conference, alice):
    decision = decided(conference, alice)
    Decision.objects.filter(pk=decision.pk).update(answer="revoked", decline_reason="She is ill.")
    decision.refresh_from_db()
    mail.outbox.clear()
    emails.notify_of_revoked_choice(decision=decision)


def pitch_not_kept(conference, alice):
    merge = Merge(make_conference(title="Open Conf again"), conference)
    emails.notify_of_lost_pitch(merge=merge, person=alice.user, text="Queues", has_other=True)


def excluded(conference, alice):
    emails.notify_excluded_member(membership=alice, reason="Twice")


MODERATED = {
    "pitch_hidden": lambda member: moderation_emails.notify_author_of_hidden_pitch(
        membership=member, reason="Rude"
    ),
    "pitch_kept_hidden": lambda member: moderation_emails.notify_author_of_kept_pitch(
        membership=member, reason="Rude"
    ),
    "pitch_shown": lambda member: moderation_emails.notify_author_of_shown_pitch(membership=member),
    "pitch_covered": lambda member: moderation_emails.notify_author_of_covered_pitch(
        membership=member, until=timezone.now(), reason="Rude"
    ),
    "pitch_uncovered": lambda member: moderation_emails.notify_author_of_uncovered_pitch(membership=member),
    "profile_hidden": lambda member: moderation_emails.notify_of_hidden_profile(
        membership=member, reason="Rude"
    ),
    "profile_shown": lambda member: moderation_emails.notify_of_shown_profile(membership=member),
    "asked_to_show": lambda member: moderation_emails.ask_team_to_show(member.conference),
    "report_acted_on": lambda member: notify_reporter(report_of(member), Report.Outcome.HIDDEN),
    "report_passed_on": lambda member: ask_site_organisers(member.conference, but=[]),
    "report_dismissed": lambda member: notify_reporter(report_of(member), Report.Outcome.DISMISSED),
}


def report_of(member):
    return Report(membership=member, subject="pitch", reported_by=make_user("reports@example.org"))


def moderated(name, conference, alice):
    make_team_member(conference, Role.REVIEWER)
    make_organiser("site.organiser@example.org")
    MODERATED[name](alice)


def vote_void(conference, alice):
    emails.notify_of_void_vote(voter=alice.user, conference=conference)


def second_person(end, conference, alice):
    first, second = (make_team_member(conference, Role.ORGANISER).person for _ in range(2))
    asked = make_request(alice, first)
    asked.answered_by = second
    if end is None:
        second_person_emails.ask_second_person(request=asked, people=[second])
    elif end == State.LAPSED:
        second_person_emails.notify_of_lapse(request=asked)
    else:
        second_person_emails.notify_of_answer(request=asked, state=end)


def roll(act, conference, alice):
    freeze_roll(conference=conference)
    alice.refresh_from_db()
    notify_of_roll_change(RollChange(entry=alice.roll_entry, act=act, reason="Late"))


def campaign(conference, alice):
    make_membership(conference)
    send(make_campaign(alice), make_organiser("reviews@example.org"))


def notice(conference, alice):
    asked_for, organiser = make_campaign(alice), make_organiser("reviews@example.org")
    refuse_campaign(campaign=asked_for, reason="Too long", by=Actor(organiser))


def new_link(conference, alice):
    send_new_link(entry=make_entry(conference, "late@example.org"), by=Actor(None))


def timetable(code, conference, alice):
    make_team_member(conference, Role.ORGANISER)
    asked(conference)
    mail.outbox.clear()
    send_of_timetable(code, conference)


def own_test(conference, alice):
    request_test_email(conference=conference, by=acting(make_team_member(conference, Role.OWNER)))


def webhook_off(conference, alice):
    make_team_member(conference, Role.OWNER)
    notify_of_switching_off(make_endpoint(conference, switched_off_because="failing"))


SENDERS = {
    "conferences/teams/emails/invitation.txt": invited,
    "conferences/teams/emails/declined.txt": declined,
    **{f"conferences/teams/emails/{news.value}.txt": partial(team_news, news) for news in News},
    "conferences/teams/emails/merged.txt": merged,
    "conferences/emails/request_answered.txt": answer_to_request,
    "conferences/emails/test_email.txt": own_test,
    "conferences/webhooks/emails/switched_off.txt": webhook_off,
    "voting/elections/emails/chosen.txt": chosen,
    "voting/elections/emails/reply_by.txt": reply_by,
    "voting/elections/emails/answered.txt": answered,
    "voting/elections/emails/choice_withdrawn.txt": choice_withdrawn,
    "voting/elections/emails/choice_revoked.txt": choice_revoked,
    "voting/elections/emails/pitch_not_kept.txt": pitch_not_kept,
    "voting/timetable/emails/reply_soon.txt": reply_soon,
    "voting/elections/emails/excluded.txt": excluded,
    "voting/elections/emails/vote_void.txt": vote_void,
    **{f"voting/elections/moderation/emails/{name}.txt": partial(moderated, name) for name in MODERATED},
    "conferences/consent/emails/asked.txt": partial(second_person, None),
    "conferences/consent/emails/confirmed.txt": partial(second_person, State.CONFIRMED),
    "conferences/consent/emails/declined.txt": partial(second_person, State.DECLINED),
    "conferences/consent/emails/refused.txt": partial(second_person, State.REFUSED),
    "conferences/consent/emails/lapsed.txt": partial(second_person, State.LAPSED),
    "voting/elections/emails/roll_added.txt": partial(roll, "added"),
    "voting/elections/emails/roll_removed.txt": partial(roll, "removed"),
    "voting/campaigns/emails/campaign.txt": campaign,
    "voting/campaigns/emails/campaign.html": campaign,
    "voting/campaigns/emails/notice.txt": notice,
    "voting/campaigns/emails/new_invitation.txt": new_link,
    **{
        f"voting/timetable/emails/{code}.txt": partial(timetable, code)
        for code in ("no_candidates", "undecided", "unanswered", "reply_overdue", "waiting")
    },
}


def test_every_template_of_an_email_is_in_the_table():
    assert templates() == set(SENDERS)


@pytest.mark.parametrize("template", SENDERS)
def test_email_is_from_the_conference_via_the_site_and_replies_go_to_its_organiser(
    conference, alice, roles, settings, django_capture_on_commit_callbacks, template
):
    settings.DEFAULT_FROM_EMAIL, settings.SITE_NAME = "ConferenceBox <site@example.org>", "ConferenceBox"
    Conference.objects.update(contact_name="Guild, of Öffentlichkeit", contact_email="guild@example.org")
    conference.refresh_from_db()
    alice.conference = conference
    with django_capture_on_commit_callbacks(execute=True):
        SENDERS[template](conference, alice)
    assert mail.outbox
    for message in mail.outbox:
        read = message_from_bytes(message.message().as_bytes(), policy=policy.default)
        assert str(read["From"]) == "Open Conf via ConferenceBox <site@example.org>"
        assert [a.addr_spec for a in read["Reply-To"].addresses] == ["guild@example.org"]
        assert read["Reply-To"].addresses[0].display_name == "Guild, of Öffentlichkeit"


# Several recipients of one conference: its owner is asked for once.


def void_votes(conference, people):
    candidate = make_membership(conference)
    for person in people:
        make_vote(make_membership(conference, user=person), candidate)
    at = timezone.now()
    Vote.objects.update(voided_at=at, voided_because="candidate_left")
    return partial(email_voters_of_void_votes.call, candidate_id=candidate.pk, at=at.isoformat())


def roll_changes(conference, people):
    members = [make_membership(conference, user=person) for person in people]
    freeze_roll(conference=conference)
    at, entries = timezone.now(), RollEntry.objects.filter(membership__in=members)
    RollChange.objects.bulk_create(
        RollChange(entry=each, act="removed", reason="Late", by=people[0], at=at) for each in entries
    )
    return partial(email_changed_voters.call, election_id=conference.pk, at=at.isoformat())


def second_persons(conference, people):
    asked = make_request(make_membership(conference), people[0])
    return partial(second_person_emails.ask_second_person, request=asked, people=people)


def owners(conference, people):
    team = [make_team_member(conference, Role.OWNER, user=person) for person in people]
    return partial(notify_team, scope=conference, member=team[0], news=News.JOINED, by=None)


def new_team(conference, people):
    team = [make_team_member(conference, user=person) for person in people]
    return partial(welcome_to_team, scope=conference, members=team, by=None)


def languages(conference, people):
    members = [make_membership(conference, user=person) for person in people]
    emails = CampaignEmails(make_campaign(make_membership(conference)))
    return lambda: [emails.to(Delivery(campaign=emails.campaign, recipient=each)).send() for each in members]


def team_of_an_answer(conference, people):
    for person in people:
        make_team_member(conference, Role.ORGANISER, user=person)
    decision = decided(conference, make_membership(conference))
    Decision.objects.filter(pk=decision.pk).update(answer="declined", decided_by=people[0])
    mail.outbox.clear()
    return partial(emails.notify_team_of_answer, decision=decision)


BATCHES = [team_of_an_answer, void_votes, roll_changes, second_persons, owners, new_team, languages]


@pytest.mark.parametrize("make", BATCHES)
def test_owner_is_asked_for_once_for_all_recipients(
    conference, roles, make, django_capture_on_commit_callbacks
):
    people = [make_user(f"{code}@example.org", language=code) for code in ("en", "de", "fr")]
    send_each = make(conference, people)
    with CaptureQueriesContext(connection) as queries, django_capture_on_commit_callbacks(execute=True):
        send_each()
    assert len(mail.outbox) == 3
    assert len([each for each in queries if "owner_email" in each["sql"]]) == 1

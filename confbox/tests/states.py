"""The cast of the route table with every state that a page can show."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.core.mail import EmailMessage, get_connection
from django.test import Client, override_settings
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import User
from accounts.tests.factories import confirm_owner, log_in_freshly, make_credential, make_organiser, make_user
from confbox.kit.tests.queues import IN_DATABASE
from confbox.tests import routes
from conferences.consent.actions import do_or_ask
from conferences.models import Conference, Membership, RosterEntry
from conferences.roster.actions import remove_entry
from conferences.tests.admission import ask, code_for, only
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import imported, make_entry
from conferences.tests.test_failed_emails import failing
from voting.campaigns import actions as campaigns
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.sending import actions as sending
from voting.campaigns.sending import batches, dispatch
from voting.campaigns.tokens import invitation_token, unsubscribe_token
from voting.elections import actions, exclusions
from voting.elections.election.models import Election
from voting.elections.models import Pitch
from voting.elections.moderation.models import Report
from voting.elections.receipts.actions import publish_closed_ballots, unlink_voters
from voting.elections.receipts.holds import keep_linked
from voting.elections.roll.actions import freeze_opened_rolls, remove_from_roll
from voting.elections.window import close_early, move_deadline
from voting.tests.campaigns import approve, make_campaign, send
from voting.tests.factories import close_and_decide, make_pitch, make_vote

LONG = "Bartholomew Featherstonehaughcholmondeleywriothesleymarjoribanksmainwaring"
# The only candidate besides Alice has that name.
LONG_NAMED = ("live", "after-close", "lost")
AGENDA = "## Talks\n\n- one\n- two\n\n| when | what |\n| --- | --- |\n| 9:00 | Coffee |\n\n> quoted\n\n`code`"

# Of conferences with a roster: what has become of the invitation to it.
INVITATIONS = {"open-conf": "sent", "plain": "requested", "asked": "sending"}


@dataclass(frozen=True)
class States:
    """`member` (Alice) belongs to each conference; `guarded` has every second factor."""

    cast: routes.Cast
    slugs: list[str]
    campaigns: dict[str, Campaign]
    members: dict[str, Membership]
    sessions: dict[str, str]

    @property
    def conferences(self):
        return Conference.objects.filter(slug__in=self.slugs)

    @property
    def passkey(self):
        return Authenticator.objects.get(type="webauthn")

    def client(self, role, **options):
        if role in self.cast.cookies:
            return self.cast.client(role, **options)
        client = Client(**options)
        client.cookies["sessionid"] = self.sessions[role]
        return client


def set_states():
    cast = routes.set_up()
    alice = Membership.objects.get(user__name="Alice")
    User.objects.filter(name="Bob").update(profession="Baker", bio="I bake.")
    organiser = User.objects.get(name="Organiser")
    slugs = _conferences(alice.user, organiser)
    _full_ballot(alice)
    _hide(alice.user)
    _show_owner(cast.cookies["member"])
    _roster(alice)
    _door()
    _moderated(alice.user)
    guarded = _guarded()
    make_membership(alice.conference, user=guarded)
    freeze_opened_rolls()
    _change_roll(alice, organiser)
    campaigns = _campaigns(alice, organiser)
    for slug, status in INVITATIONS.items():
        _invitation(Conference.objects.get(slug=slug), organiser, status)
    with override_settings(TASKS=IN_DATABASE):
        failing()
    EmailMessage("A mail", "Its text", "a@example.org", ["b@example.org"], connection=_email_files()).send()
    return States(
        cast=cast,
        slugs=["open-conf", *slugs],
        campaigns=campaigns,
        members={"alice": alice, "bob": Membership.objects.get(user__name="Bob")},
        sessions={
            "guarded": _session(guarded),
            **{f"asker-{state}": _session(campaign.candidate.user) for state, campaign in campaigns.items()},
        },
    )


def _hide(user):
    """Alice is hidden in one conference, two are not public, and a fourth one expects her."""
    Membership.objects.filter(user=user, conference__slug="plain").update(is_listed=False)
    Conference.objects.filter(slug="alone").update(visibility="unlisted")
    Conference.objects.filter(slug="scheduled").update(visibility="members_only", members_are_listed=False)
    offered = make_conference(title=f"The offered {LONG}", slug="offered", visibility="members_only")
    make_entry(offered, user.email)


def _show_owner(key):
    """Makes the pages of a first second factor available."""
    client = Client()
    client.cookies["sessionid"] = key
    confirm_owner(client)


def _roster(alice):
    """One entry in each state, and enough for a second page."""
    for state in ("listed", "invited", "joined", "removed"):
        make_entry(alice.conference, f"{state}@example.org", name=f"{LONG} {state}", reference="T-17")
    imported(alice.conference, "\n".join(f"guest{number}@example.org" for number in range(100)))
    entries = RosterEntry.objects.filter(email__in=["invited@example.org", "joined@example.org"])
    entries.update(invited_at=timezone.now())
    RosterEntry.objects.filter(email="joined@example.org").update(membership=alice)
    removed = RosterEntry.objects.get(email="removed@example.org")
    remove_entry(entry=removed, reason=f"{LONG} gave the ticket back.", by=Actor.of_command())


def _door():
    """A conference with every rule, a code that admits, one that does not, and a request that waits."""
    conference = make_conference(title="The door conference", slug="door")
    only(conference, roster=True, email_domains=["uni.example", "xn--bcher-kva.example"], approval=True)
    code_for(conference, most_uses=300)
    code_for(conference, ended_at=timezone.now())
    ask(conference, make_user("asker@example.org", name=LONG), f"{LONG} of the city library.\nOrder 7781.")


def _moderated(user):
    """A conference where one pitch is hidden, and the author of another asks for it to be shown again."""
    conference = make_conference(title="The moderated conference", slug="moderated", voting="scheduled")
    hidden = {"pitch_hidden_at": timezone.now(), "pitch_hidden_reason": f"{LONG} is insulted."}
    make_pitch(make_membership(conference, user=user, **hidden), headline="Hidden words")
    hidden |= {"showing_asked_at": timezone.now(), "profile_hidden_at": timezone.now()}
    make_pitch(make_membership(conference, name=LONG, **hidden), headline=f"{LONG} asks")
    covered = make_pitch(make_membership(conference, name=f"{LONG} covered"), headline="Covered words")
    Pitch.objects.filter(pk=covered.pk).update(covered_until=timezone.now() + timedelta(hours=24))
    _reported(make_membership(conference, name=f"{LONG} reported"), by=user)


def _reported(member, by):
    """A pitch and a profile that were reported, the pitch before it was changed."""
    make_pitch(member, headline=f"{LONG} shouts")
    about = {"membership": member, "reason": "insult", "text": LONG, "reported_at": timezone.now()}
    for subject in ("pitch", "profile"):
        Report.objects.create(subject=subject, shown_text=f"{LONG} before", reported_by=by, **about)
    _passed_on(member, about | {"subject": "profile", "passed_on_at": timezone.now()}, by)


def _passed_on(member, about, by):
    """A profile whose reports wait for the organisers of the site, and an answer of theirs."""
    author = make_user("passed-on@example.org", name=f"{LONG} passed on", profession=LONG[:150])
    other = make_membership(member.conference, user=author)
    Report.objects.create(**about | {"membership": other}, shown_text=LONG, reported_by=by)
    answer = {"outcome": "removed", "settled_at": timezone.now(), "note": f"{LONG} is gone."}
    Report.objects.create(**about | answer)


def _invitation(conference, organiser, status):
    text = {"subject": "Your invitation", "message": "Please join."}
    campaign = Campaign.objects.create(
        conference=conference,
        kind="invitation",
        requested_by=organiser,
        status=status,
        started_at=None if status == "requested" else timezone.now(),
        **text,
    )
    entry = RosterEntry.objects.filter(conference=conference).first() or make_entry(conference)
    Delivery.objects.create(campaign=campaign, roster_entry=entry)


def _session(user):
    return log_in_freshly(Client(), user).session.session_key


def _email_files():
    return get_connection("confbox.email_files.EmailBackend")


def _full_ballot(alice):
    """More candidates than a page holds, one with a name longer than a phone is wide."""
    Conference.objects.filter(slug="open-conf").update(agenda=AGENDA, place="Athens, Greece")
    make_pitch(alice, headline="Queues at night", statement="**Listen.**\n\n- one\n- two")
    Pitch.objects.filter(pk=alice.pk).update(shared_at=timezone.now())
    for name in [LONG, "محمد صالح", *(f"Candidate {number}" for number in range(24))]:
        make_pitch(make_membership(alice.conference, name=name), headline=f"{name.split()[0]}'s talk")
    excluded = make_membership(alice.conference, name="Excluded")
    exclusions.exclude_member(
        membership=excluded, by=Actor(User.objects.get(name="Organiser")), reason="A fake"
    )


def _change_roll(alice, organiser):
    gone = Membership.objects.get(conference=alice.conference, user__name="Candidate 7")
    remove_from_roll(membership=gone, by=Actor(organiser), reason="The ticket was refunded.")


def _conferences(user, organiser):
    """Alice has to answer, has accepted, was not chosen, is tied, is waiting, sees it live."""
    for slug, voting in {
        **dict.fromkeys(("asked", "accepted", "lost", "tied", "live", "after-close"), "open"),
        **{"scheduled": "scheduled", "plain": None, "inactive": None, "alone": "open"},
    }.items():
        conference = make_conference(title=f"The {slug} conference", slug=slug, voting=voting)
        alice = make_membership(conference, user=user)
        if slug != "alone":
            dan = make_membership(conference, name=LONG if slug in LONG_NAMED else f"Dan of {slug}")
            make_pitch(dan)
        if voting == "open" and slug != "alone":
            actions.cast_vote(by=Actor(user), slug=slug, candidate_id=dan.pk)
            actions.cast_vote(by=Actor(dan.user), slug=slug, candidate_id=alice.pk)
        _bring_to(slug, conference, alice, dan, organiser)
    return list(Conference.objects.filter(memberships__user=user).values_list("slug", flat=True))


def _bring_to(slug, conference, alice, dan, organiser):
    visible = {"live": "live", "after-close": "after_close"}
    if slug in visible:
        Election.objects.filter(pk=conference.pk).update(results_visibility=visible[slug])
        conference.refresh_from_db()
    if slug == "live":
        later = conference.election.closes_at + timedelta(hours=5)
        move_deadline(
            conference=conference, closes_at=later, reason="Many asked for it.", by=Actor(organiser)
        )
    if slug == "alone":
        _ask_for_consent(conference, organiser)
    if slug == "after-close":
        _publish_who_voted(conference, alice, dan)
    if slug in ("tied", "after-close"):
        actions.close_voting(conference=conference)
        publish_closed_ballots()
    if slug == "after-close":
        until, reason = timezone.now() + timedelta(days=20), f"{LONG} disputes it."
        keep_linked(conference=conference, until=until, reason=reason, by=Actor(organiser))
    if slug == "inactive":
        Conference.objects.filter(pk=conference.pk).update(status="inactive")
    if slug in ("asked", "accepted", "lost"):
        chosen = dan if slug == "lost" else alice
        decision = close_and_decide(
            conference=conference, candidate=chosen, by=organiser, reason="They led together."
        )
        if slug != "asked":
            actions.answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
        if slug == "lost":
            unlink_voters(conference=conference, by=Actor.of_command(), is_early=True)


def _publish_who_voted(conference, alice, dan):
    """Enough voters, with such votes, that their names reveal no one's choice."""
    Election.objects.filter(pk=conference.pk).update(publishes_participants=True)
    for number, name in enumerate([LONG, "محمد صالح", "Ada", "Bea", "Cem", "Dora"]):
        make_vote(make_membership(conference, name=name), dan if number % 2 else alice)
    conference.refresh_from_db()


def _ask_for_consent(conference, organiser):
    Election.objects.filter(pk=conference.pk).update(window_needs_consent=True)
    conference.refresh_from_db()
    second = make_organiser("second@example.org", name="Second Organiser")
    by, reason = Actor(second), "All have voted."
    do_or_ask(partial(close_early, conference=conference, by=by, reason=reason), reason=reason, by=by)


def _campaigns(alice, organiser):
    """One campaign in each state, each requested by a different member."""
    done = {"requested": Campaign.objects.get(candidate=alice)}
    for state in ("sent", "uncertain", "approved", "sending", "paused", "stopped", "refused", "withdrawn"):
        candidate = make_membership(alice.conference, name=f"Asked {state}")
        done[state] = campaign = make_campaign(candidate, subject=f"Email that is {state}")
        _bring_campaign_to(state, campaign, organiser)
        campaign.refresh_from_db()
    return done


def _bring_campaign_to(state, campaign, organiser):
    if state == "refused":
        campaigns.refuse_campaign(campaign=campaign, by=Actor(organiser), reason="Too loud")
    elif state == "withdrawn":
        campaigns.withdraw_campaign(campaign=campaign, by=Actor(campaign.candidate.user))
    elif state in ("sent", "uncertain"):
        send(campaign, organiser)
    else:
        approve(campaign, organiser, send_at=timezone.now() + timedelta(hours=state == "approved"))
    if state in ("sending", "paused", "stopped"):
        dispatch.begin_campaign(campaign)
        batches.claim_batch(campaign, 2)
        campaign.refresh_from_db()
    if state == "paused":
        sending.pause_campaign(campaign=campaign, by=Actor(organiser))
    elif state == "stopped":
        sending.stop_campaign(campaign=campaign, by=Actor(organiser), reason="A mistake")
    elif state == "uncertain":
        some = campaign.deliveries.order_by("pk").values_list("pk", flat=True)[:2]
        Delivery.objects.filter(pk__in=list(some)).update(status=Delivery.Status.UNCERTAIN)


def _guarded():
    person = make_user("guarded@example.org", name="Guarded")
    TOTP.activate(person, generate_totp_secret())
    RecoveryCodes.activate(person)
    WebAuthn.add(person, "My key", make_credential())
    return person


def invitation_path(entry):
    return f"/invitation/{invitation_token(entry)}/"


def unsubscribe_path(membership):
    return f"/unsubscribe/{unsubscribe_token(membership.pk)}/"

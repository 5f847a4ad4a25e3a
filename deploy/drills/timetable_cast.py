"""The thirty conferences of the drill of the timetable, who is in them, and what their organisers do when."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
TEAM = ("owner", "organiser")
# `late` joins after voting has opened; `last` votes as late as possible before the reminder.
# Invited and not joined; `shy` wants no emails of this kind.
INVITED = ("guest", "shy")
MEMBERS = ("candidate", "voted", "idle", "quiet", "opted_out", "dead", "unconfirmed", "last", "late")
# Number: hours until voting opens, hours that it lasts, and what the organisers do after how many hours.
# An act is "move" (to that hour), "close", "cancel", "agenda" (other dates), "decide", "accept", "decline".
CONFERENCES = {
    0: (80, 30, [(111, "decide", 0)]),
    1: (80, 30, []),
    2: (80, 30, []),
    3: (86, 47.98, []),
    4: (86, 30, []),
    5: (80, 12, []),
    6: (80, 48, []),
    7: (80, 60, []),
    8: (80, 96, [(100, "move", 200)]),
    9: (80, 96, [(131, "move", 142)]),
    10: (80, 96, [(101, "close", 0)]),
    11: (80, 96, [(102, "cancel", 0)]),
    12: (86, 72, [(50, "cancel", 0)]),
    13: (86, 72, [(50, "agenda", 0)]),
    14: (80, 60, [(145, "decide", 0)]),
    15: (80, 60, [(145, "decide", 0), (149, "accept", 0)]),
    16: (80, 60, [(145, "decide", 0), (149, "decline", 0)]),
    17: (80, 72, []),
    18: (80, 72, []),
    19: (80, 120, []),
    20: (80, 120 + 1 / 60, [(166, "move", 230)]),
    21: (80, 168, []),
    22: (86, 168, []),
    23: (86, 240, []),
    24: (80, 168, []),
    25: (86, 120, []),
    26: (86, 96, []),
    27: (80, 240, []),
    28: (86, 168, [(259, "decide", 0)]),
    29: (80, 144, []),
}
WITHOUT_PITCH = (2, 21, 22, 24)
SWITCHED_OFF = {17: "opened", 18: "undecided_2"}
RULES_SET_LATE = 24
WITH_REQUESTS, FIRST_REQUEST = 25, 90
JOIN_LATE = 95
# All workers are dead from just before the first until the second: some emails come late, some too late.
LONG_NIGHT = (271.9, 321.5)
END = 500


@dataclass
class Story:
    """What has happened to one conference, as the drill did it."""

    number: int
    opens: datetime
    closes: datetime
    rules_set: datetime
    ends: datetime
    title: str = ""
    # When the deadline was moved, and to what.
    moves: list[tuple[datetime, datetime]] = field(default_factory=list)
    window_emails: list[datetime] = field(default_factory=list)
    agenda_emails: list[datetime] = field(default_factory=list)
    cancelled: datetime | None = None
    decided: datetime | None = None
    answered: datetime | None = None
    answer: str = ""
    digests: list[datetime] = field(default_factory=list)
    voted: set[str] = field(default_factory=set)
    joined_late: datetime | None = None

    @property
    def slug(self) -> str:
        return f"drill-{self.number}"

    def email(self, who: str) -> str:
        return f"{who}.c{self.number}@example.org"


def stage(start: datetime) -> dict[int, Story]:
    """Thirty conferences with a team of two, an observer and eight members each."""
    people = make_people()
    return {number: stage_conference(number, start, people) for number in CONFERENCES}


def make_people() -> dict[str, object]:
    from allauth.account.models import EmailAddress

    from accounts.models import User
    from voting.campaigns.subscriptions.models import UndeliverableAddress

    names = [f"{who}.c{n}@example.org" for n in CONFERENCES for who in (*TEAM, "observer", *MEMBERS)]
    User.objects.bulk_create(
        User(
            email=email,
            name=email.partition("@")[0].title(),
            password="!",  # noqa: S106
            receives_notices=not email.startswith("quiet."),
            receives_campaigns=not email.startswith("opted_out."),
        )
        for email in names
    )
    people = {user.email: user for user in User.objects.all()}
    EmailAddress.objects.bulk_create(
        EmailAddress(user=people[e], email=e, verified=not e.startswith("unconfirmed."), primary=True)
        for e in names
    )
    UndeliverableAddress.objects.bulk_create(
        UndeliverableAddress(address=e, answer="550 unknown") for e in names if e.startswith("dead.")
    )
    return people


def stage_conference(number: int, start: datetime, people: dict[str, object]) -> Story:
    from conferences.models import Role, TeamMember
    from conferences.tests.factories import make_conference, make_membership
    from voting.tests.factories import make_pitch
    from voting.timetable.models import SwitchedOffNotice

    opens, lasts, _acts = CONFERENCES[number]
    ends = start + 70 * 24 * HOUR
    story = Story(number, start + opens * HOUR, start + (opens + lasts) * HOUR, start - 20 * 24 * HOUR, ends)
    if number == RULES_SET_LATE:
        story.rules_set = start - 12 * HOUR
    story.title = f"Drill {number}"
    conference = make_conference(
        title=story.title,
        slug=story.slug,
        starts_at=ends - 24 * HOUR,
        ends_at=ends,
        opens_at=story.opens,
        closes_at=story.closes,
        rules_set_at=story.rules_set,
    )
    for who, role in zip((*TEAM, "observer"), (Role.OWNER, Role.ORGANISER, Role.OBSERVER), strict=True):
        TeamMember.objects.create(conference=conference, person=people[story.email(who)], role=role)
    invite(conference, [story.email(who) for who in INVITED])
    for who in MEMBERS:
        if who != "late":
            member = make_membership(conference, user=people[story.email(who)])
            if who == "candidate" and number not in WITHOUT_PITCH:
                make_pitch(member)
    if number in SWITCHED_OFF:
        SwitchedOffNotice.objects.create(conference=conference, kind=SWITCHED_OFF[number])
    return story


def invite(conference: object, emails: list[str]) -> None:
    from django.utils import timezone

    from confbox.kit.mailbox_digests import mailbox_digest
    from conferences.models import RosterEntry
    from conferences.tests.rosters.entries import make_entry
    from voting.campaigns.subscriptions.models import UnsubscribedMailbox

    for email in emails:
        entry = make_entry(conference, email)
        RosterEntry.objects.filter(pk=entry.pk).update(invited_at=timezone.now())
        if email.startswith("shy."):
            UnsubscribedMailbox.objects.create(digest=mailbox_digest(email))


class Hand:
    """Does what people do, as the pages would, and writes down in the story when it happened."""

    def __init__(self, stories: dict[int, Story]) -> None:
        self.stories = stories

    def act(self, number: int, name: str, hours: float, start: datetime) -> None:
        story = self.stories[number]
        getattr(self, name)(story, start + hours * HOUR)

    def move(self, story: Story, to: datetime) -> None:
        from voting.elections.window import move_deadline

        change = move_deadline(
            conference=conference_of(story), closes_at=to, reason="More time", by=actor(story, "owner")
        )
        story.moves.append((change.at, to))
        story.window_emails.append(change.at)

    def close(self, story: Story, _to: datetime) -> None:
        from voting.elections.window import close_early

        change = close_early(conference=conference_of(story), reason="All voted", by=actor(story, "owner"))
        story.moves.append((change.at, change.closes_at))
        story.window_emails.append(change.at)

    def cancel(self, story: Story, _to: datetime) -> None:
        from conferences.changes.actions import cancel_conference

        change = cancel_conference(conference=conference_of(story), reason="Fire", by=actor(story, "owner"))
        story.cancelled = change.at
        story.agenda_emails.append(change.at)

    def agenda(self, story: Story, _to: datetime) -> None:
        from conferences.changes.actions import move_conference

        found, day = conference_of(story), 24 * HOUR
        change = move_conference(
            conference=found,
            starts_at=found.starts_at + day,
            ends_at=found.ends_at + day,
            place=found.place,
            reason="The hall",
            by=actor(story, "owner"),
        )
        story.ends = found.ends_at + day
        story.agenda_emails.append(change.at)

    def decide(self, story: Story, _to: datetime) -> None:
        from voting.elections.actions import decide_speaker

        found = conference_of(story)
        candidate = found.memberships.get(user__email=story.email("candidate"))
        decision = decide_speaker(
            conference=found, candidate=candidate, reason="A good talk", by=actor(story, "owner")
        )
        story.decided = decision.decided_at

    def accept(self, story: Story, _to: datetime) -> None:
        self.answer(story, accept=True)

    def decline(self, story: Story, _to: datetime) -> None:
        self.answer(story, accept=False)

    def answer(self, story: Story, *, accept: bool) -> None:
        from voting.elections.answers import answer_decision
        from voting.elections.models import Decision

        decision = Decision.objects.get(election=conference_of(story).election)
        answer_decision(decision=decision, accept=accept, by=actor(story, "candidate"))
        decision.refresh_from_db()
        story.answered, story.answer = decision.answered_at, "accept" if accept else "decline"

    def ask_for_campaign(self, story: Story, who: str) -> datetime:
        from voting.tests.campaigns import make_campaign

        member = conference_of(story).memberships.get(user__email=story.email(who))
        asked: datetime = make_campaign(member).requested_at
        return asked

    def join_late(self) -> None:
        from accounts.models import User
        from conferences.tests.factories import make_membership

        for story in self.stories.values():
            user = User.objects.get(email=story.email("late"))
            story.joined_late = make_membership(conference_of(story), user=user).joined_at

    def vote(self, story: Story, who: str) -> None:
        from voting.elections.actions import cast_vote

        candidate = conference_of(story).memberships.get(user__email=story.email("candidate"))
        cast_vote(by=actor(story, who), slug=story.slug, candidate_id=candidate.pk)
        story.voted.add(who)


def conference_of(story: Story):
    from conferences.models import Conference

    return Conference.objects.select_related("election").get(slug=story.slug)


def actor(story: Story, who: str):
    from accounts.actors import Actor
    from accounts.models import User

    return Actor(User.objects.get(email=story.email(who)))

"""What cancelling a conference does to its vote, and what holding it after all does."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conferences.local_times import in_zone
from conferences.models import Conference, ConferenceChange, Membership
from voting.elections.election.actions import lock_election
from voting.elections.election.models import Election, VotingState
from voting.elections.models import WindowChange
from voting.elections.tally import turnout_of

MINUTE = timedelta(minutes=1)


def hold_votes(conference: Conference) -> None:
    """Votes in flight are stored before the conference stops; later ones see that it has."""
    lock_election(conference.pk)


def give_time_back(change: ConferenceChange, stopped_at: datetime) -> None:
    """Members have as long to vote as announced: what the vote has lost is added to its deadline.

    A vote that was to open meanwhile opens now. Votes from before count. Members are notified of the deadline
    by the email about the change.
    """
    election = lock_election(change.conference_id)
    now, opens, closes = election.now, election.opens_at, election.closes_at
    is_over = election.decided_at or not closes or closes <= stopped_at
    if is_over or not (opens and closes and election.rules_set_at) or opens > now:
        return
    lost = now - max(opens, stopped_at)
    election.opens_at = now if opens > stopped_at else opens
    election.closes_at = min(_whole_minute(closes + lost), election.conference.ends_at)
    election.window_changed_at = now
    election.save(update_fields=["opens_at", "closes_at", "window_changed_at", "updated_at"])
    WindowChange.objects.create(
        election=election,
        act=WindowChange.Act.MOVED,
        closed_before=closes,
        closes_at=election.closes_at,
        reason=_("The conference was cancelled from %(from)s to %(to)s, so voting is open for longer.")
        % {"from": in_zone(election.conference, stopped_at), "to": in_zone(election.conference, now)},
        by=change.by,
        at=now,
    )


def _whole_minute(time: datetime) -> datetime:
    return (time + MINUTE - timedelta(microseconds=1)).replace(second=0, microsecond=0)


def consequences_of_cancelling(conference: Conference) -> list[str]:
    election = conference.election
    if election.is_open():
        return [_of_open_vote(conference)]
    if election.state() == VotingState.SCHEDULED:
        opens = in_zone(conference, election.opens_at)
        return [_("Voting does not open on %(time)s.") % {"time": opens}]
    if election.speaker_id:
        return [_("%(name)s is still shown as the speaker who was chosen.") % {"name": election.speaker}]
    if election.is_count_final():
        return [_("The published count remains, but no speaker can be chosen.")]
    return []


def _of_open_vote(conference: Conference) -> str:
    number = turnout_of(conference).votes
    ends = _("Voting is open and ends immediately, without a result: no speaker can be chosen.")
    cast = ngettext(
        "%(n)d vote has been cast. It stays secret and is kept, but counts only if you undo this.",
        "%(n)d votes have been cast. They stay secret and are kept, but count only if you undo this.",
        number,
    ) % {"n": number}
    return f"{ends} {cast}"


def consequences_of_publishing(conference: Conference) -> list[str]:
    election: Election = conference.election
    if election.state() not in (VotingState.SCHEDULED, VotingState.OPEN) or not election.opens_at:
        return []
    closes = in_zone(conference, election.closes_at)
    if election.opens_at <= election.now:
        said = _("Voting opens immediately and closes on %(closes)s.")
        return [said % {"closes": closes}]
    opens = in_zone(conference, election.opens_at)
    return [_("Voting opens on %(opens)s and closes on %(closes)s.") % {"opens": opens, "closes": closes}]


def warnings_of_publishing(conference: Conference) -> list[str]:
    if not conference.election.opens_when_published() or has_candidates(conference):
        return []
    return [_("There are no candidates yet, although voting opens immediately: no member has a pitch.")]


def has_candidates(conference: Conference) -> bool:
    """Whether members have written a pitch and can be voted for."""
    return Membership.objects.candidates().filter(conference=conference, pitch__isnull=False).exists()


def consequences_of_reinstating(conference: Conference) -> list[str]:
    election: Election = conference.election
    if election.state() != VotingState.CANCELLED or not election.rules_set_at or not election.opens_at:
        return []
    if election.has_opened():
        return [
            _(
                "Voting goes on, with the votes that were cast before. Its deadline moves by the time for "
                "which the conference was cancelled."
            )
        ]
    if election.opens_at <= election.now:
        return [_("Voting was due to open meanwhile, so it opens immediately, for as long as planned.")]
    opens = in_zone(conference, election.opens_at)
    return [_("Voting opens on %(time)s, as planned.") % {"time": opens}]


def consequences_of_moving(conference: Conference) -> list[str]:
    """Its vote keeps its times, which are announced on their own."""
    if not conference.election.is_close_ahead():
        return []
    closes = in_zone(conference, conference.election.closes_at)
    said = _("Voting still closes on %(time)s, so the conference cannot end before that.")
    return [said % {"time": closes}]


def why_to_keep_on_site(conference: Conference) -> str:
    """With the link to what has to be done first."""
    if not conference.election.is_open():
        return ""
    url = reverse("admin:voting_election_close", args=[conference.pk])
    why = _("Voting is open. A conference can be taken off the site once its vote has closed.")
    return format_html('{} <a href="{}">{}</a>', why, url, _("Close voting now"))


def consequences_of_unpublishing(conference: Conference) -> list[str]:
    election = conference.election
    if election.state() == VotingState.SCHEDULED:
        opens = in_zone(conference, election.opens_at)
        return [_("Voting does not open on %(time)s if it is still off the site then.") % {"time": opens}]
    if not election.has_opened():
        return []
    number = turnout_of(conference).votes
    return [
        ngettext("%(n)d vote was cast; it is kept.", "%(n)d votes were cast; they are kept.", number)
        % {"n": number}
    ]

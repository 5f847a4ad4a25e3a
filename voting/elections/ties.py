from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from conferences.models import Conference, Membership
from voting.elections.election.models import Election
from voting.elections.models import Decision
from voting.elections.tally import Standing, TallyResult


def refuse_outside_tie(*, conference: Conference, tally: TallyResult, candidate: Membership) -> None:
    """Raises ValidationError if the rules require one of the tied members and this is not one."""
    wanted = tied_to_choose_from(conference, tally)
    if wanted and candidate.pk not in wanted:
        raise ValidationError(
            _("Under the rules of this vote, one of the tied members has to be chosen."),
            code="cannot_be_chosen",
        )


def leaders_left(conference: Conference, tally: TallyResult) -> list[Standing]:
    """The leaders who are still members and have not declined or stepped down."""
    if not tally.leaders:
        return []
    refused = Decision.objects.filter(election=conference.election, answer__in=Decision.NOT_SPEAKING)
    left = Membership.objects.of_active_people().filter(pk__in=[s.candidate.pk for s in tally.leaders])
    ids = set(left.exclude(pk__in=refused.values("speaker")).values_list("pk", flat=True))
    return [standing for standing in tally.leaders if standing.candidate.pk in ids]


def tied_to_choose_from(conference: Conference, tally: TallyResult) -> set[int]:
    """The IDs of the members of whom one has to be chosen; none if any member can be.

    Members who left or have declined are ignored.
    """
    if conference.election.ties != Election.Ties.TIED_ONLY or len(tally.leaders) < 2:
        return set()
    gone = Decision.objects.filter(election=conference.election).exclude(answer__in=Decision.CURRENT)
    tied = Membership.objects.of_active_people().filter(pk__in=[s.candidate.pk for s in tally.leaders])
    return set(tied.exclude(pk__in=gone.values("speaker")).values_list("pk", flat=True))

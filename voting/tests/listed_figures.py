"""What the list of votes shows of one conference."""

from voting.elections.election.models import Election
from voting.elections.listed_figures import count, listed


def in_list(conference):
    [election] = found = list(listed(Election.objects.filter(pk=conference.pk)))
    count(found)
    return election

from voting.models import Pitch, Vote


def make_pitch(membership, headline="A talk worth hearing", statement="Because."):
    return Pitch.objects.create(membership=membership, headline=headline, statement=statement)


def make_vote(voter, candidate):
    """A stored vote, whatever the rules say of the moment."""
    return Vote.objects.create(voter=voter, conference=voter.conference, candidate=candidate)

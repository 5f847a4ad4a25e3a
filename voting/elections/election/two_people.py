"""The names of the acts that a series can have a second person confirm (see `voting.elections.consent`)."""

WINDOW = "window"
DECISION = "decision"
REVOKING = "revoking"
EXCLUSION = "exclusion"
ROLL = "roll"
HIDING = "hiding"
# Before the ID, in the subject of a request about a member.
OF_MEMBER = "member "

"""The operations of organisers about a vote, in the order in which the documentation lists them.

That of the list of voters comes before that of its members, whose path would match it too.
"""

from voting.desk.api import (
    announcements,
    campaigns,
    decisions,
    exclusions,
    rehearsals,
    roll_changes,
    rolls,
    rules,
    sendings,
    tallies,
    timetables,
    votes,
    windows,
)

ROUTERS = [
    votes.router,
    rules.router,
    windows.router,
    timetables.router,
    rolls.router,
    roll_changes.router,
    exclusions.router,
    tallies.router,
    decisions.router,
    campaigns.router,
    sendings.router,
    announcements.router,
    rehearsals.router,
]

"""Rosters for tests: parsed lists, and what an organiser does with them."""

from accounts.actors import Actor
from conferences.models import RosterEntry
from conferences.roster import actions
from conferences.roster.planning import plan_import
from conferences.roster.reading import read_text

BY_COMMAND = Actor.of_command()


def listing(text):
    return read_text(text, "pasted list")


def imported(conference, text, **options):
    options = {"by": BY_COMMAND} | options
    return actions.import_roster(conference=conference, listing=listing(text), **options)


def plan(conference, text):
    return plan_import(conference=conference, listing=listing(text))


def make_entry(conference, email="ada@example.org", *, name="", reference="", by=BY_COMMAND):
    entry, _added = actions.add_entry(
        conference=conference, email=email, name=name, reference=reference, by=by
    )
    return entry


def roster_of(conference):
    return list(RosterEntry.objects.filter(conference=conference))

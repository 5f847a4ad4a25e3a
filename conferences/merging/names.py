"""What two conferences that are merged are called: most duplicates have the same title."""

from conferences.models import Conference, ConferenceChange

Named = tuple[str, str]


def have_same_title(one: Named, two: Named) -> bool:
    return one[0].casefold() == two[0].casefold()


def told_apart(one: Named, two: Named) -> tuple[str, str]:
    """Each title, with its web address if both are the same."""
    if not have_same_title(one, two):
        return one[0], two[0]
    return f"{one[0]} ({one[1]})", f"{two[0]} ({two[1]})"


def named(conference: Conference) -> Named:
    return conference.title, conference.slug


def duplicate_of(change: ConferenceChange) -> Named:
    return change.before["title"], change.before["slug"]

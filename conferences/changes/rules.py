"""Why an act on a published conference is refused, in words; empty if it is not."""

from django.utils.translation import gettext as _

from confbox.kit.coded import coded
from conferences.changes.dates import dates_of
from conferences.date_rules import refusals_of_dates
from conferences.local_times import in_zone
from conferences.models import Conference, ConferenceChange

# The acts that a second person can have to confirm: they also end an open vote, or let it go on.
CANCELLING = "cancelling"
REINSTATING = "reinstating"


def why_not_to_publish(conference: Conference) -> str:
    if conference.status == Conference.Status.ACTIVE:
        return _("This conference is published already.")
    if conference.is_cancelled:
        return coded(
            "conference_cancelled",
            _("This conference is cancelled. If it takes place after all, say so first."),
        )
    return "" if conference.has_dates else _("Please set the dates of the conference first.")


def why_not_to_cancel(conference: Conference) -> str:
    if conference.is_cancelled:
        return coded("conference_cancelled", _("This conference is already cancelled."))
    if conference.status == Conference.Status.DRAFT:
        return _("This conference is a draft that only its team sees, so there is nothing to cancel.")
    if conference.status == Conference.Status.INACTIVE:
        return _("This conference is off the site. Publish it first, so that members can read about it.")
    return (
        coded("conference_over", _("This conference is over, so it can no longer be cancelled."))
        if conference.is_over()
        else ""
    )


def why_not_to_reinstate(conference: Conference) -> str:
    if not conference.is_cancelled:
        return _("This conference is not cancelled.")
    if conference.starts_at > conference.now:
        return ""
    starts = in_zone(conference, conference.starts_at)
    return _(
        "This conference was due to start on %(time)s, so cancelling it can no longer be undone. To hold it "
        "at another time, copy it."
    ) % {"time": starts}


def why_not_to_move(conference: Conference) -> str:
    if conference.is_cancelled:
        return coded(
            "conference_cancelled",
            _("This conference is cancelled. If it takes place after all, say so first."),
        )
    if conference.status != Conference.Status.ACTIVE:
        return _("This conference is not published, so you can change its dates on its form.")
    return (
        coded("conference_over", _("This conference is over, so it can no longer be moved."))
        if conference.is_over()
        else ""
    )


def refusals_of_move(conference: Conference, before: dict[str, str]) -> dict[str, str]:
    """What is wrong with the dates that this conference is to have, by the names of the fields."""
    if dates_of(conference) == before:
        return {"starts_at": _("The conference is at this time and place already, so nothing was changed.")}
    if conference.ends_at <= conference.now:
        return {"ends_at": _("This time has passed. Please check the date.")}
    found = refusals_of_dates(
        starts_at=conference.starts_at,
        ends_at=conference.ends_at,
        closes_at=conference.election.closes_at,
        now=conference.now,
        zone=conference.zone,
    )
    return {name if name in before else "ends_at": sentence for name, sentence in found.items()}


def why_not_to_unpublish(conference: Conference) -> str:
    if conference.is_cancelled:
        return coded(
            "conference_cancelled",
            _("This conference is cancelled. Its page stays, so that people can read that it is."),
        )
    if conference.status == Conference.Status.DRAFT:
        return _("This conference is a draft that only its team sees.")
    is_off = conference.status == Conference.Status.INACTIVE
    return _("This conference is off the site already.") if is_off else ""


def was_taken_off(conference: Conference) -> bool:
    """Whether the last that members heard of it is that it was taken off the site."""
    last = ConferenceChange.objects.filter(conference=conference).order_by("pk").last()
    return last is not None and last.act == ConferenceChange.Act.UNPUBLISHED

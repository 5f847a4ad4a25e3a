"""Why a conference cannot be cancelled, or take place after all, in words; empty if it can."""

from django.utils.translation import gettext as _

from conferences.local_times import in_zone
from conferences.models import Conference


def why_not_to_cancel(conference: Conference) -> str:
    if conference.is_cancelled:
        return _("This conference is already cancelled.")
    if conference.status == Conference.Status.DRAFT:
        return _("This conference is a draft that only its team sees, so there is nothing to cancel.")
    if conference.status == Conference.Status.INACTIVE:
        return _("This conference is off the site. Publish it first, so that members can read about it.")
    return _("This conference is over, so it can no longer be cancelled.") if conference.is_over() else ""


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

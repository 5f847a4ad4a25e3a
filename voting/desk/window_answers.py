"""Messages after an organiser has changed the window of an open vote."""

from django.contrib import messages
from django.utils.translation import gettext as _

from accounts.requests import PersonRequest
from conferences.local_times import in_zone
from conferences.models import Conference
from voting.elections.models import WindowChange


def say_what_changed(request: PersonRequest, conference: Conference, change: WindowChange) -> None:
    if change.act == WindowChange.Act.CLOSED:
        messages.success(request, _("Voting is closed. The count is final. All members are notified."))
    else:
        new = in_zone(conference, change.closes_at)
        said = _("The deadline has been moved: voting closes on %(time)s. All members are notified.")
        messages.success(request, said % {"time": new})

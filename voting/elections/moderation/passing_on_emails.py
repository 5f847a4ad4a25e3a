from collections.abc import Collection

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import has_site_permission
from accounts.removal import REMOVE
from conferences.models import Conference
from voting.elections.moderation.emails import send_to

PASSED_ON = "admin:conferences_passed_on"


def ask_site_organisers(conference: Conference, *, but: Collection[User | None]) -> None:
    """It contains nothing that a member has written, and names no one."""
    left_out = [person.pk for person in but if person]
    staff = User.objects.active().filter(is_staff=True).exclude(pk__in=left_out).order_by("pk")
    subject = _("A report was passed on to you from %(conference)s")
    for person in staff:
        if has_site_permission(person, REMOVE):
            send_to(person, conference, "report_passed_on", subject, path=reverse(PASSED_ON))

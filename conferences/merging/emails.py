"""Each email is written in the language of its recipient."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.languages import language_of
from accounts.models import User
from confbox.kit.email_sending import send_email
from conferences.contact import conference_email, load_contact
from conferences.merging.people import Merge
from conferences.models import TeamMember


def notify_former_team(merge: Merge, *, by: User | None) -> None:
    """Those whose role ends with the duplicate, unless they have one in the team of the one that stays."""
    kept = set(TeamMember.objects.running(merge.stays).values_list("person", flat=True))
    team = TeamMember.objects.filter(conference=merge.duplicate).select_related("person")
    load_contact(merge.stays)
    for member in team.order_by("pk"):
        if member.person != by and member.person_id not in kept:
            _notify(merge, member.person, by)


def _notify(merge: Merge, person: User, by: User | None) -> None:
    url = settings.SITE_URL + merge.stays.get_absolute_url()
    context = merge.names(person=person, by=by, url=url)
    with override(language_of(person)):
        subject = _("%(duplicate)s has been merged into %(stays)s") % merge.names()
        text = render_to_string("conferences/teams/emails/merged.txt", context)
        send_email(conference_email(merge.stays, subject=subject, text=text, to=person.email))

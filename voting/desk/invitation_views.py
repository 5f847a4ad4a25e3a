"""What organisers do for one person on the roster."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.outcomes import Change
from conferences.roster.access import READ, conference_or_refuse, entry_or_404, roster_url
from voting.campaigns.invitations.actions import resend_invitation
from voting.desk.campaign_access import INVITE


@require_POST
def send_to_one(request: PersonRequest, conference_id: int, entry_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, conference_id, INVITE)
    if not request.user.has_perm(READ, conference):
        raise PermissionDenied
    entry = entry_or_404(conference, entry_id)
    try:
        if resend_invitation(entry=entry, by=actor_of(request)) is Change.MADE:
            messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": entry})
        else:
            messages.info(request, _("The invitation to %(email)s is waiting to be sent.") % {"email": entry})
    except ValidationError as refusal:
        messages.error(request, refusal.message)
    return redirect(roster_url(request, conference))

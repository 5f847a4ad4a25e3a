from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.form_pages import form_is_on
from conferences.views import own_membership
from voting.elections.moderation import hiding


@form_is_on("pitch")
@require_POST
def ask_to_show_pitch(request: PersonRequest, slug: str) -> HttpResponse:
    membership = own_membership(request, slug)
    hiding.ask_to_show_pitch(membership=membership, by=actor_of(request))
    if membership.is_pitch_hidden:
        messages.success(request, _("The organisers have been asked to look at your pitch again."))
    else:
        messages.info(request, _("Your pitch is shown to the other members."))
    return redirect("member", slug, membership.pk)

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.actors import actor_of
from accounts.linked_addresses import unlink_address
from accounts.models import LinkedAddress
from accounts.requests import PersonRequest
from confbox.kit.form_pages import form_is_on


@form_is_on("account_email")
@require_POST
def unlink(request: PersonRequest, linked_id: int) -> HttpResponse:
    linked = get_object_or_404(LinkedAddress, pk=linked_id, user=request.user)
    unlink_address(linked=linked, by=actor_of(request))
    messages.success(request, _("%(email)s is no longer linked to your account.") % {"email": linked})
    return redirect("account_email")

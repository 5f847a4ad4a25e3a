"""A page of the admin for organisers of the site: takes parts off the profile of a person."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import removal
from accounts.actors import actor_of
from accounts.forms import RemovalForm
from accounts.models import User
from accounts.permissions import has_site_permission
from accounts.profile_parts import parts_of
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, posted, way_back
from confbox.kit.outcomes import Change


@asking
def remove_from_profile(request: PersonRequest, pk: int) -> HttpResponse:
    """Shows what can be removed. `next` is the page that leads here."""
    if not has_site_permission(request.user, removal.REMOVE):
        raise PermissionDenied
    require_fresh_log_in(request)
    person = get_object_or_404(User.objects.real(), pk=pk)
    form = RemovalForm(posted(request))
    back = way_back(request, reverse("admin:accounts_user_change", args=[pk]))
    if form.is_bound and form.is_valid() and _remove(request, person, form):
        return redirect(back)
    context = admin.site.each_context(request) | {
        "opts": User._meta,
        "title": _("Remove from the profile of %(name)s") % {"name": person},
        "person": person,
        "parts": parts_of(person),
        "form": form,
        "next": back,
    }
    return TemplateResponse(request, "admin/accounts/user/removal.html", context)


def _remove(request: PersonRequest, person: User, form: RemovalForm) -> bool:
    try:
        done = removal.remove_from_profile(user=person, by=actor_of(request), **form.cleaned_data)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    if done is Change.MADE:
        messages.success(request, _("Removed from the profile of %(name)s.") % {"name": person})
    else:
        messages.warning(request, _("This was removed already, so nothing was changed."))
    return True

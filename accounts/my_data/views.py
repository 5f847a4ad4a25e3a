from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.actors import actor_of
from accounts.downloads import download_from
from accounts.my_data import actions
from accounts.my_data.export import everything_about
from accounts.my_data.forms import DeletionForm
from accounts.my_data.parts import PARTS
from accounts.reauthentication import fresh_log_in_required
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking
from confbox.kit.limits import Limit, is_heavy

EXPORTS = Limit("exports of one's data", person="20/h")


@require_safe
def my_data(request: PersonRequest) -> HttpResponse:
    return render(request, "accounts/my_data/my_data.html")


@download_from(lambda *_: reverse("my-data"))
@require_safe
@never_cache
@fresh_log_in_required
@is_heavy(EXPORTS)
def export_my_data(request: PersonRequest) -> HttpResponse:
    response = JsonResponse(everything_about(request.user), json_dumps_params={"indent": 2})
    name = f"my-data-{timezone.now():%Y-%m-%d}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@asking
@never_cache
@fresh_log_in_required
def delete_account(request: PersonRequest) -> HttpResponse:
    form = DeletionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.delete_account(by=actor_of(request))
            logout(request)
            messages.success(request, _("Your account has been deleted. Thank you for taking part."))
            return redirect("conferences")
        except ValidationError as refusal:
            form.add_error(None, refusal)
    consequences = actions.consequences_of_deletion(user=request.user)
    context = {"form": form, "parts": PARTS, "consequences": consequences}
    return render(request, "accounts/my_data/delete_account.html", context)

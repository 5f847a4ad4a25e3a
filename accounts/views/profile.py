from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import actions
from accounts.actors import actor_of
from accounts.forms import PictureForm, PreferencesForm, ProfileForm
from accounts.models import User
from accounts.pictures import UPLOADS, remove_picture, set_picture
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking
from confbox.kit.limit_pages import with_limit
from confbox.kit.limits import LimitReached, heavy_work
from confbox.kit.outcomes import Change


@asking
def edit_profile(request: PersonRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        actions.change_own_account(columns=form.cleaned_data, by=actor_of(request))
        messages.success(request, _("Your profile is saved."))
        return redirect("edit-profile")
    return render(request, "accounts/profile.html", {"form": form, "picture_form": PictureForm()})


@require_POST
def change_picture(request: PersonRequest) -> HttpResponse:
    form = PictureForm(request.POST, request.FILES)
    if not form.is_valid():
        return _picture_page(request, form)
    try:
        with heavy_work(UPLOADS, request):
            set_picture(upload=form.cleaned_data["picture"], by=actor_of(request))
        messages.success(request, _("Your picture is saved."))
        return redirect("edit-profile")
    except LimitReached as reached:
        form.add_error("picture", reached)
        return with_limit(_picture_page(request, form), reached)
    except ValidationError as refusal:
        form.add_error("picture", refusal)
        return _picture_page(request, form)


def _picture_page(request: PersonRequest, form: PictureForm) -> HttpResponse:
    context = {"form": ProfileForm(instance=request.user), "picture_form": form}
    return render(request, "accounts/profile.html", context)


@require_POST
def drop_picture(request: PersonRequest) -> HttpResponse:
    if remove_picture(by=actor_of(request)) is Change.MADE:
        messages.success(request, _("Your picture has been removed."))
    return redirect("edit-profile")


@asking
def preferences(request: PersonRequest) -> HttpResponse:
    form = PreferencesForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        actions.change_own_account(columns=form.cleaned_data, by=actor_of(request))
        with override(form.instance.language or get_language()):
            messages.success(request, _("Your settings are saved."))
        return redirect("preferences")
    return render(request, "accounts/preferences.html", {"form": form})


@login_not_required
@require_safe
def picture(request: HttpRequest, name: str) -> FileResponse:
    """Serves a picture if there is no web server in front that does.

    The URL only matches our own file names.
    """
    try:
        response = FileResponse(default_storage.open(f"pictures/{name}"), content_type="image/webp")
    except FileNotFoundError:
        raise Http404 from None
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response

"""Shows what was typed into a form that could not be processed, to be sent again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.form_recovery import came_from_here, form_to_save, saved_form
from accounts.requests import PersonRequest


@never_cache
@require_safe
def recover_form(request: PersonRequest) -> HttpResponse:
    """Shown after log-in to a person who was logged out while typing."""
    form = saved_form(request)
    if form is None:
        return redirect("conferences")
    return render(request, "accounts/form_recovery.html", {"saved": form})


def refuse_forged_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuses a form without a valid token; a form of our own gets its text back."""
    form = form_to_save(request) if came_from_here(request) else None
    response = render(request, "403_csrf.html", {"saved": form, "path": request.path}, status=403)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def refuse_without_permission(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A form gets its text back: its sender may have lost the permission while they were typing."""
    context = {"saved": form_to_save(request), "was_sent": request.method == "POST", "path": request.path}
    response = render(request, "403.html", context, status=403)
    response.headers["Cache-Control"] = "private, no-store"
    return response

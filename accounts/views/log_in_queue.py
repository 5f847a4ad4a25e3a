"""In which line before the log-in form nginx puts a network; see `deploy/nginx/log-ins.conf`."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.devices import is_device
from accounts.password_attempts import is_suspect, network_of


@login_not_required
@require_safe
def log_in_queue(request: HttpRequest) -> HttpResponse:
    """nginx alone can ask. People wait together, and networks that send wrong passwords apart from them."""
    suspects = "device" if is_device(request) else "suspects"
    answer = HttpResponse(status=204)
    answer["X-Login-Queue"] = suspects if is_suspect(network_of(request)) else "people"
    return answer

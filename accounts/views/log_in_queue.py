"""Tells nginx in which queue before the log-in form a network waits; see `deploy/nginx/log-ins.conf`."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.devices import is_device
from accounts.password_attempts import is_suspect, network_of


@login_not_required
@require_safe
def log_in_queue(request: HttpRequest) -> HttpResponse:
    """Only nginx can ask. Networks that send wrong passwords wait apart from everyone else."""
    suspects = "device" if is_device(request) else "suspects"
    answer = HttpResponse(status=204)
    answer["X-Login-Queue"] = suspects if is_suspect(network_of(request)) else "people"
    return answer

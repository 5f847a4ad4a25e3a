from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST


@csrf_exempt
@login_not_required
@require_POST
def take_events(request: HttpRequest) -> HttpResponse:
    """What the email provider reports of emails; its secret replaces log-in and CSRF token."""
    if not settings.BOUNCE_WEBHOOK:
        raise Http404
    # A library that a site without such a provider does without.
    from voting.campaigns.bounces import providers  # noqa: PLC0415

    return providers.take_events(request)

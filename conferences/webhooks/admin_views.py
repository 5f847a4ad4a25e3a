"""The webhooks of a conference or series: what they are notified of, and the log of what was sent."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, posted
from confbox.kit.limits import Limit, count_use
from confbox.kit.outcomes import Change
from confbox.kit.pagination import page_of
from conferences.outbox.models import WebhookMessage
from conferences.webhooks import actions
from conferences.webhooks.access import (
    endpoint_of,
    keep_to_show_once,
    message_of,
    page,
    scope_of,
    secret_to_show,
)
from conferences.webhooks.forms import ActForm, WebhookForm
from conferences.webhooks.links import Scope, url_of, url_of_list
from conferences.webhooks.panels import attempts_of, log_of, shown, shown_endpoints, shown_message

MESSAGES_PER_PAGE = 30
TESTS = Limit("messages to webhooks", person="60/h")
SAVED = gettext_lazy("Saved.")
SWITCHED_ON = gettext_lazy("It is switched on. What happens from now on is sent.")
SWITCHED_OFF = gettext_lazy("It is switched off. Nothing is sent until you switch it on again.")
LEFT_OUT = gettext_lazy("It is left out. What was waiting for it is sent now.")


def _say(request: PersonRequest, changed: Change, done: str | Promise) -> None:
    messages.success(request, str(done) if changed is Change.MADE else _("Nothing was changed."))


@asking
def webhooks(request: PersonRequest, pk: int, model: type[Scope]) -> HttpResponse:
    scope = scope_of(request, model, pk)
    form = WebhookForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            added, secret = actions.add_endpoint(scope=scope, by=actor_of(request), **form.cleaned_data)
            if added.is_for_programs:
                keep_to_show_once(request, added, secret)
            messages.success(request, _("The webhook is added. Send a test to see whether it arrives."))
            return redirect(url_of(scope, "one", added.pk))
        except ValidationError as refusal:
            form.add_error(None, refusal)
    return page(request, scope, "webhooks", form=form, endpoints=shown_endpoints(scope), most=actions.MOST)


@require_safe
def webhook(request: PersonRequest, pk: int, hook_id: int, model: type[Scope]) -> HttpResponse:
    """With its secret, right after that was made."""
    scope = scope_of(request, model, pk)
    endpoint = endpoint_of(scope, hook_id)
    found = page_of(request, log_of(endpoint), MESSAGES_PER_PAGE)
    return page(
        request,
        scope,
        "webhook",
        shown=shown(endpoint),
        endpoint=endpoint,
        secret=secret_to_show(request, endpoint),
        page=found,
        messages_sent=[shown_message(message, endpoint) for message in found],
        urls={
            name: url_of(scope, name, endpoint.pk)
            for name in ("change", "secret", "test", "switch", "delete")
        },
    )


@asking
def change(request: PersonRequest, pk: int, hook_id: int, model: type[Scope]) -> HttpResponse:
    scope = scope_of(request, model, pk)
    endpoint = endpoint_of(scope, hook_id)
    form = WebhookForm(posted(request), endpoint=endpoint)
    if form.is_bound and form.is_valid():
        try:
            changed = actions.change_endpoint(endpoint=endpoint, by=actor_of(request), **form.cleaned_data)
            _say(request, changed, SAVED)
            return redirect(url_of(scope, "one", endpoint.pk))
        except ValidationError as refusal:
            form.add_error(None, refusal)
    return page(
        request, scope, "change", form=form, endpoint=endpoint, one_url=url_of(scope, "one", endpoint.pk)
    )


@asking
def secret(request: PersonRequest, pk: int, hook_id: int, model: type[Scope]) -> HttpResponse:
    """Replaces it."""
    scope = scope_of(request, model, pk)
    endpoint = endpoint_of(scope, hook_id)
    one_url = url_of(scope, "one", endpoint.pk)
    if request.method != "POST":
        return page(request, scope, "secret", endpoint=endpoint, one_url=one_url)
    keep_to_show_once(request, endpoint, actions.change_secret(endpoint=endpoint, by=actor_of(request)))
    return redirect(one_url)


@require_POST
def test(request: PersonRequest, pk: int, hook_id: int, model: type[Scope]) -> HttpResponse:
    scope = scope_of(request, model, pk)
    endpoint = endpoint_of(scope, hook_id)
    try:
        count_use(TESTS, request)
        actions.send_test(endpoint=endpoint, by=actor_of(request))
        messages.success(request, _("The test is on its way. Load this page again to see what is answered."))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect(url_of(scope, "one", endpoint.pk))


@require_POST
def switch(request: PersonRequest, pk: int, hook_id: int, model: type[Scope]) -> HttpResponse:
    """To the state that the button names, so that the same request twice does the same."""
    scope = scope_of(request, model, pk)
    endpoint = endpoint_of(scope, hook_id)
    is_on = request.POST.get("to") == "on"
    verb, done = (actions.switch_on, SWITCHED_ON) if is_on else (actions.switch_off, SWITCHED_OFF)
    _say(request, verb(endpoint=endpoint, by=actor_of(request)), done)
    return redirect(url_of(scope, "one", endpoint.pk))


@asking
def delete(request: PersonRequest, pk: int, hook_id: int, model: type[Scope]) -> HttpResponse:
    scope = scope_of(request, model, pk)
    endpoint = endpoint_of(scope, hook_id)
    if request.method != "POST":
        one_url = url_of(scope, "one", endpoint.pk)
        return page(request, scope, "delete", endpoint=endpoint, one_url=one_url)
    actions.delete_endpoint(endpoint=endpoint, by=actor_of(request))
    messages.success(request, _("The webhook is deleted."))
    return redirect(url_of_list(scope))


@asking
def message(request: PersonRequest, pk: int, message_id: int, model: type[Scope]) -> HttpResponse:
    """What was sent, and what was answered."""
    scope = scope_of(request, model, pk)
    found = message_of(scope, message_id)
    endpoint = found.endpoint
    form = ActForm(posted(request))
    if form.is_bound and form.is_valid():
        _decide(request, found, form.cleaned_data["act"])
        return redirect(request.path)
    return page(
        request,
        scope,
        "message",
        shown=shown_message(found, endpoint),
        endpoint=endpoint,
        attempts=attempts_of(found),
        one_url=url_of(scope, "one", endpoint.pk),
    )


def _decide(request: PersonRequest, found: WebhookMessage, act: str) -> None:
    try:
        if act == ActForm.SKIP:
            _say(request, actions.skip_message(message=found, by=actor_of(request)), LEFT_OUT)
            return
        count_use(TESTS, request)
        actions.send_again(message=found, by=actor_of(request))
        messages.success(request, _("It is on its way. Load this page again to see what is answered."))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])

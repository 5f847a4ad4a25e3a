"""One log line for each log-in, second factor, wrong code and refusal: who, from where, with what outcome.

A line contains IDs, our own words and a network (/24 or /48). It never contains a password, a code, an
email address or a path that was typed: an unknown email address may be a password typed into the wrong
field.
"""

import logging
from collections.abc import Callable
from typing import Any

from allauth.account import signals as account_signals
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa import signals as mfa_signals
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from confbox.kit.ip_addresses import client_network

logger = logging.getLogger("security")
REFUSED = {401, 403, 429}


def log_event(
    request: HttpRequest, event: str, outcome: str, *, account: int | None = None, **facts: Any
) -> None:
    """Logs success at level info and everything else as a warning."""
    known = {"event": event, "outcome": outcome, "account": account or "-"}
    known |= {"network": client_network(request) or "-"} | facts
    line = " ".join(f"{name}={value}" for name, value in known.items())
    logger.log(logging.INFO if outcome == "ok" else logging.WARNING, line)


def log_failed_log_in(request: HttpRequest, email: str, outcome: str) -> None:
    """The lookup costs the same whether or not there is an account with this email address."""
    account = User.objects.filter(email=email).values_list("pk", flat=True).first()
    log_event(request, "log-in", outcome, account=account)


def log_failed_code(request: HttpRequest, purpose: str, email: str) -> None:
    """Logs an emailed code that was wrong or had expired, with the account if there is one."""
    account = User.objects.filter(email=email).values_list("pk", flat=True).first()
    log_event(request, "code", "failed", account=account, purpose=purpose)


class LogRefusals:
    """Writes a line for each refusal: no permission, invalid form, too many tries."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in REFUSED:
            match = request.resolver_match
            facts = {"status": response.status_code, "method": _method(request)}
            facts["route"] = match.route.replace(" ", "") if match else "-"
            log_event(request, "access", "refused", account=_account(request), **facts)
        return response


def _method(request: HttpRequest) -> str:
    """One of the known methods: a client may send anything."""
    known = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
    return request.method if request.method in known else "other"


def _account(request: HttpRequest) -> int | None:
    """Missing if the request was refused before the session was read."""
    return request.user.pk if hasattr(request, "user") else None


def _on_log_in(*, request: HttpRequest, user: User, **_more: Any) -> None:
    methods = {record.get("type") or record["method"] for record in get_authentication_records(request, user)}
    log_event(request, "log-in", "ok", account=user.pk, methods="+".join(sorted(methods)) or "-")


def _on_log_out(*, request: HttpRequest, user: User | None, **_more: Any) -> None:
    log_event(request, "log-out", "ok", account=user.pk if user else None)


def _on_step(*, request: HttpRequest, user: User, method: str, **facts: Any) -> None:
    if facts.get("reauthenticated"):
        log_event(request, "re-authentication", "ok", account=user.pk, method=facts.get("type") or method)


def _on_failed_factor(*, request: HttpRequest, user: User, authenticator: Any, **_more: Any) -> None:
    log_event(request, "second-factor", "failed", account=user.pk, method=authenticator.type)


def _logs(event: str) -> Callable[..., None]:
    def log(*, request: HttpRequest, user: User, **_more: Any) -> None:
        log_event(request, event, "ok", account=user.pk)

    return log


CHANGES: dict[Signal, Callable[..., None]] = {
    account_signals.password_changed: _logs("password-change"),
    account_signals.password_set: _logs("password-change"),
    account_signals.password_reset: _logs("password-reset"),
    account_signals.email_changed: _logs("address-change"),
    mfa_signals.authenticator_added: _logs("second-factor-added"),
    mfa_signals.authenticator_removed: _logs("second-factor-removed"),
    mfa_signals.authenticator_reset: _logs("second-factor-renewed"),
}


def listen() -> None:
    """Django and allauth announce what happens to accounts with signals."""
    user_logged_in.connect(_on_log_in)
    user_logged_out.connect(_on_log_out)
    account_signals.authentication_step_completed.connect(_on_step)
    mfa_signals.authentication_failed.connect(_on_failed_factor)
    for signal, log in CHANGES.items():
        signal.connect(log)

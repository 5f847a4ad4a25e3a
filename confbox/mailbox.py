"""The demo's mailbox: emails that were written to files instead of being sent.

Has URLs only if `MAILBOX` is on, never in production.
"""

import email
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import enrolment
from accounts.codes import EmailedCode
from accounts.providers import identities
from accounts.views import code_again, log_in_code, reset, signup
from confbox.kit.email_pages import email_page

SHOWN = 50
CODE_PAGES = {
    signup.PURPOSE: "confirm-signup",
    reset.PURPOSE: "account_confirm_password_reset_code",
    log_in_code.PURPOSE: "confirm-log-in-code",
    code_again.PURPOSE: "reauthenticate-by-code",
    **({identities.PURPOSE: "confirm-provider"} if settings.LOGIN_PROVIDERS else {}),
    enrolment.PURPOSE: "confirm-enrolment",
}


@login_not_required
@require_safe
def emails(request: HttpRequest) -> HttpResponse:
    return render(
        request, "mailbox/emails.html", {"emails": newest_emails(), "code_page": code_page(request)}
    )


@login_not_required
@require_safe
def read_email(request: HttpRequest, name: str) -> HttpResponse:
    """As HTML in a frame, or with `?part=text` as plain text, as the recipient can read either."""
    message = _find(name)
    has_html = bool(part_of(message, "html"))
    context = {
        "name": name,
        "message": message,
        "text": part_of(message, "plain"),
        "has_html": has_html,
        "as_text": not has_html or request.GET.get("part") == "text",
        "attachments": [each.get_filename() for each in message.iter_attachments()],
        "reply_to": message["Reply-To"],
        "sent_at": sent_at(message),
        "code_page": code_page(request),
    }
    return render(request, "mailbox/email.html", context)


@login_not_required
@require_safe
def email_html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part, for the frame: no script runs there, and its links open in the tab around it."""
    html = part_of(_find(name), "html")
    if not html:
        raise Http404
    return email_page(html, links_leave=True)


def newest_emails() -> list[dict[str, Any]]:
    newest = {f.stem: _read(f) for f in sorted(_files(), reverse=True)[:SHOWN]}
    return [{"name": name, "message": m, "sent_at": sent_at(m)} for name, m in newest.items()]


def code_page(request: HttpRequest) -> str:
    """Where this browser can enter the code of a sign-up or reset; empty if none is in progress."""
    codes = {page: EmailedCode(request.session, purpose) for purpose, page in CODE_PAGES.items()}
    under_way = [page for page, code in codes.items() if code.state]
    newest = max(under_way, key=lambda page: codes[page].ends_at, default="")
    return newest and reverse(newest)


def sent_at(message: EmailMessage) -> datetime | None:
    """Django writes UTC as “-0000”, which is parsed as a time without a zone."""
    when = message["Date"].datetime if message["Date"] else None
    return when.replace(tzinfo=UTC) if when and when.tzinfo is None else when


def part_of(message: EmailMessage, kind: str) -> str:
    """The text of its HTML or its plain part; empty if it has none."""
    body = message.get_body((kind,))
    return str(body.get_content()) if body else ""


def _find(name: str) -> EmailMessage:
    for file in _files():
        if file.stem == name:
            return _read(file)
    raise Http404


def _files() -> list[Path]:
    return list(Path(settings.EMAIL_FILE_PATH).glob("[!.]*.eml"))


def _read(file: Path) -> EmailMessage:
    return email.message_from_bytes(file.read_bytes(), policy=default)

"""The demonstration's mailbox: mails that were written to files instead of being sent.

Wired only where `MAILBOX` is on, never in production.
"""

import email
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

SHOWN = 50


@login_not_required
@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    return render(request, "mailbox/mails.html", {"mails": newest_mails()})


@login_not_required
@require_safe
def mail(request: HttpRequest, name: str) -> HttpResponse:
    for file in _files():
        if file.stem == name:
            message = _read(file)
            return render(request, "mailbox/mail.html", {"message": message, "text": text_of(message)})
    raise Http404


def newest_mails() -> list[dict[str, Any]]:
    return [{"name": f.stem, "message": _read(f)} for f in sorted(_files(), reverse=True)[:SHOWN]]


def text_of(message: EmailMessage) -> str:
    """What a person reads without HTML, which could do harm here and is never shown."""
    body = message.get_body(("plain",))
    return str(body.get_content()) if body else ""


def _files() -> list[Path]:
    return list(Path(settings.EMAIL_FILE_PATH).glob("[!.]*.eml"))


def _read(file: Path) -> EmailMessage:
    return email.message_from_bytes(file.read_bytes(), policy=default)

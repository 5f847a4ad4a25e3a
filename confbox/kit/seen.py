"""The version of what a page shows, which its form sends back: nothing is done on an old page."""

import json
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

FIELD = "seen"


class Outdated(ValidationError):
    """The page was opened before the last change."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, code="outdated")


def version_of(*facts: object) -> str:
    return sha256(json.dumps(facts, default=str, sort_keys=True).encode()).hexdigest()[:32]


def seen_in(request: HttpRequest) -> str:
    """What the form on the page sent back; empty if it has no such field."""
    return request.POST.get(FIELD, "")


def refuse_outdated(seen: str, now: str, words: str = "") -> None:
    """Raises Outdated if the version has changed. Empty: the act was not confirmed on a page."""
    if seen and seen != now:
        raise Outdated(
            words
            or _("This has changed since you opened this page, so nothing was done. Please read it again.")
        )

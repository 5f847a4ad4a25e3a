"""The message after an act that may have had to wait for a second person."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from conferences.consent.acts import ACTS
from conferences.local_times import in_zone
from conferences.models import ConsentRequest


def is_asked(request: HttpRequest, outcome: object) -> bool:
    """Whether a second person was asked instead; if so, the next page says it."""
    if isinstance(outcome, ConsentRequest):
        say_asked(request, outcome)
        return True
    return False


def say_asked(request: HttpRequest, asked: ConsentRequest) -> None:
    facts = {"time": in_zone(asked.conference, asked.expires_at)}
    said = _(
        "Those who may confirm it have been asked by email. Nothing changes until one of them does, until "
        "%(time)s at the latest."
    )
    if meanwhile := ACTS[asked.act].meanwhile(asked.conference, asked.payload):
        said = _(
            "Those who may confirm it have been asked by email, and can do so until %(time)s. %(meanwhile)s"
        )
        facts["meanwhile"] = meanwhile
    messages.success(request, said % facts)

"""Wrong join codes are counted, so that no one finds a code by trying."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.security_log import log_event
from confbox.kit.limits import Limit, count_use, refuse_if_used_up
from conferences.admission.codes import UNKNOWN_CODE

# Counted apart from each other: strangers who try codes must not keep a hall full of people from joining.
OF_PEOPLE = Limit("wrong join codes", person="20/h", network="1200/h")
OF_STRANGERS = Limit("wrong join codes of strangers", network="600/h")


@contextmanager
def counting_guesses(request: HttpRequest) -> Iterator[None]:
    """Counts a code that does not exist; what cannot be a code, or has ended, is no guess.

    Raises:
        LimitReached: too many were wrong. Then none is looked up.
    """
    limit = OF_PEOPLE if request.user.is_authenticated else OF_STRANGERS
    refuse_if_used_up(limit, request)
    try:
        yield
    except ValidationError as refusal:
        # Those of a form, by field, have none.
        if getattr(refusal, "code", None) == UNKNOWN_CODE:
            count_use(limit, request)
            log_event(request, "join-code", "failed", account=request.user.pk)
        raise

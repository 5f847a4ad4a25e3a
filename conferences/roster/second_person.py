"""Where a second person has to confirm whom the roster loses, several people are not removed at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from conferences.consent.acts import ConsentNeeded


@contextmanager
def refusing_several() -> Iterator[None]:
    try:
        yield
    except ConsentNeeded:
        raise ValidationError(
            _(
                "Nothing was imported: people who are missing from this list are on the list of "
                "voters, and a second person has to confirm each removal. Import the list without "
                "removing anyone, then remove them one by one on the page of the roster."
            ),
            code="second_person_needed",
        ) from None

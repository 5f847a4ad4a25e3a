"""To whom an email goes: a member, or an address on the roster that may not belong to an account."""

from dataclasses import dataclass

from django.conf import settings

from accounts.languages import language_of
from accounts.models import User
from conferences.models import Membership, RosterEntry
from voting.campaigns.tokens import invitation_url, notices_url, unsubscribe_url

# Shown in a preview in place of the recipient's own links.
DEAD_UNSUBSCRIBE_URL = "https://preview.invalid/unsubscribe"
DEAD_INVITATION_URL = "https://preview.invalid/invitation"


@dataclass(frozen=True)
class Addressee:
    name: str
    email: str
    language: str
    unsubscribe_url: str
    # Where the button leads, for kinds of which each recipient has a link of their own.
    own_url: str = ""
    # Decides the order of the pitches.
    number: int = 0


def addressee_of(recipient: Membership | RosterEntry, *, is_notice: bool) -> Addressee:
    """The link of a notice switches off the emails about one's conferences, and any other one the campaigns.

    An address on the roster has one switch for all.
    """
    if isinstance(recipient, RosterEntry):
        return Addressee(
            recipient.name,
            recipient.mailbox,
            settings.LANGUAGE_CODE,
            unsubscribe_url(recipient),
            own_url=invitation_url(recipient),
        )
    person = recipient.user
    url = notices_url(recipient) if is_notice else unsubscribe_url(recipient)
    return Addressee(person.name, person.email, language_of(person), url, number=recipient.pk)


def viewer_as_addressee(viewer: User) -> Addressee:
    """The person who looks at a preview, without links that do anything."""
    return Addressee(
        viewer.name,
        viewer.email,
        language_of(viewer),
        DEAD_UNSUBSCRIBE_URL,
        own_url=DEAD_INVITATION_URL,
    )

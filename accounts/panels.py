"""What the page to change an email address shows of the addresses of an account."""

from collections.abc import Callable

from allauth.account.models import EmailAddress

from accounts.models import User
from confbox.kit.panels import Panel

ADDRESS_PANEL = "account/address_panel"
# Other apps register here what the person has to know of their address.
NOTES_ON_ADDRESS: list[Callable[[User], Panel | None]] = []


def address_panel(*, current: EmailAddress | None, new: EmailAddress | None) -> Panel:
    """`current` is confirmed; `new` waits for its code. An account has one of them, or both."""
    state = "confirmed" if current else "unconfirmed"
    return Panel(ADDRESS_PANEL, "changing" if current and new else state, {"current": current, "new": new})


def notes_on_address(person: User) -> list[Panel]:
    return [note for of in NOTES_ON_ADDRESS if (note := of(person))]

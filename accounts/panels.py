"""What the page to change an email address shows of the addresses of an account."""

from allauth.account.models import EmailAddress

from confbox.kit.panels import Panel

ADDRESS_PANEL = "account/address_panel"


def address_panel(*, current: EmailAddress | None, new: EmailAddress | None) -> Panel:
    """`current` is confirmed; `new` waits for its code. An account has one of them, or both."""
    state = "confirmed" if current else "unconfirmed"
    return Panel(ADDRESS_PANEL, "changing" if current and new else state, {"current": current, "new": new})

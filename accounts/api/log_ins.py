"""What pages ask a fresh log-in for, as operations of the API."""

from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.api.scopes import Caller


def require_fresh_log_in_of_browser(request: PersonRequest) -> None:
    """As the page, where a browser calls that is logged in.

    A token has none: its owner has made it after a second factor, for acts of organisers.
    """
    caller: Caller | None = getattr(request, "caller", None)
    if caller is None or caller.is_log_in:
        require_fresh_log_in(request)

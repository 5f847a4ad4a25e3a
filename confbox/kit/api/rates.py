"""The headers that say how many requests are left (draft-ietf-httpapi-ratelimit-headers)."""

from django.http import HttpResponse

from confbox.kit.limits import Limit, Usage, count_use_for, usage_of

# Counted by each process of the web server, so that a vote costs no query more.
CALLERS = Limit("API", person="600/m")
STRANGERS = Limit("API without a token", network="120/m")


def count_request(*, caller: str = "", network: str = "") -> Usage | None:
    """Counts one request of the caller, or of the network if there is none; None if neither is known.

    Raises:
        LimitReached: with status 429.
    """
    if caller:
        count_use_for(CALLERS, person=caller)
        return usage_of(CALLERS, person=caller)
    count_use_for(STRANGERS, network=network)
    return usage_of(STRANGERS, network=network)


def usage_so_far(*, caller: str = "", network: str = "") -> Usage | None:
    return usage_of(CALLERS, person=caller) if caller else usage_of(STRANGERS, network=network)


def say_usage(response: HttpResponse, usage: Usage | None) -> None:
    if usage is None:
        return
    name = "caller" if usage.kind == "person" else "network"
    response.headers["RateLimit-Policy"] = f'"{name}";q={usage.amount};w={usage.seconds}'
    response.headers["RateLimit"] = f'"{name}";r={usage.left};t={usage.resets_in}'

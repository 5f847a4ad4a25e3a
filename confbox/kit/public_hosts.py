"""Which hosts this site may call because a person asks for it: public ones, never those of its own network.

A name is resolved each time, and the connection goes to an address that was checked, so that it does not
matter what the name leads to a second later.
"""

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from queue import Empty, SimpleQueue
from threading import Thread
from urllib.parse import urlsplit

import idna
from django.conf import settings

LONGEST_URL = 1000
HTTPS_PORT, FIRST_FREE_PORT, LAST_PORT = 443, 1024, 65535
VISIBLE_ASCII = re.compile(r"[\x21-\x7e]+")
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
# As the last label, these make the host an IPv4 address, in whatever notation: 127.1, 0x7f000001.
NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
# Public by their number but not in what they lead to: other networks through a relay, or hosts of a cloud.
NOT_PUBLIC = [
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
    *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24"),
    *("192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
    *("224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32"),
    *("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"),
]
REFUSED = [ip_network(each) for each in NOT_PUBLIC]
# All others, such as mapped, translated, local and multicast ones, are outside of it.
GLOBAL_UNICAST = IPv6Network("2000::/3")
Network = IPv4Network | IPv6Network


class HostError(Exception):
    """The name was not found in time, or leads to an address that is not public."""


@dataclass(frozen=True)
class Target:
    """Where a URL leads to; `path` with its query."""

    host: str
    port: int
    path: str


def target_of(url: str) -> Target:
    """Raises ValueError if this is not an HTTPS URL of a host with a name."""
    if len(url) > LONGEST_URL or "\\" in url:
        raise ValueError("too long, or a backslash")
    parts = urlsplit(url)
    if parts.scheme != "https" or "@" in parts.netloc or "[" in parts.netloc or not parts.hostname:
        raise ValueError("no HTTPS URL of a host, or with a password")
    path = parts.path or "/"
    if parts.query:
        path += f"?{parts.query}"
    if not VISIBLE_ASCII.fullmatch(path) or any(ord(letter) <= ord(" ") for letter in url):
        raise ValueError("characters that have to be encoded")
    return Target(_host_of(parts.hostname), _port_of(parts.port), path)


def _port_of(port: int | None) -> int:
    """Below 1024 are other services, which could take a request for one of their own."""
    number = HTTPS_PORT if port is None else port
    if number != HTTPS_PORT and not FIRST_FREE_PORT <= number <= LAST_PORT:
        raise ValueError("a port of another service")
    return number


def _host_of(name: str) -> str:
    """In its ASCII form, without the dot at its end."""
    try:
        host = name.lower() if name.isascii() else idna.encode(name, uts46=True, std3_rules=True).decode()
    except idna.IDNAError as error:
        raise ValueError("no name of a host") from error
    host = host.removesuffix(".")
    labels = host.split(".")
    if len(host) > 253 or not all(LABEL.fullmatch(label) for label in labels):
        raise ValueError("no name of a host")
    if NUMERIC_LABEL.fullmatch(labels[-1]):
        raise ValueError("an IP address instead of a name")
    return host


def is_allowed(address: str) -> bool:
    """Whether the site may connect to this IP address."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return is_public(found) or any(found in network for network in settings.WEBHOOK_ALLOWED_NETWORKS)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    if any(address in network for network in REFUSED):
        return False
    if isinstance(address, IPv6Address):
        return address in GLOBAL_UNICAST and address.scope_id is None
    return address.is_global


def addresses_of(target: Target, *, seconds: float) -> list[str]:
    """The IP addresses to which the name leads now.

    Raises:
        HostError: it was not found within so many seconds, or one of them is not public.
    """
    answers: SimpleQueue[list[str]] = SimpleQueue()
    # The system's resolver cannot be told how long it may take.
    Thread(target=_look_up, args=(target, answers), daemon=True).start()
    try:
        found = answers.get(timeout=max(0.01, seconds))
    except Empty:
        raise HostError("no answer") from None
    if not found or not all(is_allowed(address) for address in found):
        raise HostError("not found, or not public")
    return found


def _look_up(target: Target, answers: "SimpleQueue[list[str]]") -> None:
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        answers.put(list(dict.fromkeys(str(address[0]) for *_kind, address in found)))
    except (OSError, UnicodeError):
        answers.put([])

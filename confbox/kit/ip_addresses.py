"""The IP address and the network that a request comes from."""

from ipaddress import ip_address, ip_network

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def client_ip_address(request: HttpRequest) -> str | None:
    """The client's IP address, by the same rule as rate limits; None if it cannot be known."""
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        return None


def client_network(request: HttpRequest) -> str:
    return network_of(client_ip_address(request))


def network_of(client: str | None) -> str:
    """The network of the client, /24 or /48, which shows that many people come from it; empty if unknown."""
    try:
        address = ip_address(client or "")
    except ValueError:
        return ""
    address = getattr(address, "ipv4_mapped", None) or address
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))

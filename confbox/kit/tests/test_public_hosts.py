"""To which hosts the site may connect because a person asked for it."""

import socket
from ipaddress import ip_network
from threading import Event

import pytest

from confbox.kit.public_hosts import HostError, Target, addresses_of, is_allowed, target_of

REFUSED_URLS = {
    "plain HTTP": "http://example.org/",
    "another scheme": "ftp://example.org/",
    "a file": "file:///etc/passwd",
    "no scheme": "//example.org/",
    "no host": "https:///path",
    "credentials": "https://user:password@example.org/",
    "an empty user": "https://@example.org/",
    "a host before the at sign": "https://example.org@10.0.0.1/",
    "a backslash": "https://example.org\\@10.0.0.1/",
    "a port of another service": "https://example.org:25/",
    "the port of plain HTTP": "https://example.org:80/",
    "port zero": "https://example.org:0/",
    "a port that is too high": "https://example.org:65536/",
    "a port in letters": "https://example.org:http/",
    "an IPv4 address": "https://127.0.0.1/",
    "a public IPv4 address": "https://8.8.8.8/",
    "an IPv4 address with a dot": "https://127.0.0.1./",
    "a decimal address": "https://2130706433/",
    "an octal address": "https://0177.0.0.1/",
    "a hexadecimal address": "https://0x7f000001/",
    "a hexadecimal last part": "https://127.0.0.0x1/",
    "a short address": "https://127.1/",
    "full-width digits": "https://１２７.０.０.１/",
    "ideographic dots": "https://127。0。0。1/",
    "circled digits": "https://①②⑦.⓪.⓪.①/",
    "an IPv6 address": "https://[::1]/",
    "a mapped address": "https://[::ffff:127.0.0.1]/",
    "a zone": "https://[fe80::1%25eth0]/",
    "an encoded host": "https://127%2e0%2e0%2e1/",
    "a space": "https://exam ple.org/",
    "a line break": "https://example.org/\r\nHost: other",
    "a tab": "https://exa\tmple.org/",
    "a null": "https://example.org/\0",
    "a path that is not encoded": "https://example.org/ü",
    "an empty label": "https://example..org/",
    "a label of only a hyphen": "https://-.org/",
    "a label that is too long": f"https://{'a' * 64}.org/",
    "a host that is too long": f"https://{'a.' * 130}org/",
    "a URL that is too long": f"https://example.org/{'a' * 1000}",
    "a letter outside of IDNA": "https://exa\u2028mple.org/",
}
TAKEN_URLS = {
    "https://example.org": Target("example.org", 443, "/"),
    "https://Example.ORG./a?b=c#d": Target("example.org", 443, "/a?b=c"),
    "https://example.org:8443/a%20b": Target("example.org", 8443, "/a%20b"),
    "HTTPS://example.org/": Target("example.org", 443, "/"),
    "https://straße.example/": Target("xn--strae-oqa.example", 443, "/"),
    "https://hooks_1.example.org/": Target("hooks_1.example.org", 443, "/"),
}
PRIVATE = [
    *("0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254"),
    *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1"),
    *("192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1"),
    *("255.255.255.255", "168.63.129.16"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1"),
    *("100::1", "2001::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "5f00::1"),
    *("fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2606:4700::1%1"),
    *("", "localhost", "127.1", "0x7f000001"),
]
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "172.15.255.255",
    "172.32.0.1",
    "100.63.0.1",
    "2606:4700:4700::1111",
    "2a00::1",
]


@pytest.fixture
def names(monkeypatch):
    """What the names lead to, instead of the DNS."""
    known = {}

    def look_up(host, port, **_options):
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


def look_up(name):
    return addresses_of(Target(name, 443, "/"), seconds=2)


@pytest.mark.parametrize("url", REFUSED_URLS.values(), ids=[*REFUSED_URLS])
def test_url_is_refused(url):
    with pytest.raises(ValueError, match=r"."):
        target_of(url)


@pytest.mark.parametrize(("url", "target"), TAKEN_URLS.items())
def test_url_is_taken(url, target):
    assert target_of(url) == target


@pytest.mark.parametrize("address", PRIVATE)
def test_address_that_is_not_public_is_refused(address):
    assert not is_allowed(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_is_allowed(address):
    assert is_allowed(address)


def test_network_that_is_named_in_the_settings_is_allowed_and_no_other(settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
    assert [is_allowed(address) for address in ("127.0.0.1", "10.0.0.1", "::1")] == [True, False, False]


def test_name_leads_to_its_public_addresses_each_once(names):
    names["example.org"] = ["8.8.8.8", "8.8.8.8", "2a00::1"]
    assert look_up("example.org") == ["8.8.8.8", "2a00::1"]


@pytest.mark.parametrize("others", [["10.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::ffff:10.0.0.1"], []])
def test_name_is_refused_if_any_of_its_addresses_is(names, others):
    names["example.org"] = others
    with pytest.raises(HostError):
        look_up("example.org")


def test_unknown_name_is_refused(names):
    with pytest.raises(HostError):
        look_up("example.org")


def test_name_server_that_does_not_answer_is_given_up(monkeypatch):
    is_over = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_given, **_options: [is_over.wait(5)][:0])
    try:
        with pytest.raises(HostError):
            addresses_of(Target("example.org", 443, "/"), seconds=0.05)
    finally:
        is_over.set()

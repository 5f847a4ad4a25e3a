"""The other end of the socket to which a service of Type=notify writes."""

import socket
from contextlib import contextmanager, suppress


@contextmanager
def notified(file):
    """What systemd is sent next."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(file))

        def hears(seconds=60):
            systemd.settimeout(seconds)
            return systemd.recv(1000).decode()

        yield hears


def drain(hears, seconds=0.1):
    """What systemd is sent until it hears nothing for so long."""
    heard = []
    with suppress(TimeoutError):
        while True:
            heard.append(hears(seconds))
    return heard

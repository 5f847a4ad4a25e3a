"""What a service of Type=notify lets systemd know."""

import os
import socket
from contextlib import suppress


def notify_systemd(state: str) -> None:
    """As sd_notify(3) does; nothing without systemd."""
    if address := os.environ.get("NOTIFY_SOCKET"):
        # If this fails, systemd finds out; the process has to go on.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as peer:
            peer.sendto(state.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)

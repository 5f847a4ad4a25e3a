import random
import socket
from contextlib import suppress

# Linux gives ports from 32768 to connections that go out, so one of those could be taken before the server
# that a test starts has bound it.
LISTENING = range(20_000, 32_000)


def free_port():
    """A port of 127.0.0.1 for a server that a test is about to start."""
    while True:
        port = random.choice(LISTENING)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port

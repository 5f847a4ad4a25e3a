"""A name server on a port of this host, which publishes texts."""

import socket
import threading
from contextlib import closing

from dns import flags, message, rcode, resolver, rrset


class NameServer:
    """What it answers with can be changed; a code in place of the texts, or nothing."""

    def __init__(self, texts):
        self.texts, self.code, self.is_silent = texts, None, False
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        threading.Thread(target=self.run, daemon=True).start()

    def resolver(self):
        found = resolver.Resolver(configure=False)
        found.nameservers, found.port = ["127.0.0.1"], self.socket.getsockname()[1]
        return found

    def run(self):
        with closing(self.socket):
            while True:
                asked, peer = self.socket.recvfrom(4096)
                if not asked:
                    return
                if not self.is_silent:
                    self.socket.sendto(self.answer(message.from_wire(asked)).to_wire(), peer)

    def end(self):
        self.socket.sendto(b"", self.socket.getsockname())

    def answer(self, query):
        answer = message.make_response(query)
        answer.flags |= flags.RA
        name = query.question[0].name.to_text(omit_final_dot=True)
        if self.code is not None:
            answer.set_rcode(self.code)
        elif name in self.texts:
            answer.answer.append(
                rrset.from_text(f"{name}.", 60, "IN", "TXT", *map(in_parts, self.texts[name]))
            )
        elif not any(known.endswith(f".{name}") for known in self.texts):
            answer.set_rcode(rcode.NXDOMAIN)
        return answer


def in_parts(text):
    """Of 255 characters at most, as long keys are published."""
    return " ".join(f'"{text[start : start + 255]}"' for start in range(0, len(text), 255))

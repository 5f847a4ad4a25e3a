"""An IMAP server with one mailbox, as much of it as the reader uses."""

import re
import socketserver
from contextlib import contextmanager
from threading import Thread


class Mailbox:
    """`fails_at` ends the connection when this command comes; `refuses` answers it with NO."""

    def __init__(self, *emails):
        self.emails, self.seen, self.fails_at = list(emails), set(), ""
        self.log_in, self.most_bytes, self.refuses = "", 0, ""


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.say(b"* OK ready")
        for line in self.rfile:
            tag, _, command = line.decode().strip().partition(" ")
            if self.server.mailbox.fails_at and self.server.mailbox.fails_at in command:
                return
            if self.server.mailbox.refuses and self.server.mailbox.refuses in command:
                self.say(f"{tag} NO [INUSE] try later".encode())
                continue
            self.reply_to(command)
            self.say(f"{tag} OK done".encode())

    def say(self, line):
        self.wfile.write(line + b"\r\n")

    def reply_to(self, command):
        box = self.server.mailbox
        if command == "CAPABILITY":
            self.say(b"* CAPABILITY IMAP4rev1")
        elif command.startswith("LOGIN"):
            box.log_in = command
        elif command == "LOGOUT":
            self.say(b"* BYE")
        elif command.startswith("SELECT"):
            self.say(f"* {len(box.emails)} EXISTS".encode())
        elif command.startswith("UID SEARCH"):
            new = [str(uid) for uid in range(1, len(box.emails) + 1) if uid not in box.seen]
            self.say(f"* SEARCH {' '.join(new)}".encode())
        elif found := re.match(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", command, re.IGNORECASE):
            raw = box.emails[int(found[1]) - 1][: int(found[2])]
            box.most_bytes = max(box.most_bytes, len(raw))
            self.say(f"* {found[1]} FETCH (UID {found[1]} BODY[]<0> {{{len(raw)}}}".encode())
            self.wfile.write(raw)
            self.say(b")")
        elif found := re.match(r"UID STORE (\d+) \+FLAGS \(\\Seen\)", command, re.IGNORECASE):
            box.seen.add(int(found[1]))


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def serving_imap(mailbox):
    """Returns its URL."""
    with Server(("127.0.0.1", 0), Session) as server:
        server.mailbox = mailbox
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"imap://bounces:pass%40word@127.0.0.1:{server.server_address[1]}/INBOX"
        server.shutdown()

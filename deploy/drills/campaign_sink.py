"""A mail server that accepts everything and logs time, recipient and Message-ID of each email.

    campaign_sink.py aiosmtpd|plain PORT LOG

`plain` supports the same few commands with less work, for measuring the sender and not the sink. It accepts
several at once (PIPELINING), as most mail servers do.
"""

import asyncio
import os
import re
import sys
import time

MESSAGE_ID = re.compile(rb"^message-id: *(\S+)", re.IGNORECASE | re.MULTILINE)
ANSWERS = {b"EHLO": b"250-sink\r\n250 PIPELINING\r\n", b"QUIT": b"221 bye\r\n"}


class ReceivedLog:
    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def take(self, recipient, content):
        found = MESSAGE_ID.search(content)
        number = found[1].decode() if found else "-"
        os.write(self.file, f"{time.time():.4f} {recipient} {number}\n".encode())


class Handler:
    def __init__(self, received):
        self.received = received

    async def handle_DATA(self, server, session, envelope):
        for recipient in envelope.rcpt_tos:
            self.received.take(recipient, envelope.content)
        return "250 taken"


async def serve_aiosmtpd(port, received):
    from aiosmtpd.smtp import SMTP

    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: SMTP(Handler(received)), "127.0.0.1", port)
    await asyncio.Event().wait()


async def serve_plain(port, received):
    async def talk(reader, writer):
        recipient = ""
        writer.write(b"220 sink\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"RCPT":
                recipient = line.partition(b"<")[2].partition(b">")[0].decode()
            elif verb == b"DATA":
                writer.write(b"354 go on\r\n")
                received.take(recipient, await reader.readuntil(b"\r\n.\r\n"))
            writer.write(ANSWERS.get(verb, b"250 ok\r\n"))
            if verb == b"QUIT":
                break
        writer.close()

    await asyncio.start_server(talk, "127.0.0.1", port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    kind, port, path = sys.argv[1:]
    serve = serve_aiosmtpd if kind == "aiosmtpd" else serve_plain
    asyncio.run(serve(int(port), ReceivedLog(path)))

"""A mail server that accepts everything and logs each email before it acknowledges it.

    timetable_sink.py PORT LOG

Each line is JSON: real time, recipient, Message-ID, subject, and whether the text says that it is late. Now
and then it takes its time before it answers, as mail servers do, so that senders can die in between.
"""

import asyncio
import email
import json
import os
import random
import sys
import time
from email import policy

SAYS_SO = "This email is late: it was due on"
SLOW, SLOW_SECONDS = 0.25, 0.3


class Handler:
    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=policy.default)
        text = message.get_body(("plain",)).get_content()
        said = {
            "real": time.time(),
            "id": message["Message-ID"],
            "subject": " ".join(str(message["Subject"]).split()),
            "late": SAYS_SO in " ".join(text.split()),
        }
        for recipient in envelope.rcpt_tos:
            os.write(self.file, (json.dumps(said | {"to": recipient}) + "\n").encode())
        if random.random() < SLOW:
            await asyncio.sleep(SLOW_SECONDS)
        return "250 taken"


async def serve(port, path):
    from aiosmtpd.smtp import SMTP

    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: SMTP(Handler(path)), "127.0.0.1", port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))

"""Votes through the WSGI application of one copy of the site: microseconds a vote, for `one_vote.py`.

A third argument is how often all votes are cast once more, while the kernel stops this process again and
again as it takes processor time; printed is how often it was then found in which part of the code.
"""

import io
import os
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from types import FrameType

root, requests = sys.argv[1], Path(sys.argv[2])
again = int(sys.argv[3]) if len(sys.argv) > 3 else 0
sys.path.insert(0, root)
os.environ["DJANGO_SETTINGS_MODULE"] = "confbox.settings"

from confbox.wsgi import application

WARM_UP = 50
SAMPLE_SECONDS = 0.001
# The packages that are told apart, by their first word; of most, the second word says what it is for.
PARTS = {"django": 2, "MySQLdb": 1, "confbox": 2, "accounts": 1, "conferences": 1, "voting": 1}
PARTS |= {"allauth": 1, "whitenoise": 1, "csp": 1, "django_htmx": 1, "django_permissions_policy": 1}
statuses = []


def environ_of(request: bytes) -> dict:
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _ = first.split(" ")
    known = {"REQUEST_METHOD": method, "PATH_INFO": path, "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80"}
    known |= {"wsgi.input": io.BytesIO(body), "wsgi.url_scheme": "http", "REMOTE_ADDR": "127.0.0.1"}
    for line in lines:
        name, _, value = line.partition(": ")
        name = name.upper().replace("-", "_")
        known[name if name.startswith("CONTENT_") else f"HTTP_{name}"] = value
    return known | {"wsgi.errors": sys.stderr, "SCRIPT_NAME": "", "QUERY_STRING": ""}


def cast(environ: dict) -> None:
    answer = application(environ, lambda status, headers, *_: statuses.append(status[:3]))
    b"".join(answer)
    answer.close()


def part_of(frame: FrameType | None) -> str:
    """The package that runs, or that has called what runs: `django.db`, `voting`."""
    while frame is not None:
        words = frame.f_globals.get("__name__", "").split(".")
        if words[0] in PARTS:
            return ".".join(words[: PARTS[words[0]]])
        frame = frame.f_back
    return ""


def profile(requests: list[bytes]) -> Counter[str]:
    found: Counter[str] = Counter()
    signal.signal(signal.SIGPROF, lambda _number, frame: found.update([part_of(frame)]))
    signal.setitimer(signal.ITIMER_PROF, SAMPLE_SECONDS, SAMPLE_SECONDS)
    for _ in range(again):
        for request in requests:
            cast(environ_of(request))
    signal.setitimer(signal.ITIMER_PROF, 0)
    # What has made the requests here belongs to no part.
    del found[""]
    return found


sent = requests.read_bytes().split(b"\0")
environs = [environ_of(request) for request in sent]
for environ in environs[:WARM_UP]:
    cast(environ)
started = time.process_time()
for environ in environs[WARM_UP:]:
    cast(environ)
taken = time.process_time() - started
print(1e6 * taken / (len(environs) - WARM_UP))
for part, times in profile(sent).most_common() if again else ():
    print(part, times)
if set(statuses) - {"302", "303"}:
    raise SystemExit(f"Not every vote was stored: {set(statuses)}")

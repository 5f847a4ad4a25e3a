"""Votes through the WSGI application of one copy of the site: microseconds a vote, for `one_vote.py`."""

import io
import os
import sys
import time
from pathlib import Path

root, requests = sys.argv[1], Path(sys.argv[2])
sys.path.insert(0, root)
os.environ["DJANGO_SETTINGS_MODULE"] = "confbox.settings"

from confbox.wsgi import application

WARM_UP = 50
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


environs = [environ_of(request) for request in requests.read_bytes().split(b"\0")]
for environ in environs[:WARM_UP]:
    cast(environ)
started = time.process_time()
for environ in environs[WARM_UP:]:
    cast(environ)
taken = time.process_time() - started
if set(statuses) - {"302", "303"}:
    raise SystemExit(f"Not every vote was stored: {set(statuses)}")
print(1e6 * taken / (len(environs) - WARM_UP))

"""What test_serve.py has served: the path decides what the application does."""

import gc
import os
import re
import time
from urllib.parse import parse_qs

time.sleep(float(os.environ.get("LOADS_FOR_SECONDS", "0")))


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/slow":
        time.sleep(float(parse_qs(environ["QUERY_STRING"])["seconds"][0]))
    if path == "/hang":
        # Never lets another thread run.
        re.match(r"(a+)+$", "a" * 60 + "b")
    if path == "/fail":
        raise ValueError("This page fails.")
    if path == "/frozen":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"{gc.get_freeze_count()} {gc.get_threshold()[0]}".encode()]
    body = repr({name: str(value) for name, value in environ.items()} if path == "/environ" else os.getpid())
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body.encode()]

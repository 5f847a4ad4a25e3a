"""Which web server this process belongs to, by how it was started."""

import os
import sys
from pathlib import Path


def kind_of_server() -> str:
    """Gunicorn is also started as a module."""
    return "granian" if Path(sys.argv[0]).name == "serve.py" else "gunicorn"


def threads_of_server() -> int:
    """As in deploy/serve.py and deploy/gunicorn.conf.py."""
    if "--threads" in sys.argv[:-1]:
        return int(sys.argv[sys.argv.index("--threads") + 1])
    return int(os.environ.get("WEB_THREADS") or 12)

"""Gunicorn for expensive requests and in the demo; the command line sets --bind."""

import logging
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.systemd import sd_notify
from gunicorn.workers.gthread import ThreadWorker

from confbox.kit.garbage import collect_seldom

UNREADY = ".unready"
FEEDS_EVERY_SECONDS = 1.0


class WithoutURLs(logging.Filter):
    """A URL can contain a secret, so errors and refusals are logged without the request."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = str(record.msg)
        if message.startswith("Error handling request"):
            record.msg, record.args = "Error handling a request", ()
        elif message.startswith("Invalid request from ip="):
            record.msg = message.partition(": ")[0]
        return True


class logger_class(Logger):  # noqa: N801  # gunicorn looks for this name
    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.addFilter(WithoutURLs())


class worker_class(ThreadWorker):  # noqa: N801  # and for this one
    """Feeds systemd's watchdog, which is for when the main process does not replace a worker that hangs."""

    fed_at = 0.0

    def notify(self) -> None:
        super().notify()
        if time.monotonic() - self.fed_at >= FEEDS_EVERY_SECONDS:
            self.fed_at = time.monotonic()
            sd_notify("WATCHDOG=1", self.log)


def names_of_sockets(cfg: Any) -> Iterator[tuple[Path, Path]]:
    """Of each file that --bind names with `.unready`, and the one to which nginx connects."""
    for address in cfg.address:
        if isinstance(address, str) and address.endswith(UNREADY):
            yield Path(address), Path(address.removesuffix(UNREADY))


def post_worker_init(worker: Any) -> None:
    """The application is loaded, so nginx may ask. Gunicorn itself deletes the first name when it stops."""
    collect_seldom()
    for unready, ready in names_of_sockets(worker.cfg):
        if not (ready.exists() and ready.samefile(unready)):
            ready.unlink(missing_ok=True)
            ready.hardlink_to(unready)


def on_exit(server: Any) -> None:
    for _, ready in names_of_sockets(server.cfg):
        ready.unlink(missing_ok=True)


wsgi_app = "confbox.wsgi"
workers = int(os.environ.get("WEB_WORKERS") or 2)
threads = int(os.environ.get("WEB_THREADS") or 12)
# A thread that computes lets others run after one millisecond, not five: a vote waits this long at every
# query.
sys.setswitchinterval(0.001)
# As many requests as Linux lets wait (net.core.somaxconn); nginx answers further ones with an error page.
backlog = 4096
timeout = 30
graceful_timeout = 30
# Longer than nginx keeps an idle connection to us, so that nginx never uses one that we close.
keepalive = 75
# Limits a slow memory leak in any library; the jitter keeps the workers from restarting together.
max_requests = 5000
max_requests_jitter = 500
# Otherwise gunicorn opens a control socket below $HOME.
control_socket_disable = True
# Workers touch a file to show that they are alive; on a disk, a slow write would look like a dead worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
accesslog = None
errorlog = "-"
# Gunicorn's response to a request line that no ordinary client sends.
limit_request_line = 8190

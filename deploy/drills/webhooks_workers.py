"""`manage.py` with the names and waits of the drill of webhooks, and for its controls without a protection.

`DRILL` is JSON: `names` has the IP addresses of each name, one after the other; `waits` is the time between
two attempts; `claim` for how long a worker has an endpoint, in seconds. `CONTROL` takes a protection out:

address   any address is allowed
accepted  a message is accepted when it is claimed, and not when it was answered
order     the newest event is sent first
"""

import json
import os
import socket
import sys
from itertools import cycle

DRILL = json.loads(os.environ["DRILL"])
NAMES = {name: cycle(addresses) for name, addresses in DRILL["names"].items()}
look_up = socket.getaddrinfo


def look_up_here(host, port, *given, **options):
    if host in NAMES:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(NAMES[host]), port))]
    return look_up(host, port, *given, **options)


def set_up() -> None:
    import django

    socket.getaddrinfo = look_up_here
    django.setup()
    from conferences.webhooks import sending, worker

    sending.DELAYS = [DRILL["waits"]] * 1000
    sending.CLAIM_SECONDS = DRILL["claim"]
    take_out = CONTROLS.get(os.environ.get("CONTROL", ""))
    if take_out:
        take_out(sending, worker)


def any_address(_sending, _worker) -> None:
    from confbox.kit import public_hosts

    public_hosts.is_allowed = lambda _address: True


def accepted_when_claimed(sending, worker) -> None:
    claim = sending.claim_next

    def claim_and_accept(*given, **options):
        job = claim(*given, **options)
        if job:
            sending.WebhookMessage.objects.filter(pk=job.message_id).update(state="accepted")
        return job

    worker.claim_next = claim_and_accept


def newest_first(sending, _worker) -> None:
    queryset = type(sending.WebhookMessage.objects.all())
    order_by = queryset.order_by

    def newest(rows, *columns):
        return order_by(rows, *("-pk" if column == "pk" else column for column in columns))

    queryset.order_by = newest


CONTROLS = {"address": any_address, "accepted": accepted_when_claimed, "order": newest_first}

if __name__ == "__main__":
    set_up()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)

"""What the receivers of the drill of webhooks wrote down, compared with the events."""

from itertools import pairwise

from webhooks import ARRIVES, REFUSED, Drill


def faults_of(drill: Drill) -> list[str]:
    from conferences.outbox.models import WebhookEvent

    events = list(WebhookEvent.objects.order_by("pk").values_list("public_id", flat=True))
    joined, kinds = drill.people, drill.kinds()
    faults = [
        f"{kinds.count(kind)} × {kind}"
        for kind in ("voting.opened", "voting.closed")
        if kinds.count(kind) != 1
    ]
    faults += [f"{kinds.count('member.joined')} people joined"] * (kinds.count("member.joined") != joined)
    for name in ARRIVES:
        faults += of_receiver(name, lines_of(drill, name), events)
    faults += [f"{number} requests inside" for number in [len(lines_of(drill, "inside"))] if number]
    for name, errors in REFUSED.items():
        faults += of_refused(drill, name, errors)
    print(f"events {len(events)}, seconds {drill.seconds:.0f}")
    return faults


def lines_of(drill: Drill, name: str) -> list[list[str]]:
    log = drill.log_of(name)
    return [line.split() for line in log.read_text().splitlines()] if log.exists() else []


def of_receiver(name: str, lines: list[list[str]], events: list[str]) -> list[str]:
    arrived = [public_id for _began, _ended, public_id, _signed in lines]
    places = [events.index(public_id) for public_id in arrived if public_id in events]
    missing = len(set(events) - set(arrived))
    backwards = sum(later < earlier for earlier, later in pairwise(places))
    at_once = sum(float(b[0]) < float(a[1]) for a, b in pairwise(lines))
    print(f"{name:<9}{len(arrived)} requests, {len(arrived) - len(set(arrived))} of them again")
    found = {
        "events that did not arrive": missing,
        "requests before their turn": backwards,
        "requests at the same time": at_once,
        "requests of no event": len(arrived) - len(places),
        "requests without a valid signature": sum(signed != "1" for *_times, signed in lines),
    }
    return [f"{name}: {number} {what}" for what, number in found.items() if number]


def of_refused(drill: Drill, name: str, errors: set[str]) -> list[str]:
    from conferences.outbox.models import WebhookAttempt, WebhookMessage

    mine = {"endpoint": drill.endpoints[name]}
    accepted = WebhookMessage.objects.filter(**mine, state="accepted").count()
    tried = WebhookAttempt.objects.filter(message__endpoint=drill.endpoints[name])
    found = set(tried.values_list("error", flat=True))
    print(f"{name:<9}{tried.count()} attempts: {', '.join(sorted(found))}")
    faults = [f"{name}: {accepted} accepted"] * bool(accepted)
    return faults + [f"{name}: {found or 'nothing was tried'}"] * (found != errors)

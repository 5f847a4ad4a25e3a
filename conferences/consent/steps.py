"""Parts of the verbs: the audit log of each step, and what happens when no one answers in time."""

from dataclasses import replace

from django.db import transaction

from accounts.actors import Actor
from accounts.audit_log import log_act
from accounts.audit_words import act_in_words
from confbox.kit.clock import database_now
from conferences.consent.acts import ACTS
from conferences.consent.emails import notify_of_lapse
from conferences.models import ConsentRequest

MOST_AT_ONCE = 100


def log_step(verb: str, asked: ConsentRequest, by: Actor, words: str = "") -> None:
    act = ACTS[asked.act]
    what = f"{act_in_words(verb)}: {act.logged(asked.conference, asked.payload)}."
    about, is_personal = act.about(asked.payload), act.is_personal
    target = asked.conference
    log_act(by=by, act=verb, target=target, what=what, about=about, reason=words, is_personal=is_personal)


def lapse_requests() -> int:
    """Notifies those whose requests no one answered in time, once each. Returns how many."""
    overdue = ConsentRequest.objects.overdue().select_related("conference", "asked_by")[:MOST_AT_ONCE]
    return sum(lapse_request(each) for each in list(overdue))


def lapse_request(asked: ConsentRequest) -> int:
    """One statement decides who notifies of it."""
    with transaction.atomic():
        ended = ConsentRequest.objects.filter(pk=asked.pk).overdue().update(lapsed_at=database_now())
        if ended:
            by = replace(Actor.of_command(), asked_by=asked.asked_by)
            log_step("lapse request", asked, by)
            ACTS[asked.act].end(asked, by)
            notify_of_lapse(request=asked)
    return ended

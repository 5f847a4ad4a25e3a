"""What becomes of the webhooks of a conference that is deleted, or merged into another one."""

from django.utils.translation import ngettext

from conferences.merging.people import Merge, People
from conferences.models import Conference
from conferences.outbox.models import WebhookEndpoint
from conferences.webhooks.states import end_sending, store


def consequences_of_deleting(conference: Conference) -> list[str]:
    number = WebhookEndpoint.objects.kept().of_scope(conference).count()
    if not number:
        return []
    sentence = ngettext(
        "%(n)d webhook is deleted. What waits to be sent to it is not sent.",
        "%(n)d webhooks are deleted. What waits to be sent to them is not sent.",
        number,
    )
    return [sentence % {"n": number}]


def consequences_of_merging(merge: Merge, _people: People) -> list[str]:
    number = WebhookEndpoint.objects.kept().of_scope(merge.duplicate).count()
    if not number:
        return []
    sentence = ngettext(
        "%(n)d webhook of %(duplicate)s moves to %(stays)s and is switched off. Switch it on there if it is "
        "to be notified of %(stays)s.",
        "%(n)d webhooks of %(duplicate)s move to %(stays)s and are switched off. Switch on there those that "
        "are to be notified of %(stays)s.",
        number,
    )
    return [sentence % merge.names(n=number)]


def move_webhooks(merge: Merge) -> None:
    """Switched off, as those who made them may not be in the team that they would be notified by.

    There may then be more than can be added. What was sent to them is deleted with the duplicate.
    """
    moving = WebhookEndpoint.objects.kept().of_scope(merge.duplicate).select_for_update().order_by("pk")
    for endpoint in moving:
        if endpoint.is_on:
            end_sending(endpoint, WebhookEndpoint.Off.MERGED)
        store(endpoint, conference=merge.stays)

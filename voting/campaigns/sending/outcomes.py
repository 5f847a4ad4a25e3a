"""What an attempt means for one delivery and for the whole campaign."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from confbox.kit.smtp_replies import LONGEST, About, Meaning, Reply, reply_in
from voting.campaigns.models import Delivery


@dataclass(frozen=True)
class Outcome:
    """How one attempt ended.

    `is_deferred`: try this recipient again later. `is_trouble`: the server as a whole has a problem, so the
    batch ends. `is_hopeless`: it would refuse every recipient, so the campaign pauses. `is_dead`: the email
    address itself was permanently refused.
    """

    status: Delivery.Status
    error: str = ""
    is_deferred: bool = False
    is_trouble: bool = False
    is_hopeless: bool = False
    is_dead: bool = False


SENT = Outcome(Delivery.Status.SENT)


def outcome_of(error: Exception, *, may_have_left: bool) -> Outcome:
    """The outcome of an attempt that raised this error."""
    reply = reply_in(error)
    if reply.meaning is Meaning.NONE:
        return _broken(reply, may_have_left)
    if reply.about is About.US:
        return Outcome(Delivery.Status.QUEUED, reply.words, is_trouble=True, is_hopeless=reply.is_permanent)
    if reply.meaning is Meaning.LATER:
        return Outcome(Delivery.Status.QUEUED, reply.words, is_deferred=True)
    return Outcome(Delivery.Status.FAILED, reply.words, is_dead=reply.names_no_mailbox)


def _broken(reply: Reply, may_have_left: bool) -> Outcome:
    if may_have_left:
        doubt = _("The connection broke while the email was being sent.")
        return Outcome(Delivery.Status.UNCERTAIN, f"{doubt} {reply.words}"[:LONGEST], is_trouble=True)
    return Outcome(Delivery.Status.QUEUED, reply.words, is_trouble=True)

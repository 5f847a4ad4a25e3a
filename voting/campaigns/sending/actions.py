"""What organisers do to a campaign that is being sent, or is about to be."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_change
from voting.campaigns.kinds.registry import kind_of
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.requester_emails import notify_requester
from voting.campaigns.transitions import decide, move

Status = Campaign.Status


def pause_campaign(*, campaign: Campaign, by: Actor) -> Campaign:
    """Pauses the sending. Emails already being handed over are still sent, but no others.

    Raises:
        ValidationError: it is not being sent, or it is one that every member must get.
    """
    _refuse_to_hold(campaign)
    return decide(campaign, by, _("Sending paused."), from_states=[Status.SENDING], status=Status.PAUSED)


def resume_campaign(*, campaign: Campaign, by: Actor) -> Campaign:
    """Resumes a paused sending, and clears the problem that paused it."""
    return decide(
        campaign,
        by,
        _("Sending resumed."),
        from_states=[Status.PAUSED],
        status=Status.SENDING,
        failures=0,
        trouble="",
        rest_until=None,
    )


def stop_campaign(*, campaign: Campaign, by: Actor, reason: str) -> Campaign:
    """Stops the sending permanently: members who have not got the email will not get it.

    Raises:
        ValidationError: it is not approved, being sent or paused, or it is one that every member must get.
    """
    with transaction.atomic():
        stop_sending(campaign=campaign, reason=reason)
        log_change(by=by, target=campaign, what=_("Sending stopped."))
    return campaign


def stop_sending(*, campaign: Campaign, reason: str) -> None:
    """As `stop_campaign`, also for campaigns that the site itself must no longer send."""
    _refuse_to_hold(campaign)
    with transaction.atomic():
        move(
            campaign,
            from_states=[Status.APPROVED, Status.SENDING, Status.PAUSED],
            status=Status.STOPPED,
            finished_at=timezone.now(),
            reason=reason.strip(),
        )
        waiting = Delivery.objects.filter(campaign=campaign, status=Delivery.Status.QUEUED)
        waiting.update(status=Delivery.Status.SKIPPED, error=_("Sending was stopped."))
        notify_requester(campaign)


def _refuse_to_hold(campaign: Campaign) -> None:
    if not kind_of(campaign).can_be_held:
        raise ValidationError(
            _("Every member must be notified of the change, so this cannot be stopped."), code="must_be_sent"
        )


def resolve_uncertain(*, campaign: Campaign, by: Actor, send_again: bool) -> int:
    """Sends uncertain deliveries again, or leaves them. Returns how many there were."""
    doubtful = Delivery.objects.filter(campaign=campaign, status=Delivery.Status.UNCERTAIN)
    again, left = _("The uncertain emails are sent again."), _("The uncertain emails are left as they are.")
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=campaign.pk)
        log_change(by=by, target=campaign, what=again if send_again else left)
        if not send_again:
            return doubtful.update(
                status=Delivery.Status.SKIPPED,
                error=_("It may have arrived; an organiser decided not to send it again."),
            )
        settled = doubtful.update(
            status=Delivery.Status.QUEUED, claim="", next_attempt_at=timezone.now(), error=""
        )
        if settled:
            move(
                campaign,
                from_states=[Status.SENDING, Status.PAUSED, Status.SENT],
                status=Status.SENDING,
                finished_at=None,
            )
        return settled

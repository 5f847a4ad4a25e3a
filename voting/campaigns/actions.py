from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from confbox.kit.clock import database_now
from conferences.models import Conference, Membership
from voting.campaigns.kinds.registry import KINDS, kind_of
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.rules import obstacle, refusal_to_announce, refusal_to_approve, refusal_to_ask
from voting.elections.election.actions import lock_election

Status = Campaign.Status


def request_campaign(*, membership: Membership, subject: str, message: str) -> Campaign:
    """A member asks for a campaign. The database holds that there is one open request a member.

    The same text while it waits is the request that waits.

    Raises:
        ValidationError: the member may not ask just now; the message says why.
    """
    waiting = Campaign.objects.of_member(membership).filter(status=Status.REQUESTED)
    if asked := waiting.filter(subject=subject, message=message).first():
        return asked
    refusal = refusal_to_ask(membership)
    if refusal:
        raise ValidationError(refusal)
    try:
        with transaction.atomic():
            return Campaign.objects.create(
                conference=membership.conference,
                candidate=membership,
                requested_by=membership.user,
                authors=[membership.user_id],
                subject=subject,
                message=message,
            )
    except IntegrityError as error:
        raise ValidationError(_("You already have an open request in this conference.")) from error


def change_campaign(*, campaign: Campaign, subject: str, message: str) -> None:
    """The requester changes a waiting request.

    Raises:
        ValidationError: it has been decided or withdrawn in the meantime.
    """
    _move(
        campaign,
        from_states=[Status.REQUESTED],
        subject=subject,
        message=message,
        version=F("version") + 1,
        authors=[campaign.requested_by_id],
        edited_by=None,
        edited_at=None,
        subject_before_edit="",
        message_before_edit="",
    )


def withdraw_campaign(*, campaign: Campaign) -> None:
    """The requester takes a waiting request back.

    Raises:
        ValidationError: it has been decided or withdrawn in the meantime.
    """
    _move(campaign, from_states=[Status.REQUESTED], status=Status.WITHDRAWN, finished_at=timezone.now())


def announce(
    *,
    conference: Conference,
    kind: str,
    subject: str,
    message: str,
    by: User,
    is_standard_text: bool = False,
) -> Campaign:
    """An organiser makes a mail to the members, of a kind that has a draft. It waits for approval.

    A combined mail carries every candidate's pitch. They are kept as they are now, so that what is
    approved is what is sent. `is_standard_text` says that the site wrote the text, not the organiser.

    Raises:
        ValidationError: voting is over, the conference has had its reminders, or the combined mail
            has no pitch.
    """
    draft = KINDS[kind].draft
    is_standard = draft is not None and draft.text_for(conference) == {"subject": subject, "message": message}
    with transaction.atomic():
        locked = lock_election(conference.pk).conference
        refusal = refusal_to_announce(locked, kind)
        if refusal:
            raise ValidationError(refusal)
        return Campaign.objects.create(
            conference=locked,
            kind=kind,
            requested_by=by,
            subject=subject,
            message=message,
            is_standard_text=is_standard or is_standard_text,
            authors=[by.pk],
            pitches=KINDS[kind].pitches(locked),
        )


def edit_campaign(*, campaign: Campaign, version: int, subject: str, message: str, by: User) -> None:
    """An organiser changes a waiting request; what the requester had written is kept beside it.

    Raises:
        ValidationError: it was decided, withdrawn or changed since the organiser read it.
    """
    kept = {"subject_before_edit": campaign.subject, "message_before_edit": campaign.message}
    _move(
        campaign,
        from_states=[Status.REQUESTED],
        version_read=version,
        subject=subject,
        message=message,
        version=F("version") + 1,
        edited_by=by,
        edited_at=timezone.now(),
        is_standard_text=False,
        authors=sorted({*campaign.authors, by.pk}),
        **({} if campaign.is_edited() else kept),
    )


def approve_campaign(*, campaign: Campaign, version: int, by: User, send_at: datetime | None = None) -> None:
    """Approves the text as it was read; it is sent at `send_at`, or now, and can no longer change.

    Raises:
        ValidationError: it has the organiser's own words or pitch, was decided or changed since it was
            read, or must not be sent at that time.
    """
    now = database_now()
    send_at = max(send_at or now, now)
    refusal = refusal_to_approve(campaign, by) or obstacle(campaign, send_at)
    if refusal:
        raise ValidationError(refusal)
    _move(
        campaign,
        from_states=[Status.REQUESTED],
        version_read=version,
        status=Status.APPROVED,
        decided_by=by,
        decided_at=now,
        send_at=send_at,
    )


def refuse_campaign(*, campaign: Campaign, by: User, reason: str) -> None:
    """Refuses a waiting request with a reason that the requester reads.

    Raises:
        ValidationError: there is no reason, or it has been decided or withdrawn in the meantime.
    """
    if not reason.strip():
        raise ValidationError(_("Please give a reason; the requester reads it."))
    now = timezone.now()
    _move(
        campaign,
        from_states=[Status.REQUESTED],
        status=Status.REFUSED,
        decided_by=by,
        decided_at=now,
        finished_at=now,
        reason=reason.strip(),
    )


def pause_campaign(*, campaign: Campaign) -> None:
    """Holds the sending. Mails that are being handed over still leave; no other does.

    Raises:
        ValidationError: it is not being sent, or every member is owed it.
    """
    _refuse_to_hold(campaign)
    _move(campaign, from_states=[Status.SENDING], status=Status.PAUSED)


def resume_campaign(*, campaign: Campaign) -> None:
    """Goes on with a paused sending, and forgets the trouble that paused it."""
    _move(
        campaign, from_states=[Status.PAUSED], status=Status.SENDING, failures=0, trouble="", rest_until=None
    )


def stop_campaign(*, campaign: Campaign, reason: str) -> None:
    """Ends the sending for good: who has not got the mail will not get it.

    Raises:
        ValidationError: it is not approved, being sent or paused, or every member is owed it.
    """
    _refuse_to_hold(campaign)
    with transaction.atomic():
        _move(
            campaign,
            from_states=[Status.APPROVED, Status.SENDING, Status.PAUSED],
            status=Status.STOPPED,
            finished_at=timezone.now(),
            reason=reason.strip(),
        )
        waiting = Delivery.objects.filter(campaign=campaign, status=Delivery.Status.QUEUED)
        waiting.update(status=Delivery.Status.SKIPPED, error=_("The sending was stopped."))


def _refuse_to_hold(campaign: Campaign) -> None:
    if not kind_of(campaign).can_be_held:
        raise ValidationError(
            _("Every member must learn of a changed deadline, so this cannot be held back.")
        )


def settle_uncertain(*, campaign: Campaign, send_again: bool) -> int:
    """Decides what becomes of deliveries that may or may not have left. Returns how many there were."""
    doubtful = Delivery.objects.filter(campaign=campaign, status=Delivery.Status.UNCERTAIN)
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=campaign.pk)
        if not send_again:
            return doubtful.update(
                status=Delivery.Status.SKIPPED,
                error=_("It may have arrived; an organiser decided not to send it again."),
            )
        settled = doubtful.update(
            status=Delivery.Status.QUEUED, claim="", next_attempt_at=timezone.now(), error=""
        )
        if settled:
            _move(
                campaign,
                from_states=[Status.SENDING, Status.PAUSED, Status.SENT],
                status=Status.SENDING,
                finished_at=None,
            )
        return settled


def _move(
    campaign: Campaign, *, from_states: list[Status], version_read: int | None = None, **columns: Any
) -> None:
    """One filtered update; when it changes no row, somebody else was first."""
    found = Campaign.objects.filter(pk=campaign.pk, status__in=from_states)
    if version_read is not None:
        found = found.filter(version=version_read)
    changed = found.update(**columns)
    campaign.refresh_from_db()
    if not changed:
        raise ValidationError(_too_late(campaign, from_states))


def _too_late(campaign: Campaign, from_states: list[Status]) -> str:
    if campaign.status in from_states:
        return _("The text was changed since you read it. Please read it again before you decide.")
    return _("Nothing was changed: this campaign is already “%(status)s”.") % {
        "status": campaign.get_status_display()
    }

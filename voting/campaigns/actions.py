from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_addition, log_change, log_own_act
from confbox.kit.clock import database_now
from confbox.kit.coded import coded_error
from confbox.kit.retries import retried
from conferences.models import Conference, Membership
from conferences.outbox.events import emit
from voting.campaigns.events import CAMPAIGN_REQUESTED, ids_of
from voting.campaigns.kinds.registry import KINDS
from voting.campaigns.models import Campaign
from voting.campaigns.recipients import approved_in_words
from voting.campaigns.requester_emails import notify_requester
from voting.campaigns.rules import refusal_to_announce, refusal_to_approve, refusal_to_ask, refusal_to_send
from voting.campaigns.transitions import decide, move
from voting.elections.election.actions import lock_election

Status = Campaign.Status


@retried
def request_campaign(*, membership: Membership, subject: str, message: str, by: Actor) -> Campaign:
    """A member asks for a campaign. The database allows one open request per member.

    Asking again with the same text returns the open request.

    Raises:
        ValidationError: the member may not ask now; the message says why.
    """
    waiting = Campaign.objects.filter(candidate=membership, status=Status.REQUESTED)
    if asked := waiting.filter(subject=subject, message=message).first():
        return asked
    refusal = refusal_to_ask(membership)
    if refusal:
        raise coded_error(refusal, code="campaign_refused")
    try:
        with transaction.atomic():
            asked = Campaign.objects.create(
                conference=membership.conference,
                candidate=membership,
                requested_by=by.user,
                authors=[by.user.pk],
                subject=subject,
                message=message,
            )
            log_own_act(by=by, act="request campaign", target=asked)
            emit(CAMPAIGN_REQUESTED, asked.conference, ids_of(asked))
    except IntegrityError as error:
        raise ValidationError(
            _("You already have an open request for this conference."), code="campaign_waiting"
        ) from error
    return asked


def change_campaign(*, campaign: Campaign, subject: str, message: str, by: Actor) -> Campaign:
    """The requester changes an open request.

    Raises:
        ValidationError: it has been decided or withdrawn in the meantime.
    """
    with transaction.atomic():
        move(
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
        log_own_act(by=by, act="change campaign", target=campaign)
    return campaign


def withdraw_campaign(*, campaign: Campaign, by: Actor) -> Campaign:
    """The requester withdraws an open request.

    Raises:
        ValidationError: it has been decided or withdrawn in the meantime.
    """
    with transaction.atomic():
        move(campaign, from_states=[Status.REQUESTED], status=Status.WITHDRAWN, finished_at=timezone.now())
        log_own_act(by=by, act="withdraw campaign", target=campaign)
    return campaign


def announce(
    *,
    conference: Conference,
    kind: str,
    subject: str,
    message: str,
    by: Actor,
) -> Campaign:
    """An organiser writes an email to the members, to be approved.

    Raises:
        ValidationError: as `write_announcement`.
    """
    with transaction.atomic():
        written = write_announcement(
            conference=conference, kind=kind, subject=subject, message=message, by=by
        )
        log_addition(by=by, target=written, what=_("Written."))
        emit(CAMPAIGN_REQUESTED, written.conference, ids_of(written))
    return written


def write_announcement(
    *,
    conference: Conference,
    kind: str,
    subject: str,
    message: str,
    by: Actor,
    is_standard_text: bool = False,
) -> Campaign:
    """An organiser creates an email to the members, of a kind that has a draft. It has to be approved.

    A combined email contains every candidate's pitch, stored as it is now, so that what is approved is what
    is sent. `is_standard_text` says that the site wrote the text, not the organiser.

    Raises:
        ValidationError: voting is over, the conference has had its reminders, or the combined email
            has no pitch.
    """
    draft = KINDS[kind].draft
    is_standard = draft is not None and draft.text_for(conference) == {"subject": subject, "message": message}
    with transaction.atomic():
        locked = lock_election(conference.pk).conference
        refusal = refusal_to_announce(locked, kind)
        if refusal:
            raise coded_error(refusal, code="campaign_refused")
        return Campaign.objects.create(
            conference=locked,
            kind=kind,
            requested_by=by.user,
            subject=subject,
            message=message,
            is_standard_text=is_standard or is_standard_text,
            authors=[by.user.pk],
            pitches=KINDS[kind].pitches(locked),
        )


def edit_campaign(*, campaign: Campaign, version: int, subject: str, message: str, by: Actor) -> Campaign:
    """An organiser changes an open request; the requester's own text is kept next to it.

    Raises:
        ValidationError: it was decided, withdrawn or changed since the organiser read it.
    """
    kept = {"subject_before_edit": campaign.subject, "message_before_edit": campaign.message}
    return decide(
        campaign,
        by,
        _("Text changed."),
        from_states=[Status.REQUESTED],
        version_read=version,
        subject=subject,
        message=message,
        version=F("version") + 1,
        edited_by=by.user,
        edited_at=timezone.now(),
        is_standard_text=False,
        authors=sorted({*campaign.authors, by.user.pk}),
        **({} if campaign.edited_at else kept),
    )


def approve_campaign(
    *, campaign: Campaign, version: int, by: Actor, send_at: datetime | None = None
) -> Campaign:
    """An organiser approves the text as they read it; the requester is notified.

    Raises:
        ValidationError: as `release_campaign`.
    """
    with transaction.atomic():
        release_campaign(campaign=campaign, version=version, by=by, send_at=send_at)
        log_change(by=by, target=campaign, what=approved_in_words(campaign))
        notify_requester(campaign)
    return campaign


def release_campaign(
    *, campaign: Campaign, version: int, by: Actor, send_at: datetime | None = None
) -> Campaign:
    """Sends the text as it was read at `send_at`, or now; it can no longer change.

    Raises:
        ValidationError: it contains the organiser's own words or pitch, was decided or changed since it was
            read, or must not be sent at that time.
    """
    now = database_now()
    send_at = max(send_at or now, now)
    refusal = refusal_to_approve(campaign, by.user) or refusal_to_send(campaign, send_at)
    if refusal:
        raise coded_error(refusal, code="campaign_refused")
    move(
        campaign,
        from_states=[Status.REQUESTED],
        version_read=version,
        status=Status.APPROVED,
        decided_by=by.user,
        decided_at=now,
        send_at=send_at,
    )
    return campaign


def refuse_campaign(*, campaign: Campaign, by: Actor, reason: str) -> Campaign:
    """Refuses an open request with a reason for the requester.

    Raises:
        ValidationError: there is no reason, or it has been decided or withdrawn in the meantime.
    """
    if not reason.strip():
        raise ValidationError(_("Please give a reason. The requester will read it."), code="reason_missing")
    now = timezone.now()
    return decide(
        campaign,
        by,
        _("Refused."),
        from_states=[Status.REQUESTED],
        status=Status.REFUSED,
        decided_by=by.user,
        decided_at=now,
        finished_at=now,
        reason=reason.strip(),
    )

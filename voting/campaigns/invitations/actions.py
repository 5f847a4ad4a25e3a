"""What those who are invited do with their link, and what organisers do for one of them.

A person who opens a link can read the emails to its email address, so the link confirms the email address.
"""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import register_user
from accounts.actors import Actor
from accounts.audit_log import log_change
from accounts.audit_words import NAME
from confbox.kit.coded import coded, coded_error
from confbox.kit.email_sending import send_email
from confbox.kit.outcomes import Change
from conferences.actions import join_conference
from conferences.contact import conference_email
from conferences.local_times import end_in_zone
from conferences.matching import claim_entry
from conferences.models import Membership, RosterEntry
from voting.campaigns.invitations.sent import can_be_resent, emails_to_roster
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.recipients import can_be_invited
from voting.campaigns.rules import refusal_to_send
from voting.campaigns.subscriptions.reachability import forget_bounces
from voting.campaigns.tokens import invitation_url, link_ends_at
from voting.campaigns.transitions import move

RESEND_WAIT = timedelta(minutes=1)
OVER = [Delivery.Status.SENT, Delivery.Status.FAILED, Delivery.Status.UNCERTAIN, Delivery.Status.SKIPPED]


def accept_as_new(
    *, entry: RosterEntry, name: str, password_hash: str, language: str, time_zone: str, by: Actor
) -> Membership:
    """Makes the account of the person who was invited, and makes them a member: both or neither.

    Raises:
        ValidationError: the address has an account by now, the invitation was used or the entry removed, or
            no one can join the conference.
    """
    with transaction.atomic():
        user = register_user(
            email=entry.mailbox,
            name=name,
            profession="",
            password_hash=password_hash,
            by=by,
            language=language,
            time_zone=time_zone,
        )
        return accept_invitation(entry=entry, by=Actor(user, by.ip_address, by.channel))


def accept_invitation(*, entry: RosterEntry, by: Actor) -> Membership:
    """Makes this person a member with the entry, whatever their own address is. Twice changes nothing.

    The entry is claimed last, because joining and importing take their locks in that order.

    Raises:
        ValidationError: the invitation was used or the entry removed, the person has joined with another
            entry, or no one can join the conference.
    """
    with transaction.atomic():
        membership = join_conference(conference=entry.conference, by=by, entry=entry)
        claimed = claim_entry(membership=membership, entry=entry)
        if claimed is None:
            raise ValidationError(_("This invitation can no longer be used."), code="invitation_ended")
        if claimed != entry:
            raise ValidationError(
                _(
                    "You have already joined with another email address on the list, so this invitation was "
                    "not used."
                ),
                code="already_joined",
            )
        # The email has arrived.
        forget_bounces(entry.mailbox)
    return membership


def send_new_link(*, entry: RosterEntry, by: Actor) -> Change:
    """Emails a new link to the entry's address because its owner asks; nothing if the entry is not free."""
    entry.refresh_from_db()
    if not entry.can_be_invited or not entry.conference.is_joinable():
        return Change.NONE
    until = end_in_zone(entry.conference, link_ends_at(entry.conference))
    context = {"entry": entry, "url": invitation_url(entry), "until": until}
    text = render_to_string("voting/campaigns/emails/new_invitation.txt", context)
    subject = _("Your new link to join %(conference)s") % {"conference": entry.conference}
    send_email(conference_email(entry.conference, subject=subject, text=text, to=entry.mailbox))
    return Change.MADE


def resend_invitation(*, entry: RosterEntry, by: Actor) -> Change:
    """Sends the conference's last invitation to one entry, once more if it was sent to it before.

    Returns:
        No change if it is waiting to be sent already.

    Raises:
        ValidationError: there is none to send, it was sent a moment ago, or this entry cannot get it.
    """
    with transaction.atomic():
        campaign = _last_invitation(entry)
        if refusal := refusal_to_send(campaign):
            raise coded_error(refusal, code="campaign_refused")
        if not can_be_invited(entry):
            raise coded_error(_not_invited(entry), code="not_invited")
        changed = _queue(campaign, entry)
        if changed is Change.MADE:
            if campaign.status == Campaign.Status.SENT:
                # It stays finished: the emails to all the others have been sent.
                move(campaign, from_states=[Campaign.Status.SENT], status=Campaign.Status.SENDING)
            what = _("Invitation to join sent again: %(name)s.") % {"name": NAME}
            log_change(by=by, target=entry.conference, what=what, about=entry)
    return changed


def _last_invitation(entry: RosterEntry) -> Campaign:
    """Locked, so that it is not finished meanwhile."""
    last = next(filter(can_be_resent, emails_to_roster(entry.conference)), None)
    found = Campaign.objects.select_for_update().filter(pk=last.pk).first() if last else None
    if found is None or not can_be_resent(found):
        raise ValidationError(
            _("No invitation has been approved yet. Please first send one to everyone who is listed."),
            code="no_invitation_yet",
        )
    if found.status == Campaign.Status.PAUSED:
        raise ValidationError(
            _("Sending of the invitation is paused. Please resume it first."), code="sending_paused"
        )
    return found


def _queue(campaign: Campaign, entry: RosterEntry) -> Change:
    if campaign.status == Campaign.Status.APPROVED:
        # Its deliveries are made when it is due, and this entry is among them.
        return Change.NONE
    delivery, is_new = Delivery.objects.get_or_create(campaign=campaign, roster_entry=entry)
    if is_new:
        return Change.MADE
    now = timezone.now()
    if delivery.sent_at and delivery.sent_at > now - RESEND_WAIT:
        raise ValidationError(
            _("It was sent to this email address just now. Please wait a minute."), code="sent_just_now"
        )
    over = Delivery.objects.filter(pk=delivery.pk, status__in=OVER)
    return Change.of(
        over.update(
            status=Delivery.Status.QUEUED,
            resends=F("resends") + 1,
            attempts=0,
            claim="",
            next_attempt_at=now,
            error="",
        )
    )


def _not_invited(entry: RosterEntry) -> str:
    if entry.removed_at:
        return coded(
            "entry_removed", _("This email address was removed from the roster. Please list it again first.")
        )
    if entry.has_joined:
        return coded("already_joined", _("This person has already joined."))
    if entry.same_mailbox:
        said = _("It has the same mailbox as %(email)s, so its owner is invited with that one.")
        return said % {"email": entry.same_mailbox}
    return _(
        "It cannot be sent to this email address: a mail server has refused it, or its owner does not want "
        "such emails."
    )

"""The kinds of refusals that are about emails to members."""

from django.utils.translation import gettext_lazy as _

from confbox.kit.api.problems import refusal

PROBLEMS = {
    "campaign-refused": refusal(
        _("This email cannot be sent."),
        _("The detail says why."),
    ),
    "campaigns-off": refusal(
        _("The organisers do not allow campaigns here."),
        _("They can change that in the rules of the vote."),
    ),
    "campaign-waiting": refusal(
        _("Another email of this kind is waiting."),
        _("It has to be sent, refused or withdrawn first."),
    ),
    "campaign-too-early": refusal(
        _("The last email of this kind was too recent."),
        _("The detail says from when the next one is possible."),
    ),
    "campaign-decided": refusal(
        _("The status of this campaign does not permit it."),
        _("It has been decided, sent, stopped or withdrawn. The detail has its status."),
    ),
    "opted-out": refusal(
        _("You have opted out of being voted for."),
        _("Opt in again first."),
    ),
    "address-not-confirmed": refusal(
        _("Your email address is not confirmed."),
        _("Confirm it first."),
    ),
    "must-be-sent": refusal(
        _("This email cannot be stopped."),
        _("Every member has to be notified."),
    ),
    "not-invited": refusal(
        _("This email address cannot be invited."),
        _("The detail says why."),
    ),
    "no-invitation-yet": refusal(
        _("No invitation has been approved yet."),
        _("Send one to everyone who is listed first."),
    ),
    "sending-paused": refusal(
        _("Sending is paused."),
        _("Resume it first."),
    ),
    "sent-just-now": refusal(
        _("This was sent just now."),
        _("Wait a minute before you send it again."),
    ),
    "already-sent": refusal(
        _("This email was due already."),
        _("Nothing was changed."),
    ),
}

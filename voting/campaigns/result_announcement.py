"""The email with the result, sent like a campaign, once to each member."""

from contextlib import suppress

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from accounts.actors import Actor
from voting.campaigns.actions import release_campaign, write_announcement
from voting.campaigns.kinds.result import RESULT
from voting.campaigns.models import Campaign
from voting.elections.models import Decision
from voting.elections.receipts.models import PublishedBallots
from voting.elections.receipts.signing import public_key

LONGEST_SUBJECT = 120


def announce_result(decision: Decision) -> Campaign:
    """Emails every member who will speak, in the name of the organiser who decided.

    It is one text for all, so it is in the site's own language.

    If it may not be sent, for example because the conference was deactivated, it waits for an organiser's
    review.
    """
    with override(settings.LANGUAGE_CODE):
        subject, message = _subject(decision), "\n\n".join(_paragraphs(decision))
    by = Actor(decision.decided_by)
    campaign = write_announcement(
        conference=decision.election.conference,
        kind=RESULT.code,
        subject=Truncator(subject).chars(LONGEST_SUBJECT),
        message=message,
        by=by,
        is_standard_text=True,
    )
    with suppress(ValidationError):
        release_campaign(campaign=campaign, version=campaign.version, by=by)
    return campaign


def _subject(decision: Decision) -> str:
    names = {"speaker": decision.speaker_name, "conference": decision.election.conference}
    return _("%(speaker)s will speak at %(conference)s") % names


def _paragraphs(decision: Decision) -> list[str]:
    sentence = _("%(speaker)s was chosen as the speaker of %(conference)s and has accepted.")
    members = decision.tally["members"]
    votes = ngettext(
        "%(votes)s of %(members)s member voted.", "%(votes)s of %(members)s members voted.", members
    )
    paragraphs = [
        sentence % {"speaker": decision.speaker_name, "conference": decision.election.conference},
        votes % {"votes": decision.tally["votes"], "members": members},
    ]
    if decision.reason:
        paragraphs.append(_("The organisers’ reason: %(reason)s") % {"reason": decision.reason})
    published = PublishedBallots.objects.filter(election=decision.election_id).first()
    if published:
        digest = _("Digest of the published ballots (SHA-256); keep this email as evidence: `%(digest)s`")
        key = _(
            "This site’s public key (Ed25519), which verify.py must show when it checks the result: `%(key)s`"
        )
        paragraphs += [digest % {"digest": published.digest}, key % {"key": public_key()}]
    return paragraphs

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_act
from conferences.models import Conference
from voting.elections.results import may_see_tally, tally_refusal
from voting.elections.tally import TallyResult, tally_of


def export_tally(*, conference: Conference, by: Actor, kind: str) -> TallyResult:
    """The tally to export in this format.

    Raises:
        ValidationError: the organiser may not see the tally yet.
    """
    if not may_see_tally(by.user, conference):
        raise ValidationError(tally_refusal(conference), code="voting_not_over")
    what = _("Votes of each candidate exported (%(format)s).") % {"format": kind.upper()}
    log_act(by=by, act="export", target=conference.election, what=what)
    return tally_of(conference)

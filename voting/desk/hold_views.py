"""Keeping the votes of a result linked to voters for longer, while the organisers look into a dispute."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.actors import actor_of
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, posted
from confbox.kit.outcomes import Change
from conferences.models import Conference
from voting.desk.access import conference_or_refuse, panel_page
from voting.desk.hold_forms import HoldForm
from voting.desk.hold_panels import hold_panel
from voting.elections.receipts.actions import ensure_published
from voting.elections.receipts.holds import keep_linked as keep_linked_until


@asking
def keep_linked(request: PersonRequest, conference_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, conference_id, "voting.add_decision")
    require_fresh_log_in(request)
    published = ensure_published(conference)
    form = HoldForm(posted(request), conference=conference, published=published)
    if form.is_bound and form.is_valid() and _keep(request, conference, form):
        return redirect("admin:voting_election_result", conference.pk)
    return panel_page(request, conference, hold_panel(conference, published, form), tab="result")


def _keep(request: PersonRequest, conference: Conference, form: HoldForm) -> bool:
    try:
        kept = keep_linked_until(conference=conference, by=actor_of(request), **form.cleaned_data)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    if kept is Change.MADE:
        messages.success(request, _("The votes stay linked to voters. The page of the result shows it."))
    else:
        messages.info(request, _("Nothing was changed."))
    return True

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, form_is_on, posted
from confbox.kit.limit_pages import with_limit
from confbox.kit.limits import Limit, LimitReached, count_use
from conferences.models import Membership
from conferences.views import own_membership
from voting.elections.moderation import hiding, reporting
from voting.elections.moderation.forms import ReportForm
from voting.elections.moderation.panels import report_panel

REPORTS = Limit("reports of members", person="20/h,60/d")


@asking
def report_member(request: PersonRequest, slug: str, member_id: int) -> HttpResponse:
    """For the members who see this one; for everyone else the page does not exist."""
    person = reportable_member(request, slug, member_id)
    subjects = reporting.subjects_of(person)
    form, refusal = ReportForm(posted(request), subjects=subjects), None
    if form.is_bound and form.is_valid():
        refusal = _report(request, person, form)
        if refusal is None:
            return redirect(person)
    panel = report_panel(request.user, person, form)
    context = {"conference": person.conference, "person": person, "panel": panel}
    answer = render(request, "voting/elections/moderation/report.html", context)
    return with_limit(answer, refusal) if isinstance(refusal, LimitReached) else answer


def reportable_member(request: PersonRequest, slug: str, member_id: int) -> Membership:
    """Another member whom this one sees."""
    mine = own_membership(request, slug)
    others = Membership.objects.listed_for(mine).exclude(pk=mine.pk).select_related("user", "pitch")
    person = get_object_or_404(others, pk=member_id)
    person.conference = mine.conference
    return person


def _report(request: PersonRequest, person: Membership, form: ReportForm) -> ValidationError | None:
    """Returns why it was refused."""
    try:
        count_use(REPORTS, request)
        reporting.report_member(membership=person, by=actor_of(request), **form.cleaned_data)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return refusal
    messages.success(request, _("Thank you. The organisers will look at it, and you will get an email."))
    return None


@form_is_on("pitch")
@require_POST
def ask_to_show_pitch(request: PersonRequest, slug: str) -> HttpResponse:
    membership = own_membership(request, slug)
    hiding.ask_to_show_pitch(membership=membership, by=actor_of(request))
    if membership.is_pitch_hidden:
        messages.success(request, _("The organisers have been asked to look at your pitch again."))
    else:
        messages.info(request, _("Your pitch is shown to the other members."))
    return redirect("member", slug, membership.pk)

"""The organiser's desk: one conference's tally, closing its voting and deciding its speaker."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.reauthentication import require_fresh_log_in
from conferences.models import Conference, Membership
from conferences.moments import in_zone
from conferences.pages import page_of, search_words
from voting.actions import close_voting, decide_speaker
from voting.desk_forms import DecisionForm
from voting.mails import tell_chosen
from voting.models import Decision, Tally
from voting.tally import TallyResult, tally_of

PER_PAGE = 100
OTHERS_SHOWN = 20


def desk_context(request: HttpRequest, conference: Conference) -> dict[str, Any]:
    tally, words = tally_of(conference), search_words(request)
    decisions = Decision.objects.filter(conference=conference)
    return admin.site.each_context(request) | {
        "opts": Tally._meta,
        "title": conference.title,
        "conference": conference,
        "state": conference.voting_state(),
        "is_open": conference.is_voting_open(),
        "opens": in_zone(conference, conference.voting_opens_at),
        "closes": in_zone(conference, conference.voting_closes_at),
        "tally": tally,
        "page": page_of(request, _found(tally, words), PER_PAGE),
        "q": words,
        "others": _members_without_votes(conference, tally, words),
        "decisions": list(decisions.select_related("speaker__user", "decided_by")),
        "can_decide": _can_decide(request, conference),
        "can_close": request.user.has_perm("conferences.change_conference"),
    }


def _found(tally: TallyResult, words: str) -> list[Any]:
    wanted = words.casefold().split()
    return [s for s in tally.standings if all(w in str(s.candidate).casefold() for w in wanted)]


def _members_without_votes(conference: Conference, tally: TallyResult, words: str) -> list[Membership]:
    if not words:
        return []
    members = Membership.objects.of_active_people().filter(conference=conference).search(words)
    voted_for = [s.candidate.pk for s in tally.standings]
    return list(members.exclude(pk__in=voted_for).select_related("user", "pitch")[:OTHERS_SHOWN])


def _can_decide(request: HttpRequest, conference: Conference) -> bool:
    return request.user.has_perm("voting.add_decision") and conference.speaker_id is None


@require_safe
def desk(request: HttpRequest, conference_id: int) -> HttpResponse:
    conference = _conference(request, conference_id)
    return render(request, "admin/voting/tally/desk.html", desk_context(request, conference))


def _conference(request: HttpRequest, conference_id: int) -> Tally:
    if not request.user.has_perm("voting.view_tally"):
        raise PermissionDenied
    found: Tally = get_object_or_404(Tally.objects.select_related("speaker__user"), pk=conference_id)  # type: ignore[assignment]
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, conference_id: int) -> HttpResponse:
    conference = _conference(request, conference_id)
    if not request.user.has_perm("conferences.change_conference"):
        raise PermissionDenied
    require_fresh_log_in(request)
    if request.method != "POST":
        return render(request, "admin/voting/tally/close.html", _page(request, conference))
    if close_voting(conference=conference):
        _record(request, conference, _("Voting closed."))
        messages.success(request, _("Voting is closed. The count is final."))
    else:
        messages.warning(request, _("Voting was not open, so nothing was changed."))
    return redirect("admin:voting_tally_change", conference.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, conference_id: int, member_id: int) -> HttpResponse:
    conference = _conference(request, conference_id)
    if not request.user.has_perm("voting.add_decision"):
        raise PermissionDenied
    require_fresh_log_in(request)
    members = Membership.objects.of_active_people().filter(conference=conference)
    candidate = get_object_or_404(members.select_related("user", "pitch"), pk=member_id)
    tally = tally_of(conference)
    sent = request.POST if request.method == "POST" else None
    form = DecisionForm(sent, is_sole_leader=tally.is_sole_leader(candidate.pk))
    if sent is not None and form.is_valid() and _decide(request, conference, candidate, form):
        return redirect("admin:voting_tally_change", conference.pk)
    place = next((s for s in tally.standings if s.candidate.pk == candidate.pk), None)
    context = {"candidate": candidate, "place": place, "tally": tally, "form": form}
    return render(request, "admin/voting/tally/decide.html", _page(request, conference) | context)


def _decide(request: HttpRequest, conference: Tally, candidate: Membership, form: DecisionForm) -> bool:
    reason = form.cleaned_data["reason"]
    try:
        decision = decide_speaker(
            conference=conference,
            candidate=candidate,
            by=request.user,  # type: ignore[arg-type]
            reason=reason,
        )
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    tell_chosen(decision=decision, url=request.build_absolute_uri(reverse("results", args=[conference.slug])))
    _record(request, conference, _("%(name)s chosen as speaker.") % {"name": candidate})
    messages.success(
        request, _("%(name)s is chosen as the speaker and has been asked to accept.") % {"name": candidate}
    )
    return True


def _page(request: HttpRequest, conference: Tally) -> dict[str, Any]:
    return admin.site.each_context(request) | {
        "opts": Tally._meta,
        "title": conference.title,
        "conference": conference,
        "is_open": conference.is_voting_open(timezone.now()),
        "closes": in_zone(conference, conference.voting_closes_at),
    }


def _record(request: HttpRequest, conference: Tally, what: str) -> None:
    admin.site.get_model_admin(Tally).log_change(request, conference, what)

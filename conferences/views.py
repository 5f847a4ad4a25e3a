from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actors import actor_of
from accounts.models import User
from accounts.requests import PersonRequest
from confbox.kit.clock import DatabaseNow
from confbox.kit.compiled_queries import CompiledQuery, parameter
from confbox.kit.first_token import sets_first_token
from confbox.kit.form_pages import form_is_on
from confbox.kit.pagination import page_of, search_words
from confbox.kit.swapped_pages import render_page
from conferences import actions
from conferences.admission.options import JoinOptions
from conferences.contact import contact_panel, with_owner
from conferences.member_counts import member_count
from conferences.members_in_order import page_in_order
from conferences.models import Conference, ConferenceQuerySet, Membership
from conferences.page_parts import facts_of
from conferences.panels import conference_cards, membership_panel, none_found, status_notice, visibility_badge
from conferences.teams.dashboard import organiser_panel

MemberView = Callable[[PersonRequest, Membership], HttpResponse]
SlugView = Callable[[PersonRequest, str], HttpResponse]
# Members of the team with this permission read a page for members without having joined.
READ = "conferences.view_conference"
FILTERS = ("upcoming", "past", "mine")


# Two log-in forms opened from here in two tabs then share one token, and both work.
@sets_first_token
@login_not_required
@require_safe
def conferences(request: HttpRequest) -> HttpResponse:
    shown = request.GET.get("show", "")
    shown = shown if shown in FILTERS and (shown != "mine" or request.user.is_authenticated) else "upcoming"
    words = search_words(request)
    found = listed(request, shown).search(words)
    page = page_of(request, found)
    context = {
        "page": page,
        "cards": conference_cards(request.user, page.object_list),
        "none_found": none_found(words=words, shown=shown),
        "q": words,
        "show": shown,
        "organising": organiser_panel(request.user) if shown == "upcoming" and not words else None,
        "is_first_visit": not request.user.is_authenticated and not request.GET,
        "canonical_page": page.number if shown == "upcoming" and not words else 1,
    }
    return render_page(request, "conferences/conferences.html", context)


def listed(request: HttpRequest, shown: str) -> ConferenceQuerySet:
    """Those of the filter `shown`, which is one of `FILTERS`, in the order of the list."""
    if shown == "mine" and isinstance(request.user, User):
        mine = Conference.objects.visible_to(request.user).joined_by(request.user).real()
        return mine.as_of_now().select_related("election").order_by("-starts_at", "-pk")
    now, rows = DatabaseNow(), Conference.objects.listed_for(request.user).as_of_now()
    rows = rows.select_related("election")
    return rows.past(now) if shown == "past" else rows.upcoming(now)


@login_not_required
@require_safe
def conference(request: HttpRequest, slug: str) -> HttpResponse:
    visible = Conference.objects.as_of_now().visible_to(request.user)
    visible = with_owner(visible).select_related("election__speaker__user")
    found = get_object_or_404(visible, slug=slug)
    membership = None
    if request.user.is_authenticated:
        mine = Membership.objects.current().filter(conference=found, user=request.user)
        membership = mine.select_related("roll_entry", "pitch").first()
        if membership:
            membership.conference = found
    return conference_page(request, found, membership)


def conference_page(
    request: HttpRequest, conference: Conference, membership: Membership | None, **more: Any
) -> HttpResponse:
    options = JoinOptions(request.user, conference)
    facts = facts_of(request.user, membership, options)
    context = {
        "conference": conference,
        "membership": membership,
        "visibility": visibility_badge(conference),
        "notice": status_notice(conference),
        "contact": contact_panel(conference, viewer=request.user),
        "taking_part": membership_panel(options, membership, facts),
        "member_count": member_count(conference),
    }
    return render(request, "conferences/conference.html", context | facts | more)


@form_is_on("conference")
@require_POST
def join_conference(request: PersonRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Conference.objects.visible_to(request.user), slug=slug)
    try:
        actions.join_conference(conference=found, by=actor_of(request))
        messages.success(request, _("You joined %(conference)s.") % {"conference": found})
    except ValidationError as refusal:
        messages.error(request, refusal.message)
    return redirect(found)


def own_membership(request: PersonRequest, slug: str) -> Membership:
    """The current membership of the person; for everyone else the conference does not exist."""
    own = _own(request, slug)
    if own is None:
        raise Http404
    return own


def _own(request: PersonRequest, slug: str) -> Membership | None:
    """Of a conference that is `visible_to` them: members see all but drafts and rehearsals, as a plain query.

    Only those who run a rehearsal see it, which takes a second one.
    """
    found = OWN.first(user=request.user.pk, slug=slug)
    if found is None or (found.conference.rehearses_id and not _is_visible(found.conference, request.user)):
        return None
    found.conference.as_of = found.as_of
    return found


def _own_memberships() -> QuerySet[Membership, Any]:
    own = Membership.objects.current().filter(user=parameter("user"), conference__slug=parameter("slug"))
    own = own.exclude(conference__status=Conference.Status.DRAFT)
    # As a member one is asked for one's entry of the roll and one's vote on most pages.
    read_with_it = ["conference__election", "roll_entry", "vote__candidate__user"]
    own = own.annotate(as_of=DatabaseNow()).select_related(*read_with_it)  # type: ignore[no-redef]
    return own.order_by()


OWN = CompiledQuery(_own_memberships)


def _is_visible(conference: Conference, user: User) -> bool:
    return Conference.objects.visible_to(user).filter(pk=conference.pk).exists()


def membership_or_reader(request: PersonRequest, slug: str, permission: str = READ) -> Membership:
    """As `own_membership`; those who run the conference get one that is not stored, with which they read."""
    own = own_or_reader(request, slug, permission)
    if own is None:
        raise Http404
    return own


def own_or_reader(request: PersonRequest, slug: str, permission: str = READ) -> Membership | None:
    return _own(request, slug) or _reader(request, slug, permission)


def _reader(request: PersonRequest, slug: str, permission: str) -> Membership | None:
    run = Conference.objects.managed_by(request.user, permission).visible_to(request.user).as_of_now()
    found = run.select_related("election").filter(slug=slug).first()
    return Membership(conference=found, user=request.user) if found else None


def for_members(
    say: Callable[[User, Conference], str], readers: str = READ
) -> Callable[[MemberView], SlugView]:
    """Passes the person's membership to the view; redirects others who may see the conference to its page.

    `say` is the message that they see there. Those of the team with the permission `readers` read the page.
    """

    def decorate(view: MemberView) -> SlugView:
        @wraps(view)
        def with_membership(request: PersonRequest, slug: str) -> HttpResponse:
            membership = own_or_reader(request, slug, readers)
            return view(request, membership) if membership else _led_to_conference(request, slug, say)

        return with_membership

    return decorate


def _led_to_conference(
    request: PersonRequest, slug: str, say: Callable[[User, Conference], str]
) -> HttpResponse:
    found = get_object_or_404(Conference.objects.visible_to(request.user), slug=slug)
    messages.info(request, say(request.user, found))
    return redirect(found)


def members_are_for_members(user: User, conference: Conference) -> str:
    return _("The list of members is for members of this conference.")


@require_safe
@for_members(members_are_for_members, readers="conferences.view_membership")
def members(request: PersonRequest, membership: Membership) -> HttpResponse:
    words = search_words(request)
    conference = membership.conference
    found = Membership.objects.listed_for(membership).select_related("user")
    page = page_in_order(request, conference, found, words, 24, are_most=conference.members_are_listed)
    context = {
        "conference": conference,
        "membership": membership,
        "page": page,
        "q": words,
        "reads_only": membership.reads_only,
    }
    return render_page(request, "conferences/members.html", context)

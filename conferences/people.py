"""A person's profile, shown to people who have joined the same conference."""

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.hidden_profiles import HiddenProfile
from accounts.models import User
from accounts.requests import PersonRequest
from confbox.kit.email_addresses import ENDS_INVENTED
from conferences.models import Conference, Membership


@require_safe
def person(request: PersonRequest, user_id: int) -> HttpResponse:
    shared = _shared(request.user, user_id)
    visible = User.objects.active().filter(pk=user_id)
    if user_id != request.user.pk:
        visible = visible.filter(memberships__in=shared).distinct()
    found = get_object_or_404(visible)
    context = {"person": found, "profile": _profile(found, shared, request.user), "memberships": shared}
    return render(request, "conferences/person.html", context)


def _profile(person: User, shared: QuerySet[Membership], viewer: User) -> User | HiddenProfile:
    """Without the profile if it is hidden in every conference in which the viewer meets the person."""
    is_hidden = person != viewer and all(each.profile_hidden_at for each in shared)
    return HiddenProfile(str(person)) if is_hidden else person


def _shared(user: User, other_id: int) -> QuerySet[Membership]:
    """The other person's memberships in conferences that this person has joined too."""
    mine = Membership.objects.current().filter(user=user).values("conference")
    theirs = Membership.objects.current() if user.pk == other_id else Membership.objects.current().shown()
    theirs = theirs.filter(user=other_id, conference__in=Conference.objects.visible_to(user))
    # Invented people have only a rehearsal; on the page of a real person it is left out.
    is_invented = Q(user__email__endswith=ENDS_INVENTED)
    theirs = theirs.filter(Q(conference__rehearses=None) | is_invented)
    return theirs.filter(conference__in=mine).select_related("conference__election", "pitch").order_by("-pk")

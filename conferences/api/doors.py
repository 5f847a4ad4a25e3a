"""How an operation finds the membership of its caller, or the conference that they run."""

from collections.abc import Callable

from django.shortcuts import get_object_or_404

from accounts.models import User
from accounts.requests import PersonRequest
from confbox.kit.api.problems import Problem
from conferences.models import Conference, Membership
from conferences.namesakes import with_namesakes
from conferences.views import READ, own_or_reader


def member_or_reader(
    request: PersonRequest, slug: str, say: Callable[[User, Conference], str], readers: str = READ
) -> Membership:
    """As `for_members` of the pages: of a member, or of those of the team who may read.

    Raises:
        Problem: with the sentence of the page, for others who may see the conference.
        Http404: for everyone else.
    """
    membership = own_or_reader(request, slug, readers)
    if membership is None:
        found = get_object_or_404(Conference.objects.visible_to(request.user), slug=slug)
        raise Problem("not-a-member", say(request.user, found))
    return membership


def managed(request: PersonRequest, slug: str, permission: str) -> Conference:
    """The conference, if the person has this permission in it; for others it does not exist.

    Operations on its vote use `conference_with_slug` of the desk, which refuses those of the team who have no
    permission: each answers as its page does.
    """
    found = Conference.objects.as_of_now().managed_by(request.user, permission)
    return get_object_or_404(with_namesakes(found.select_related("election", "admission")), slug=slug)

from typing import ClassVar

from django.shortcuts import get_object_or_404
from pydantic import Field

from accounts.actors import actor_of
from accounts.api.log_ins import require_fresh_log_in_of_browser
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Slug, Words
from confbox.kit.api.forms import cleaned
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.pagination import search_words
from conferences.api.doors import managed
from conferences.api.outcomes import SEEN
from conferences.changes.forms import MergeForm
from conferences.merging import actions
from conferences.merging.consequences import of_merging
from conferences.merging.likeness import candidates
from conferences.merging.people import Merge
from conferences.merging.rules import MERGE, refusals_of_any_merge, refusals_of_merge
from conferences.models import Conference, ConferenceChange
from conferences.organising.saying import run_by

router = ApiRouter("Organising: duplicates")


class MergeCandidate(Answer):
    slug: Slug
    title: str
    likeness: list[str] = Field(description="What both have in common, in words.")

    EXAMPLE: ClassVar = {"slug": "open-conf", "title": "Open Conf", "likeness": ["same title"]}


class MergeCandidates(Answer):
    refusals: list[str] = Field(description="Why it cannot be merged into any other conference.")
    items: list[MergeCandidate]

    EXAMPLE: ClassVar = {"refusals": [], "items": [MergeCandidate.EXAMPLE]}


class MergeOffer(Answer):
    refusals: list[str] = Field(description="What keeps the two from being merged; empty if nothing does.")
    consequences: list[str]
    seen: str = Field(description="The version of both, to send with the merge.")

    EXAMPLE: ClassVar = {
        "refusals": [],
        "consequences": ["No one becomes a member of Open Conf, so no one gets an email about it."],
        "seen": "2c26b46b68ffc68ff99b453c1d304134",
    }


class MergeConfirmed(Input):
    address: str = Field(max_length=300, description="The slug of the duplicate, to confirm.")
    seen: str = SEEN

    EXAMPLE: ClassVar = {"address": "open-conf-2", "seen": ""}


class Merged(Answer):
    conference: Slug = Field(description="The one that stays.")

    EXAMPLE: ClassVar = {"conference": "open-conf"}


@router.get(
    "conferences/{slug}/organise/merge/",
    scope=Scope.ORGANISE_READ,
    all_conferences=True,
    answer=MergeCandidates,
    summary="Of which conference this could be a duplicate",
)
def merge_candidates(request: PersonRequest, slug: Slug, q: Words = "") -> MergeCandidates:
    """Of those that you can merge, the most alike first."""
    duplicate = managed(request, slug, MERGE)
    found = candidates(duplicate, person=request.user, words=search_words(request))
    return MergeCandidates(
        refusals=[refusal.words for refusal in refusals_of_any_merge(duplicate)],
        items=[
            MergeCandidate(slug=each.conference.slug, title=each.conference.title, likeness=each.likeness)
            for each in found
        ],
    )


@router.get(
    "conferences/{slug}/organise/merge/{into}/",
    scope=Scope.ORGANISE_READ,
    all_conferences=True,
    answer=MergeOffer,
    summary="What merging two conferences leads to",
)
def merge_offer(request: PersonRequest, slug: Slug, into: Slug) -> MergeOffer:
    """And what keeps them from being merged."""
    pair = _pair(request, slug, into)
    refusals = refusals_of_merge(pair, request.user)
    return MergeOffer(
        refusals=[refusal.words for refusal in refusals],
        consequences=[] if refusals else of_merging(pair),
        seen=pair.version(),
    )


@router.post(
    "conferences/{slug}/organise/merge/{into}/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=Merged,
    summary="Merge a duplicate into another conference",
    refusals=["Only an owner of both conferences, or an organiser of the site, can merge them."],
)
def merge_conferences(request: PersonRequest, slug: Slug, into: Slug, form: MergeConfirmed) -> Merged:
    """Its members become members of the other one, and it is deleted. This cannot be undone."""
    if done := _done_before(request, slug, into):
        return Merged(conference=done.conference.slug)
    pair = _pair(request, slug, into)
    require_fresh_log_in_of_browser(request)
    address = cleaned(MergeForm({"address": form.address}, duplicate=pair.duplicate))["address"]
    done = actions.merge_conferences(
        duplicate=pair.duplicate, stays=pair.stays, address=address, by=actor_of(request), seen=form.seen
    )
    return Merged(conference=done.conference.slug)


def _done_before(request: PersonRequest, slug: str, into: str) -> ConferenceChange | None:
    """For a request that was sent twice: its duplicate is gone."""
    if Conference.objects.managed_by(request.user, MERGE).filter(slug=slug).exists():
        return None
    merges = managed(request, into, MERGE).changes.filter(act=ConferenceChange.Act.MERGED)
    return merges.filter(before__slug=slug).first()


def _pair(request: PersonRequest, slug: str, into: str) -> Merge:
    """Both with all that is asked of them."""
    both = run_by(request.user) & Conference.objects.managed_by(request.user, MERGE)
    duplicate = get_object_or_404(both, slug=slug)
    return Merge(duplicate, get_object_or_404(both.exclude(pk=duplicate.pk), slug=into))

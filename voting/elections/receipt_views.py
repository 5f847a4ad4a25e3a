import json
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import PersonRequest
from confbox.kit.downloads import text_download
from confbox.kit.limits import Limit, is_heavy
from confbox.kit.pagination import page_of, search_words
from confbox.kit.search import has_words
from conferences.models import Membership
from conferences.views import membership_or_reader, own_membership
from voting.elections.models import Vote
from voting.elections.receipts import verify
from voting.elections.receipts.actions import ensure_published
from voting.elections.receipts.models import PublishedBallots
from voting.elections.receipts.receipt import check_receipt, receipt_of
from voting.elections.receipts.signing import public_key
from voting.elections.results import sees_results
from voting.elections.views import results_page

# Each of these reads all ballots of the conference.
RECEIPT_CHECKS = Limit("receipt checks", person="30/h")
VOTERS_PER_PAGE = 100


@require_safe
def receipt(request: PersonRequest, slug: str) -> HttpResponse:
    vote = own_valid_vote(request, slug)
    found = receipt_of(vote)
    context = {
        "conference": vote.election.conference,
        "vote": vote,
        "receipt": found,
        "text": _as_text(found),
    }
    return render(request, "voting/elections/receipt.html", context)


@require_safe
def receipt_json(request: PersonRequest, slug: str) -> HttpResponse:
    found = receipt_of(own_valid_vote(request, slug))
    if found is None:
        raise Http404
    return _download_json(found, f"receipt-{slug}.json")


def own_valid_vote(request: PersonRequest, slug: str) -> Vote:
    voter = own_membership(request, slug)
    votes = Vote.objects.valid().select_related("election__conference", "candidate__user")
    return get_object_or_404(votes, voter=voter)


@require_safe
def ballots_csv(request: PersonRequest, slug: str) -> HttpResponse:
    return text_download(
        published_to_readers(request, slug)[1].ballots, name=f"ballots-{slug}.csv", content_type="text/csv"
    )


@require_safe
def result_json(request: PersonRequest, slug: str) -> HttpResponse:
    return _download_json(published_to_readers(request, slug)[1].file, f"result-{slug}.json")


@require_safe
def who_voted(request: PersonRequest, slug: str) -> HttpResponse:
    """The names of those who voted, where the rules of the vote publish them."""
    membership, published = published_to_readers(request, slug)
    words = search_words(request)
    names = [name for name, _pk in voters_found(published, words)]
    page = page_of(request, names, VOTERS_PER_PAGE)
    reads_only = membership.reads_only
    context = {"conference": membership.conference, "page": page, "q": words, "reads_only": reads_only}
    return render(request, "voting/elections/who_voted.html", context)


def voters_found(published: PublishedBallots, words: str) -> list[tuple[str, int]]:
    """Their names and IDs."""
    if "voters" not in published.result:
        raise Http404(_("The names of those who voted are not published."))
    return [one for one in published.named_voters if has_words(one[0], words)]


@login_not_required
@require_safe
def verify_py(request: HttpRequest, slug: str) -> HttpResponse:
    """The program that checks results, with the key of this site; it is the same for every conference."""
    program = Path(verify.__file__).read_text(encoding="utf-8")
    pinned = program.replace('KEY = ""', f'KEY = "{public_key()}"', 1)
    return text_download(pinned, name="verify.py", content_type="text/x-python")


@require_POST
@is_heavy(RECEIPT_CHECKS)
def verify_receipt(request: PersonRequest, slug: str) -> HttpResponse:
    membership, published = published_to(own_membership(request, slug), request)
    text = request.POST.get("receipt", "")
    try:
        problems = check_receipt(text=text, published=published, member=membership)
    except ValidationError as refusal:
        return results_page(request, membership, pasted=text, refusal=refusal.message)
    context = {"conference": membership.conference, "problems": problems, "text": text}
    return render(request, "voting/elections/receipt_checked.html", context)


def published_to_readers(request: PersonRequest, slug: str) -> tuple[Membership, PublishedBallots]:
    return published_to(membership_or_reader(request, slug), request)


def published_to(membership: Membership, request: PersonRequest) -> tuple[Membership, PublishedBallots]:
    """What was published when voting closed, for those who see the result."""
    if not sees_results(membership, request.user):
        raise Http404(_("The result is not out yet."))
    ensure_published(membership.conference)
    return membership, get_object_or_404(PublishedBallots, election=membership.conference_id)


def _download_json(content: object, name: str) -> HttpResponse:
    return text_download(_as_text(content), name=name, content_type="application/json")


def _as_text(content: object) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False)


@login_not_required
@require_safe
def how_the_vote_works(request: HttpRequest) -> HttpResponse:
    context = {"days": settings.DISPUTE_DAYS, "is_automatic": settings.UNLINK_AUTOMATICALLY}
    return render(request, "voting/elections/how_the_vote_works.html", context)

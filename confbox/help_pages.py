"""The handbooks: all chapters at a glance, one handbook on one page to search or print, and each chapter."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from confbox.kit.handbooks.contents import HANDBOOKS
from confbox.kit.handbooks.reading import chapter_of, handbook_of


@login_not_required
@require_safe
def handbooks(request: HttpRequest) -> HttpResponse:
    shown = [handbook_of(name, _language()) for name in HANDBOOKS]
    return render(request, "help/handbooks.html", {"handbooks": shown})


@login_not_required
@require_safe
def handbook(request: HttpRequest, handbook: str) -> HttpResponse:
    if handbook not in HANDBOOKS:
        raise Http404
    shown = handbook_of(handbook, _language(), level=3)
    return render(request, "help/handbook.html", {"handbook": shown})


@login_not_required
@require_safe
def handbook_chapter(request: HttpRequest, handbook: str, chapter: str) -> HttpResponse:
    if chapter not in HANDBOOKS.get(handbook, ()):
        raise Http404
    book = handbook_of(handbook, _language())
    at = HANDBOOKS[handbook].index(chapter)
    context = {
        "handbook": book,
        "chapter": chapter_of(handbook, chapter, _language()),
        "previous": book.chapters[at - 1] if at else None,
        "next": book.chapters[at + 1] if at + 1 < len(book.chapters) else None,
    }
    return render(request, "help/chapter.html", context)


def _language() -> str:
    return get_language() or "en"

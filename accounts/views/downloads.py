from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.downloads import page_with_link
from accounts.requests import PersonRequest


@require_safe
def download(request: PersonRequest) -> HttpResponse:
    file = request.GET.get("file", "")
    page = page_with_link(file)
    if not page:
        raise Http404
    return render(request, "accounts/download.html", {"file": file, "page": page})

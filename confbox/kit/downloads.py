from django.http import HttpResponse


def text_download(text: str, *, name: str, content_type: str) -> HttpResponse:
    """A text that the browser saves under this name, in UTF-8."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type=f"{content_type}; charset=utf-8", headers=headers)

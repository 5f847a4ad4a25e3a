"""An email as a page that only this site may frame, with a policy of its own."""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.http import HttpResponse

# Emails contain their styles in the HTML. Nothing else is allowed in the frame. As no script runs there, it
# has the origin of the site, so that the page around it reads how high it is.
EMAIL_POLICY = {
    "default-src": [NONE],
    "script-src": [NONE],
    "img-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-same-origin", "allow-popups", "allow-popups-to-escape-sandbox"],
}
# Where the links of the email replace the page around it.
LINKS_LEAVE = EMAIL_POLICY | {"sandbox": ["allow-same-origin", "allow-top-navigation-by-user-activation"]}


def email_page(html: str, *, links_leave: bool = False) -> HttpResponse:
    """With `links_leave`, its links open in place of the page around the frame; else in a new tab."""
    if links_leave:
        html = html.replace("<head>", '<head><base target="_top">', 1)
    response = HttpResponse(html)
    response["X-Frame-Options"] = "SAMEORIGIN"
    policy = LINKS_LEAVE if links_leave else EMAIL_POLICY
    response._csp_replace = policy  # type: ignore[attr-defined]  # what csp_replace would set  # noqa: SLF001
    return response

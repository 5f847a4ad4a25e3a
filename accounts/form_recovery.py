"""Text that was typed into a form that could not be processed.

Its author was logged out meanwhile, or the page's token had expired. The text is kept for an hour, encrypted,
and shown again.
"""

import json
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.devices import digest_of_person, last_person
from accounts.models import User
from confbox.kit.encryption import decrypt_compressed, encrypt_compressed
from confbox.kit.limit_pages import NOT_SAVED
from confbox.kit.limits import Limit, LimitReached, count_use
from confbox.kit.temporary_storage import delete_saved, save_temporarily, saved_temporarily

KIND, LIFETIME = "saved-form", 3600
# The longest text field allows 10,000 characters, which are 40 KB if each takes four bytes.
TYPED_BYTES, SAVED_BYTES = 64 * 1024, 48 * 1024
SAVED_FORMS = Limit("saved forms", network="60/h")
# A vote is never saved: the voter has to choose again.
NEVER_SAVED = {"candidate"}
# Fields that no one typed into.
WITHOUT_TEXT = {"next", "moves", "action", "answer", "page", "role"}
# The key of the saved form is sent with it, so that it is deleted once the form has been processed.
KEY = "saved_form"
LEFT_OUT = {*NOT_SAVED, KEY}
PASSWORDS = set(NOT_SAVED) - {"csrfmiddlewaretoken", "code"}
# Field names in forms of the site whose label differs from the name.
LABELS = {
    "name": gettext_noop("Name"),
    "profession": gettext_noop("Profession"),
    "bio": gettext_noop("About you"),
    "phone": gettext_noop("Phone"),
    "headline": gettext_noop("Headline"),
    "statement": gettext_noop("Statement"),
    "subject": gettext_noop("Subject"),
    "message": gettext_noop("Message"),
    "reason": gettext_noop("Reason"),
    "email": gettext_noop("Email address"),
    "login": gettext_noop("Email address"),
    "title": gettext_noop("Title"),
    "agenda": gettext_noop("Agenda"),
}
LINE = 80


@dataclass(frozen=True)
class Field:
    name: str
    value: str

    @property
    def label(self) -> str:
        return _(LABELS.get(self.name, self.name.replace("_", " ").capitalize()))

    @property
    def is_text(self) -> bool:
        """Whether a person typed it, so that it is worth showing."""
        is_choice = self.value.isdigit() or len(self.value) < 4
        return self.name in LABELS or not (is_choice or self.name in WITHOUT_TEXT)

    @property
    def is_long(self) -> bool:
        return len(self.value) > LINE or "\n" in self.value


@dataclass(frozen=True)
class SavedForm:
    """A form as it was typed; passwords and codes have to be typed again."""

    path: str
    fields: list[Field]
    passwords: list[str]
    key: str = ""

    @property
    def has_text(self) -> bool:
        return any(field.is_text and field.value.strip() for field in self.fields)


def form_to_save(request: HttpRequest) -> SavedForm | None:
    """What the request would have sent; None if it contains no typed text."""
    if request.method != "POST" or request.FILES or NEVER_SAVED & set(request.POST):
        return None
    typed = [(name, value) for name, values in request.POST.lists() for value in values]
    saved = SavedForm(
        path=request.get_full_path(),
        fields=[Field(name, value.replace("\r\n", "\n")) for name, value in typed if name not in LEFT_OUT],
        passwords=[name for name, _value in typed if name in PASSWORDS],
    )
    return saved if saved.has_text else None


def save_form(request: HttpRequest) -> bool:
    """Saves the form for this browser in place of an earlier one.

    Returns False if it is empty or too large.
    """
    saved = form_to_save(request)
    if saved is None or saved.passwords:
        return False
    fields = [(f.name, f.value) for f in saved.fields]
    written = json.dumps({"path": saved.path, "fields": fields, "author": _author(request)}).encode()
    encrypted = encrypt_compressed(written)
    if len(written) > TYPED_BYTES or len(encrypted) > SAVED_BYTES:
        return False
    try:
        count_use(SAVED_FORMS, request)
    except LimitReached:
        return False
    drop_saved_form(request)
    key = request.session[KEY] = secrets.token_urlsafe(16)
    save_temporarily(KIND, key, version=key, content=encrypted, seconds=LIFETIME)
    return True


def is_saved_form(request: HttpRequest) -> bool:
    """Whether the form is the one that is saved for this browser."""
    key = request.POST.get(KEY, "") if request.method == "POST" else ""
    return bool(key) and key == request.session.get(KEY)


def drop_saved_form(request: HttpRequest) -> None:
    if key := request.session.pop(KEY, ""):
        delete_saved(KIND, key)


def _author(request: HttpRequest) -> str:
    """Who typed it, as far as the browser can tell: the person logged in, or the last one to be."""
    return digest_of_person(request.user) if isinstance(request.user, User) else last_person(request)


def saved_form(request: HttpRequest) -> SavedForm | None:
    """The text for the person who typed it, and for no one else who logs in on the same computer."""
    key = request.session.get(KEY, "")
    found = saved_temporarily(KIND, key, version=key) if key else None
    opened = decrypt_compressed(found[0]) if found else None
    if opened is None:
        return None
    written = json.loads(opened)
    if written["author"] and written["author"] != _author(request):
        return None
    return SavedForm(written["path"], [Field(name, value) for name, value in written["fields"]], [], key)


def came_from_here(request: HttpRequest) -> bool:
    """Whether a page of this site sent the form, according to all headers that the browser sets.

    Otherwise another site could have us show its own text as the visitor's.
    """
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    said = [request.headers[name] for name in ("Origin", "Referer") if request.headers.get(name)]
    ours = {request.get_host()}
    is_ours = all(urlsplit(page).netloc and url_has_allowed_host_and_scheme(page, ours) for page in said)
    return site == "same-origin" and is_ours

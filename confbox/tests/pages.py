"""Every page of the site in every state, as documents: for checks of HTML and layout.

The pages come from the route table, so a new route is included automatically. Pages that depend on a state,
a form response or a failure are added here.
"""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.template import loader
from django.test import Client, override_settings
from django.utils import timezone

from accounts.tests.factories import PASSWORD
from confbox.mailbox import newest_emails
from confbox.settings import BASE_DIR
from confbox.tests import routes
from confbox.tests.states import INVITATIONS, invitation_path, unsubscribe_path
from conferences.models import JoinCode, RosterEntry
from conferences.tests.admission import only
from conferences.tests.factories import make_conference
from conferences.tests.rosters.entries import make_entry
from conferences.tests.test_import_conferences import row
from voting.campaigns.kinds.registry import KINDS
from voting.campaigns.tokens import mailbox_token

ROLES = ("anonymous", "stranger", "member", "guarded", "organiser")
OF_A_CONFERENCE = ("", "ballot/", "members/", "pitch/", "results/", "vote/receipt/", "campaigns/new/")
# Of each kind a row: new, known, changed, listed again, repeated, like another one, left out.
MIXED_LIST = (
    "Email,Name,Status,Shoes\nnew@example.org,New,,\nlisted@example.org,Changed,,\nremoved@example.org,,,\n"
    "NEW@example.org,,,\nnew+1@example.org,,,\ngone@example.org,,canceled,\ninvited@example.org,,,\n"
)
TOKEN = {"name": "Laptop", "scopes": ["read", "vote"], "which": "all", "expires_in_days": "90"}
ERRORS = ("400", "403", "403_csrf", "404", "500", "503")
EVERY_ADMIN_PAGE = {"admin/base_site.html"}


@dataclass(frozen=True)
class Page:
    name: str
    path: str
    role: str
    html: str
    is_of_the_site: bool = True

    @property
    def is_email(self):
        return self.name.startswith("email ")


def all_pages(states):
    """Each page once; whatever requesting them changes is undone."""
    found = {}
    with transaction.atomic():
        for pages in (
            _routes(states),
            _states(states),
            _before_and_after(states),
            _forms(states),
            _entrances(),
            _pages_of_no_route(),
            _emails(),
        ):
            for page in pages:
                found.setdefault(page.name, page)
        transaction.set_rollback(True)
    return list(found.values())


def unlike_pages(pages):
    """Of pages with the same kind of URL and the same elements, only the first."""
    found = {}
    for page in pages:
        found.setdefault(_build(page), page)
    return list(found.values())


def _build(page):
    kind = re.sub(r"/conferences/[\w-]+/", "/conferences/x/", re.sub(r"\d+", "0", page.path))
    body = re.sub(r"hue-\d", "", page.html.partition("<main")[2] or page.html)
    pieces = re.findall(r"<([a-z]\w*)(?:\s[^>]*?class=\"([^\"]*)\")?", body.partition("<footer")[0])
    return kind, frozenset(pieces)


def _routes(states):
    for role in ROLES:
        for route in routes.pages(states.cast):
            yield from _page(states, role, "GET", route.path)


def _states(states):
    for slug in states.slugs:
        for path in OF_A_CONFERENCE:
            for role in ("anonymous", "member"):
                yield from _page(states, role, "GET", f"/conferences/{slug}/{path}")
    for state, campaign in states.campaigns.items():
        for path in ("", "approve/", "edit/", "refuse/", "stop/", "change/"):
            yield from _page(states, "organiser", "GET", f"/admin/voting/campaign/{campaign.pk}/{path}")
        for path in ("", "change/"):
            address = f"/conferences/open-conf/campaigns/{campaign.pk}/{path}"
            yield from _page(states, f"asker-{state}", "GET", address)
    for conference in states.conferences:
        tabs = ("turnout/", "candidates/", "decision/", "result/")
        for path in (*tabs, "close/", "close-and-decide/", "move-deadline/", "rules/", "fraud/"):
            yield from _page(states, "organiser", "GET", f"/admin/voting/votes/{conference.pk}/{path}")
        for asked in conference.consent_requests.all():
            path = f"/admin/conferences/conference/{conference.pk}/second-person/{asked.pk}/"
            yield from _page(states, "organiser", "GET", path)
        for kind in (code for code, kind in KINDS.items() if kind.draft):
            yield from _page(
                states, "organiser", "GET", f"/admin/voting/campaign/announce/{conference.pk}/{kind}/"
            )
    bob, alice = states.members["bob"], states.members["alice"]
    decided, tied, asked = (states.conferences.get(slug=slug) for slug in ("accepted", "tied", "asked"))
    held = states.conferences.get(slug="after-close")
    leader = tied.memberships.order_by("pk").last()
    removed, dead = RosterEntry.objects.removed().get(), JoinCode.objects.get(ended_at__isnull=False)
    roster = f"/admin/conferences/conference/{removed.conference_id}/roster/"
    names = ["invited", "joined", "removed"]
    entries = [RosterEntry.objects.get(mailbox=f"{name}@example.org") for name in names]
    invited = states.conferences.filter(slug__in=INVITATIONS)
    for role, path in [
        *((role, f"/{query}") for role in ROLES for query in ("", "?q=nothing-like-it", "?show=past")),
        *((role, "/?show=mine") for role in ("stranger", "member")),
        ("member", "/conferences/open-conf/ballot/?q=nobody-like-it"),
        ("member", "/conferences/open-conf/ballot/?q=Bob"),
        ("member", "/conferences/open-conf/members/?q=nobody-like-it"),
        ("member", "/conferences/open-conf/members/?page=2"),
        ("member", "/conferences/after-close/results/voters/"),
        ("member", "/conferences/after-close/results/voters/?q=nobody-like-it"),
        ("member", bob.get_absolute_url()),
        ("member", alice.get_absolute_url()),
        ("anonymous", f"/conferences/open-conf/candidates/{alice.pk}/"),
        ("member", f"/conferences/open-conf/candidates/{alice.pk}/"),
        ("anonymous", unsubscribe_path(bob)),
        ("anonymous", "/unsubscribe/nonsense/"),
        ("anonymous", f"/unsubscribe/{mailbox_token('gone@example.org')}/"),
        *((role, invitation_path(entry)) for role in ("anonymous", "member") for entry in entries),
        ("anonymous", "/invitation/nonsense/"),
        *(("organiser", f"/admin/conferences/conference/{c.pk}/roster/") for c in invited),
        ("organiser", f"/admin/voting/votes/{decided.pk}/take-back/{decided.election.decisions.get().pk}/"),
        ("organiser", f"/admin/voting/votes/{tied.pk}/decide/{leader.pk}/"),
        ("organiser", f"/admin/voting/votes/{asked.pk}/reply-by/{asked.election.decisions.get().pk}/"),
        *(("organiser", f"/admin/voting/votes/{held.pk}/{end}/") for end in ("result", "keep-linked")),
        ("anonymous", f"/mailbox/{newest_emails()[0]['name']}/"),
        ("guarded", f"/accounts/2fa/webauthn/keys/{states.passkey.pk}/edit/"),
        ("guarded", f"/accounts/2fa/webauthn/keys/{states.passkey.pk}/remove/"),
        *(
            (role, f"/conferences/door/{end}")
            for role in ("anonymous", "stranger")
            for end in ("", "join/code/", "join/request/")
        ),
        ("anonymous", f"/j/{dead.code}/"),
        ("anonymous", "/j/"),
        ("organiser", f"/admin/conferences/conference/{dead.conference_id}/joining/"),
        ("organiser", f"{roster}?state=removed"),
        ("organiser", f"{roster}?q=nobody-like-it"),
        ("organiser", f"/admin/conferences/conference/{tied.pk}/roster/"),
        ("organiser", f"{roster}{removed.pk}/restore/"),
        ("anonymous", "/nowhere/"),
    ]:
        yield from _page(states, role, "GET", path)


def _before_and_after(states):
    """Pages of organisers before a conference is published, and once it is cancelled."""
    drafted = make_conference(title="The drafted conference", status="draft", has_dates=False)
    ready = make_conference(title="The ready conference", voting="scheduled", place="Athens", agenda="One")
    only(ready, roster=True)
    make_entry(ready, "waits@example.org")
    off = make_conference(title="Cancelled", status="cancelled", stopped_at=timezone.now())
    for conference in (drafted, ready, off):
        for end in ("", "change/", "roster/", "publish/", "reinstate/", "rehearsal/"):
            yield from _page(
                states, "organiser", "GET", f"/admin/conferences/conference/{conference.pk}/{end}"
            )
        for end in ("turnout/", "decision/", "result/", "timetable/"):
            yield from _page(states, "organiser", "GET", f"/admin/voting/votes/{conference.pk}/{end}")
    for step in ("what", "when", "who"):
        path = f"/admin/conferences/conference/{drafted.pk}/create/{step}/"
        yield from _page(states, "organiser", "GET", path)
        yield from _page(states, "organiser", "POST", path, {})
    opened = states.conferences.get(slug="open-conf").pk
    for rows in ("conferences/membership/?conference__id__exact", "voting/campaign/?conference__id__exact"):
        yield from _page(states, "organiser", "GET", f"/admin/{rows}={opened}")
    yield from _page(states, "organiser", "GET", f"/admin/accounts/adminact/?of_conference={opened}")


def _forms(states):
    """Forms that were refused, and responses that only a POST gives."""
    opened = states.conferences.get(slug="open-conf")
    roster = f"/admin/conferences/conference/{opened.pk}/roster/"
    gone = f"/unsubscribe/{mailbox_token('gone@example.org')}/"
    deadline = {
        "seen": opened.election.closes_at.strftime("%Y-%m-%dT%H:%M:%S.%f+0000"),
        "closes_at": (opened.election.closes_at - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M"),
        "reason": "The hall is booked.",
    }
    for role, path, data in [
        ("anonymous", "/accounts/login/", {"login": "a", "password": ""}),
        ("anonymous", "/accounts/login/", {"login": "a@example.org", "password": "wrong"}),
        ("anonymous", "/accounts/signup/", {"email": "nonsense", "password1": "1"}),
        ("anonymous", "/accounts/password/reset/", {"email": "nonsense"}),
        ("anonymous", "/accounts/login/code/", {"email": "nonsense"}),
        ("member", "/accounts/reauthenticate/code/", {"code": "1"}),
        ("member", "/accounts/reauthenticate/code/send/", {}),
        ("member", "/accounts/email/", {"email": "nonsense", "action_add": ""}),
        ("member", "/accounts/password/change/", {"oldpassword": "x", "password1": "1", "password2": "2"}),
        ("member", "/accounts/reauthenticate/", {"password": "wrong"}),
        ("member", "/accounts/2fa/totp/activate/", {"code": "000000"}),
        ("member", "/accounts/tokens/new/", {"name": ""}),
        ("member", "/accounts/tokens/new/", TOKEN),
        ("member", "/people/profile/", {"name": "", "phone": "nonsense"}),
        ("member", "/people/settings/", {"time_zone": "Nowhere"}),
        ("member", "/people/delete/", {}),
        ("member", "/conferences/open-conf/pitch/", {"headline": ""}),
        ("member", "/conferences/plain/campaigns/new/", {"subject": "", "message": ""}),
        ("member", "/conferences/lost/results/receipt/", {"receipt": "nonsense"}),
        ("member", "/conferences/open-conf/vote/withdraw/", {}),
        ("member", "/conferences/open-conf/vote/", {"candidate": "999999"}),
        ("anonymous", unsubscribe_path(states.members["bob"]), {"wish": "conference"}),
        ("anonymous", gone, {"List-Unsubscribe": "One-Click"}),
        ("anonymous", invitation_path(RosterEntry.objects.get(mailbox="invited@example.org")), {"name": ""}),
        ("organiser", "/admin/conferences/conference/add/", {}),
        ("organiser", "/admin/conferences/conference/create/", {"place": "Springfield, USA"}),
        ("organiser", "/admin/conferences/conference/import/", {}),
        ("organiser", f"{roster}import/", {}),
        ("organiser", f"{roster}import/", {"text": MIXED_LIST}),
        ("organiser", f"{roster}import/", {"text": f"{MIXED_LIST}nowhere@\n"}),
        ("organiser", f"{roster}add/", {}),
        ("organiser", f"/admin/voting/campaign/{states.campaigns['requested'].pk}/refuse/", {"reason": ""}),
        ("organiser", f"/admin/voting/votes/{opened.pk}/move-deadline/", deadline),
        ("organiser", f"/admin/voting/votes/{opened.pk}/move-deadline/", {}),
        ("organiser", f"/admin/voting/votes/{opened.pk}/close/", {}),
        ("anonymous", "/theme/", {"theme": "pink"}),
    ]:
        yield from _page(states, role, "POST", path, data)
    for rows in ([row(), row(name="Bad", startDate="soon")], [row()]):
        file = SimpleUploadedFile("file.json", json.dumps(rows).encode())
        path = "/admin/conferences/conference/import/"
        yield from _page(states, "organiser", "POST", path, {"file": file, "status": "draft"})


def _entrances():
    """The pages between a password and the page behind it."""
    cache.clear()
    for role, path, data in [
        ("newcomer", "/accounts/signup/", {"name": "New", "email": "new@example.org", "password1": PASSWORD}),
        ("forgetful", "/accounts/password/reset/", {"email": "alice@example.org"}),
        ("without password", "/accounts/login/code/", {"email": "alice@example.org"}),
        ("two-factor", "/accounts/login/", {"login": "guarded@example.org", "password": PASSWORD}),
    ]:
        client = Client()
        yield from _answer(role, "POST", path, client.post(path, data, follow=True))


def _pages_of_no_route():
    with override_settings(ROOT_URLCONF="confbox.tests.component_gallery_urls"):
        yield from _answer("anonymous", "GET", "/components/", Client().get("/components/"))
    for name in ERRORS:
        yield Page(f"error {name}", f"/{name}/", "anonymous", loader.get_template(f"{name}.html").render({}))


def _emails():
    for message in mail.outbox:
        for text, kind in getattr(message, "alternatives", []):
            if kind == "text/html":
                yield Page(f"email {message.subject}", "/email/", "anonymous", text)


def _page(states, role, method, path, data=None):
    cache.clear()
    with transaction.atomic():
        client = states.client(role, raise_request_exception=True)
        answer = client.post(path, data, follow=True) if method == "POST" else client.get(path)
        transaction.set_rollback(True)
    yield from _answer(role, method, path, answer)


def _answer(role, method, path, answer):
    is_page = answer.headers.get("Content-Type", "").startswith("text/html")
    if not is_page or answer.status_code in (302, 405) or answer.streaming:
        return
    html = answer.content.decode()
    if not re.match(r"\s*<!doctype html", html, re.IGNORECASE):
        return
    name = f"{role} {answer.status_code if answer.status_code >= 400 else method + ' ' + path}"
    yield Page(name, path, role, html, _is_of_the_site(path, answer))


def _is_of_the_site(path, answer):
    """Django's own admin pages are not ours to fix; ours are those with a template of the site."""
    if not path.startswith("/admin/"):
        return True
    names = {template.name for template in answer.templates if template.name} - EVERY_ADMIN_PAGE
    return any(Path(f"{BASE_DIR}/templates/{name}").exists() and name.startswith("admin/") for name in names)

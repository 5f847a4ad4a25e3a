"""Every POST form of the site and of the admin, as the pages show it, with what a person would enter."""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import PASSWORD
from accounts.tests.second_factors import totp_code
from confbox.tests import routes
from confbox.tests.forms import Forms
from confbox.tests.states import invitation_path, unsubscribe_path
from conferences.models import Conference, RosterEntry, TeamInvitation
from conferences.teams.tokens import digest_of
from conferences.tests.teams import TEAM_TOKEN
from conferences.tests.test_conference_admin import NEW
from conferences.tests.test_import_conferences import row
from voting.campaigns.subscriptions.actions import ADDRESS_SIGNER

ROLES = ("anonymous", "stranger", "member", "bob", "guarded", "organiser")
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154"
    "789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
NIA = {"name": "Nia Okoye", "email": "nia@example.org", "password1": PASSWORD}
CHANGED = "a-wholly-new-pass"
TYPED = {
    "account_login": {"login": "stranger@example.org", "password": PASSWORD},
    "account_signup": NIA,
    "change-signup-address": {"email": "other@example.org"},
    "request-log-in-code": {"email": "stranger@example.org"},
    "account_reset_password": {"email": "stranger@example.org"},
    "account_complete_password_reset": {"password1": CHANGED, "password2": CHANGED},
    "account_change_password": {"oldpassword": PASSWORD, "password1": CHANGED, "password2": CHANGED},
    "account_email": {"email": "new@example.org"},
    "invitation": NIA,
    "ticket": {"email": "other@ticket.example"},
    "account_reauthenticate": {"password": PASSWORD},
    "edit-profile": {"name": "Another Name"},
    "pitch": {"headline": "Queues", "statement": "They are long."},
    "request-campaign": {"subject": "Queues", "message": "They are long."},
    "change-campaign": {"subject": "Locks", "message": "They are slow."},
    "delete-account": {"understood": "on"},
    "report-member": {"subject": "pitch", "reason": "insult"},
    "request-to-join": {"sentence": "I spoke here last year."},
    "make-token": {"name": "Laptop"},
    "mfa_edit_webauthn": {"name": "Another key"},
    "verify-receipt": {"receipt": "Not a receipt"},
    "admin:conferences_conference_add": NEW,
    "admin:conferences_create": {"title": "Bread Days", "place": "Lyon, France"},
    "admin:conferences_what": {"place": "Lyon, France"},
    "admin:conferences_when": {"first_day": str((timezone.now() + timedelta(days=60)).date())},
    "admin:conferences_who": {"who": "roster"},
    "admin:conferences_delete": {"title": "Empty"},
    "admin:conferences_merge_into": {"address": "empty"},
    "admin:conferences_move": {"place": "Lyon, France"},
    "admin:conferences_joining": {"email_domains": "uni.example"},
    "admin:conferences_roster_add": {"email": "nia@example.org"},
    "admin:conferences_roster_change": {"name": "Another Name"},
    "admin:conferences_roster_import": {"text": "nia@example.org"},
    "admin:conferences_webhooks": {"url": "https://hooks.example.org/", "events": "member.joined"},
    "admin:conferences_webhooks_change": {"written_as": "slack"},
}
FILES = {
    "change-picture": {"picture": ("picture.png", PICTURE)},
    "admin:conferences_conference_import": {"file": ("file.json", json.dumps([row()]).encode())},
}
OF_A_DRAFT = ("delete", "delete-with-team", "publish", "create/what", "create/when", "create/who")
REASON = {"reason": "They asked for it.", "note": "It is a joke.", "parts": "profession"}


@dataclass(frozen=True)
class Case:
    """One form of one page, and who sends it."""

    role: str
    page: str
    action: str
    button: tuple
    names: frozenset
    has_button: bool

    @property
    def route(self):
        return resolve(urlsplit(self.action).path).view_name

    @property
    def pattern(self):
        return resolve(urlsplit(self.action).path).route

    @property
    def key(self):
        """What distinguishes kinds.

        The same button with another value is another kind only for actions on rows.
        """
        button = self.button if self.button[:1] == ("action",) else self.button[:1]
        return self.route, button, self.names

    def __str__(self):
        return f"{self.role} {self.page} -> {self.action} {self.button or ''}"

    def form(self, browser):
        """The form as the page shows it now."""
        for form in browser.forms(self.page):
            for variant in form.variants():
                if case_of(self.role, self.page, variant) == self:
                    return variant
        raise AssertionError(f"The form is gone: {self}")

    def typed(self, form, browser):
        names = form.names()
        text = {name: text for name, text in REASON.items() if name in names} | TYPED.get(self.route, {})
        if "code" in names and "code" not in text:
            text |= {"code": code_for(browser, self.route)}
        return {name: value for name, value in text.items() if name in names or name == "understood"}


def case_of(role, page, form):
    button = form.buttons[0] if form.buttons else {}
    pressed = (button["name"], button.get("value", "")) if button.get("name") else ()
    if form.chosen:
        pressed = ("action", form.chosen["action"])
    return Case(role, page, urlsplit(form.action).path, pressed, frozenset(form.names()), bool(button))


def code_for(browser, route):
    if route == "mfa_activate_totp":
        client = Client()
        client.cookies[settings.SESSION_COOKIE_NAME] = browser.cookies[settings.SESSION_COOKIE_NAME]
        return totp_code(client.session["mfa.totp.secret"])
    if route.startswith("mfa_"):
        authenticator = Authenticator.objects.get(user__name="Guarded", type="totp")
        return totp_code(get_adapter().decrypt(authenticator.data["secret"]))
    return emailed_codes()[browser.code]


def emailed_codes():
    return [match[0] for sent in mail.outbox if (match := re.search(r"\b\d{6}\b", sent.body))]


def address_token(user):
    return ADDRESS_SIGNER.sign_object({"user": user.pk, "address": user.email}).replace(":", ".")


def pages_with_forms(states, entrances):
    """Who finds a form on which page; a page of each state comes before the same page of another."""
    yield from entrances.items()
    paths = [route.path for route in routes.pages(states.cast)]
    for slug in ("asked", "accepted", "lost", "plain", "alone"):
        paths += [f"/conferences/{slug}/{end}" for end in ("", "ballot/", "results/", "campaigns/new/")]
    for campaign in states.campaigns.values():
        paths += [f"/conferences/open-conf/campaigns/{campaign.pk}/"]
        paths += [f"/admin/voting/campaign/{campaign.pk}/{end}" for end in ("change/", "edit/", "stop/")]
    for conference in states.conferences:
        paths += [
            f"/admin/voting/votes/{conference.pk}/{end}"
            for end in ("turnout/", "candidates/", "decision/", "result/", "keep-linked/", "close/", "rules/")
        ]
    keys = f"/accounts/2fa/webauthn/keys/{states.passkey.pk}"
    paths += [f"{keys}/edit/", f"{keys}/remove/", unsubscribe_path(states.members["bob"])]
    paths += [invitation_path(RosterEntry.objects.removed().get())]
    asked = states.conferences.get(slug="asked")
    paths += [
        f"/admin/voting/votes/{asked.pk}/{act}/{asked.election.decisions.get().pk}/"
        for act in ("take-back", "reply-by")
    ]
    tied = states.conferences.get(slug="tied")
    paths += [f"/admin/voting/votes/{tied.pk}/decide/{member.pk}/" for member in tied.memberships.all()]
    paths += [states.members[name].get_absolute_url() for name in ("alice", "bob")]
    door, empty = (Conference.objects.get(slug=slug) for slug in ("door", "empty"))
    paths += [f"/conferences/door/{end}" for end in ("", "join/code/", "join/request/")]
    paths += [f"/admin/conferences/conference/{door.pk}/{end}/" for end in ("joining", "unpublish")]
    paths += [f"/admin/conferences/conference/{empty.pk}/{end}/" for end in OF_A_DRAFT]
    paths += [f"/admin/conferences/conference/{empty.pk}/merge/{door.pk}/"]
    cancelled = Conference.objects.get(slug="cancelled")
    paths += [
        f"/admin/conferences/conference/{cancelled.pk}/{act}/" for act in ("reinstate", "correct-reason")
    ]
    paths += [f"/team-invitations/{TEAM_TOKEN}/"]
    paths += [f"/me/team-invitations/{TeamInvitation.objects.get(token_digest=digest_of(TEAM_TOKEN)).pk}/"]
    moderated = Conference.objects.get(slug="moderated")
    paths += ["/conferences/moderated/pitch/", f"/admin/conferences/conference/{moderated.pk}/moderation/"]
    paths += [
        f"/admin/conferences/conference/{moderated.pk}/moderation/{member.pk}/{what}/"
        for member in moderated.memberships.all()
        for what in ("pitch", "person", "report")
    ]
    start = "/admin/conferences/conference"
    paths += [f"{start}/{moderated.pk}/pass-on/{member.pk}/" for member in moderated.memberships.all()]
    paths += [f"{start}/passed-on/{member.pk}/" for member in moderated.memberships.all()]
    paths += [f"/conferences/open-conf/members/{states.members['bob'].pk}/report/"]
    paths += [f"/admin/conferences/conference/{empty.pk}/team/{empty.team.get().pk}/"]
    paths += [f"/me/address/{address_token(states.members['bob'].user)}/"]
    paths += [
        f"/admin/accounts/user/{User.objects.get(name='Bob').pk}/{end}/" for end in ("change", "removal")
    ]
    yield from ((role, path) for role in ROLES for path in paths)


def every_form(states, entrances, client_of):
    """Each kind of form once, sent by the first person who finds it."""
    found = {}
    for role, path in pages_with_forms(states, entrances):
        answer = client_of(role).get(path)
        if answer.status_code != 200 or not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        for form in Forms(path, answer.content.decode()).found:
            for variant in form.variants() if form.method == "post" else []:
                case = case_of(role, path, variant)
                found.setdefault(case.key, case)
    return list(found.values())

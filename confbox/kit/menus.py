"""The links by which people find their way about the site."""

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

HEADER = "components/header"
HEADER_PAGES = {"conferences", "me", "account_login"}
LOG_IN_PAGES = {"account_login", "account_signup", "request-log-in-code"}
# Public pages on which people do something once they have logged in.
COME_BACK = {
    *("conference", "results", "candidate", "enter-code", "join-link"),
    *("invitation", "team-invitation"),
}


@dataclass(frozen=True)
class AccountPage:
    """A page of one's account; `pages` are the names of URLs on which its link is the current one."""

    name: str
    icon: str
    label: str | Promise
    pages: str

    @property
    def url(self) -> str:
        return reverse(self.name)


ACCOUNT_PAGES = (
    AccountPage("edit-profile", "person", _("My profile"), "edit-profile|change-picture"),
    AccountPage("preferences", "gear", _("Settings"), "preferences"),
    AccountPage("account_email", "envelope", _("Email address"), "account_email"),
    AccountPage("account_change_password", "key", _("Password"), ".*password.*"),
    AccountPage("connected-log-ins", "door-open", _("Connected log-ins"), "connected-log-ins"),
    AccountPage("mfa_index", "shield-lock", _("Two-factor log-in"), ".*mfa.*"),
    AccountPage("usersessions_list", "laptop", _("Where I am logged in"), "usersessions_list"),
    AccountPage("api-tokens", "key", _("API tokens"), "api-tokens|make-token|end-token"),
    AccountPage("my-data", "download", _("My data"), "my-data|delete-account"),
)


def offered_pages() -> tuple[AccountPage, ...]:
    """Without that of other log-ins where this site offers none."""
    has_others = bool(settings.LOGIN_PROVIDERS)
    return tuple(page for page in ACCOUNT_PAGES if has_others or page.name != "connected-log-ins")


def account_pages(here: str) -> list[tuple[AccountPage, bool]]:
    """Each page of one's account, and whether the person is there."""
    return [(page, bool(re.fullmatch(page.pages, here))) for page in offered_pages()]


def lead_back(request: Any, page: str) -> None:
    """Has the links to log in and sign up on this page lead there afterwards."""
    request.way_back = page


def way_back(request: Any) -> str:
    """Where the links to log in and sign up lead afterwards; empty where one's own page is best."""
    here = getattr(getattr(request, "resolver_match", None), "url_name", None) or ""
    if here in LOG_IN_PAGES:
        # A refused form carries it as a field.
        return str(request.POST.get("next") or request.GET.get("next", ""))
    return str(getattr(request, "way_back", request.path if here in COME_BACK else ""))


@dataclass(frozen=True)
class Header:
    """What the header of this page shows to everyone like this person."""

    site: str
    here: str
    """The name of the page's URL if a link leads to it; empty otherwise."""
    state: str
    organises: bool = False
    has_other_log_ins: bool = False

    @property
    def template(self) -> str:
        return f"{HEADER}/{self.state}.html"

    @property
    def account_pages(self) -> tuple[AccountPage, ...]:
        return offered_pages()


def header_of(user: Any, here: str) -> Header:
    """On a page of a failure there is no user."""
    here = here if here in HEADER_PAGES else ""
    if not getattr(user, "is_authenticated", False):
        return Header(settings.SITE_NAME, here, "anonymous")
    known = {"organises": user.is_staff or user.is_in_team}
    return Header(
        settings.SITE_NAME, here, "person", **known, has_other_log_ins=bool(settings.LOGIN_PROVIDERS)
    )

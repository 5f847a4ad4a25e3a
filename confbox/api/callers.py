"""Whose request it is: by a token, or by the log-in of the browser in which the documentation is read."""

from dataclasses import dataclass
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.translation import gettext as _

from accounts.enrolment import SECOND_FACTORS, has_passed_second_factor
from accounts.models import User
from accounts.permissions import runs_something
from accounts.session_lifetime import is_too_old_for_staff
from confbox.kit.api.problems import Problem
from confbox.kit.api.scopes import Caller, Rows, Scope
from confbox.kit.ip_addresses import client_ip_address
from confbox.kit.limits import Limit, count_use_for, network_key
from conferences.api_access.models import ApiToken
from conferences.api_tokens.authentication import token_of

SCHEME = "bearer"
REFUSED_TOKENS = Limit("refused tokens", network="600/m")
OF_ORGANISERS = (Scope.ORGANISE_READ, Scope.ORGANISE_WRITE)
SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class TokenCaller:
    token: ApiToken

    is_log_in = False

    @property
    def key(self) -> str:
        return f"token:{self.token.pk}"

    def has_scope(self, scope: Scope) -> bool:
        return self.token.has_scope(scope)

    @property
    def covers_all(self) -> bool:
        return self.token.all_conferences

    def covers(self, slug: str) -> bool:
        """Also by the web address of a duplicate that was merged into it, which leads there."""
        chosen = self.token.conferences
        return (
            self.covers_all
            or chosen.filter(slug=slug).exists()
            or chosen.filter(old_addresses__slug=slug).exists()
        )

    def only_covered(self, rows: Rows, conference: str = "pk") -> Rows:
        if self.covers_all:
            return rows
        return rows.filter(**{f"{conference}__in": self.token.conferences.values("pk")})


@dataclass(frozen=True)
class SessionCaller:
    """Has all scopes that the person's roles give; those of organisers as the admin asks for them."""

    request: HttpRequest
    person: User

    covers_all = True
    is_log_in = True

    @property
    def key(self) -> str:
        return f"person:{self.person.pk}"

    def has_scope(self, scope: Scope) -> bool:
        if scope not in OF_ORGANISERS:
            return True
        if not runs_something(self.person):
            return False
        if is_too_old_for_staff(self.request) or not self._has_passed_second_factor():
            raise Problem("log-in-again")
        return True

    def _has_passed_second_factor(self) -> bool:
        if not settings.STAFF_MFA_REQUIRED:
            return True
        return is_mfa_enabled(self.person, SECOND_FACTORS) and has_passed_second_factor(self.request)

    def covers(self, slug: str) -> bool:
        return True

    def only_covered(self, rows: Rows, conference: str = "pk") -> Rows:
        return rows


def has_token(request: HttpRequest) -> bool:
    return "Authorization" in request.headers


def caller_of_token(request: HttpRequest) -> TokenCaller:
    """The token in the header, with its owner.

    Raises:
        Problem: there is no such token, or it cannot be used any more.
        LimitReached: there is none, and this network has sent too many such requests. A good token is
            served all the same: it may belong to a neighbour. To look one up costs one query by an index, as
            a made-up session does.
    """
    scheme, _space, text = request.headers["Authorization"].partition(" ")
    ip_address = client_ip_address(request)
    token = token_of(text.strip(), ip_address) if scheme.lower() == SCHEME else None
    if token is None:
        count_use_for(REFUSED_TOKENS, network=network_key(ip_address))
        raise Problem("no-token")
    return TokenCaller(token)


def caller_of_session(request: HttpRequest) -> Caller | None:
    """The person who is logged in. A change has to come from a page of this site.

    Raises:
        Problem: it does not.
    """
    if not isinstance(request.user, User):
        return None
    if request.method not in SAFE and (reason := _CsrfCheck.reason(request)):
        said = _("The header X-CSRFToken is missing or wrong.")
        raise Problem("forged-request", f"{said} {reason}")
    return SessionCaller(request, request.user)


class _CsrfCheck(CsrfViewMiddleware):
    """Django's check, without its page."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason

    @classmethod
    def reason(cls, request: HttpRequest) -> str:
        check = cls(HttpResponse)
        check.process_request(request)
        return str(check.process_view(request, HttpResponse, (), {}) or "")

from typing import ClassVar

from allauth.usersessions.models import UserSession
from django.shortcuts import get_object_or_404
from pydantic import Field

from accounts import actions
from accounts.actors import actor_of
from accounts.requests import PersonRequest
from accounts.views.sessions import sessions_of
from confbox.kit.api.fields import Answer, Instant, RowID, UrlID
from confbox.kit.api.outcomes import Done
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope

router = ApiRouter("Me")


class LogInSession(Answer):
    id: RowID
    ip_address: str
    browser: str = Field(description="As it names itself.")
    started_at: Instant
    is_current: bool = Field(description="Whether this request was sent with it; never true for a token.")

    EXAMPLE: ClassVar = {
        "id": 31,
        "ip_address": "192.0.2.7",
        "browser": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "started_at": "2027-02-01T09:30:00Z",
        "is_current": False,
    }

    @classmethod
    def of(cls, session: UserSession, current: str | None) -> "LogInSession":
        return cls(
            id=session.pk,
            ip_address=session.ip,
            browser=session.user_agent,
            started_at=session.created_at,
            is_current=session.session_key == current,
        )


class LogInSessions(Answer):
    items: list[LogInSession]

    EXAMPLE: ClassVar = {"items": [LogInSession.EXAMPLE]}


class SessionsEnded(Answer):
    ended: int = Field(ge=0, description="How many sessions.")

    EXAMPLE: ClassVar = {"ended": 2}


@router.get(
    "accounts/sessions/",
    scope=Scope.READ,
    all_conferences=True,
    answer=LogInSessions,
    summary="Where you are logged in",
)
def sessions(request: PersonRequest) -> LogInSessions:
    """Browsers in which you are logged in, the newest first."""
    current = request.session.session_key
    return LogInSessions(items=[LogInSession.of(each, current) for each in sessions_of(request.user)])


@router.post(
    "accounts/sessions/{session_id}/end/",
    scope=Scope.VOTE,
    all_conferences=True,
    answer=Done,
    summary="End a session",
    refusals=["This is the session you are in. Log out to end it."],
)
def end_session(request: PersonRequest, session_id: UrlID) -> Done:
    """In that browser one has to log in again. Tokens stay."""
    session = get_object_or_404(UserSession, user=request.user, pk=session_id)
    outcome = actions.end_session(
        session=session, session_key=request.session.session_key, by=actor_of(request)
    )
    return Done(outcome=outcome.value)


@router.post(
    "accounts/sessions/end-others/",
    scope=Scope.VOTE,
    all_conferences=True,
    answer=SessionsEnded,
    summary="End all other sessions, and all tokens",
)
def end_other_sessions(request: PersonRequest) -> SessionsEnded:
    """Ends every session except the one of this request. **It also ends all your tokens**, this one too."""
    key = request.session.session_key
    return SessionsEnded(ended=actions.end_other_sessions(session_key=key, by=actor_of(request)))

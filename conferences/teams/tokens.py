"""The secret in the link of an invitation to a team. Only its digest is stored."""

import secrets
from hashlib import sha256

from conferences.models import TeamInvitation


def new_token() -> str:
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """Without a key: the token is too long to be guessed."""
    return sha256(token.encode()).hexdigest()


def invitation_of(token: str) -> TeamInvitation | None:
    invitations = TeamInvitation.objects.select_related("series", "conference", "invited_by")
    return invitations.filter(token_digest=digest_of(token)).first()

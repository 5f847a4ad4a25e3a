from typing import Any

from allauth.mfa.webauthn.views import AddWebAuthnView


class AddPasskey(AddWebAuthnView):  # type: ignore[misc]
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the form that was refused: allauth's own makes another one, which gives another reason."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | kwargs

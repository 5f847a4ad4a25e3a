from typing import Any

from allauth.mfa.webauthn.views import AddWebAuthnView


class AddPasskey(AddWebAuthnView):  # type: ignore[misc]
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Shows the form that was refused: allauth would build a new one, with a different reason."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | kwargs

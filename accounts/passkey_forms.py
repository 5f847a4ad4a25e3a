"""allauth's forms for passkeys, with translated labels and a log line for each failure."""

from typing import Any

from allauth.core import context as allauth_context
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal.auth import get_credentials, parse_registration_response
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.security_log import log_event


def _checked(clean: Any) -> Any:
    """Also turns malformed input into a refusal: the parser raises whatever error it meets."""
    try:
        return clean()
    except Exception as error:
        # allauth speaks of a code here.
        if isinstance(error, ValidationError) and getattr(error, "code", "") != "incorrect_code":
            raise
        sentence = _("This passkey was not accepted. Please try again, or choose another way.")
        raise ValidationError(sentence, code="incorrect_code") from None


def _logged(form: Any, clean: Any) -> Any:
    """Runs allauth's own check and logs a refusal."""
    try:
        return _checked(clean)
    except ValidationError:
        account = form.user.pk if form.user else None
        log_event(allauth_context.request, "second-factor", "failed", account=account, method="webauthn")
        raise


def _is_known(person: User, credential: dict[str, Any]) -> bool:
    """A browser does not add a key twice, but a form that is sent twice would."""
    added = parse_registration_response(credential).response.attestation_object.auth_data.credential_data
    return any(known.credential_id == added.credential_id for known in get_credentials(person))


class AskForPasskey(AuthenticateWebAuthnForm):  # type: ignore[misc]
    def clean_credential(self) -> Any:
        return _logged(self, super().clean_credential)


class AskForPasskeyAgain(ReauthenticateWebAuthnForm):  # type: ignore[misc]
    def clean_credential(self) -> Any:
        return _logged(self, super().clean_credential)


class LogInWithPasskey(LoginWebAuthnForm):  # type: ignore[misc]
    def clean_credential(self) -> Any:
        return _logged(self, super().clean_credential)


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label=_("Name"), required=False)

    def clean(self) -> Any:
        cleaned = _checked(super().clean)
        if cleaned.get("credential") and _is_known(self.user, cleaned["credential"]):
            raise ValidationError(_("You have already added this passkey or security key."))
        return cleaned


class RenamePasskeyForm(EditWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label=_("Name"))

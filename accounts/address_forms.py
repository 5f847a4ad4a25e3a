from hashlib import sha256
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ConfirmEmailVerificationCodeForm, LoginForm
from cryptography.fernet import InvalidToken
from django import forms

from accounts.codes import code_of, take_try
from accounts.forms import CODE_INPUT, AddressInput
from confbox.kit.encryption import decrypt


class LogInForm(LoginForm):  # type: ignore[misc]
    """Accepts the email address in every spelling that sign-up accepts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allauths = self.fields["login"]
        self.fields["login"] = AddressInput(label=allauths.label, widget=allauths.widget)


class ConfirmAddressForm(ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.encrypted_code = str(kwargs.get("code") or "")
        super().__init__(*args, **kwargs)
        self.fields["code"].widget = forms.TextInput(attrs=CODE_INPUT)

    def clean_code(self) -> str:
        """The code in the session is encrypted. allauth counts tries in the session; we add the cache."""
        self.cleaned_data["code"] = code_of(self.cleaned_data["code"])
        try:
            self.expected_code = decrypt(self.encrypted_code)
        except InvalidToken:
            raise get_adapter().validation_error("incorrect_code") from None
        if not take_try(sha256(self.encrypted_code.encode()).hexdigest()):
            raise get_adapter().validation_error("incorrect_code")
        return str(super().clean_code())

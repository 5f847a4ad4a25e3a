from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.forms import ConfirmEmailVerificationCodeForm, LoginForm
from cryptography.fernet import InvalidToken
from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.codes import code_of, take_try
from accounts.forms import CODE_INPUT, AddressInput
from confbox.kit.encryption import decrypt
from confbox.kit.menus import way_back


class LogInForm(LoginForm):  # type: ignore[misc]
    """Accepts the email address in every spelling that sign-up accepts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allauths = self.fields["login"]
        self.fields["login"] = AddressInput(label=allauths.label, widget=allauths.widget)
        back = way_back(self.request)
        if back:
            url = f"{reverse('account_reset_password')}?{urlencode({'next': back})}"
            self.fields["password"].help_text = format_html(
                '<a href="{}">{}</a>', url, _("Forgot your password?")
            )


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

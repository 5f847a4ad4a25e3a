from typing import Any

from allauth.account.forms import ConfirmEmailVerificationCodeForm
from django import forms

from accounts.forms import CODE_INPUT


class ConfirmAddressForm(ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget = forms.TextInput(attrs=CODE_INPUT)

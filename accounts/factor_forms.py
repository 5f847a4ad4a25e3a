"""allauth's forms for the code of a second factor, which accept it as people type and paste it."""

from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.utils.translation import gettext as _

from accounts.codes import DIGITS, code_of
from accounts.forms import CODE_INPUT

# The six digits of an authenticator app, or a recovery code.
LENGTHS = (DIGITS, app_settings.RECOVERY_CODE_DIGITS)


def _code_of_a_factor(typed: str) -> str:
    said = _(
        "A code from an authenticator app has six digits, a recovery code eight. Please type all of them."
    )
    return code_of(typed, LENGTHS, said)


def _ask_for_digits(form: Any) -> None:
    form.fields["code"].widget = forms.TextInput(attrs=CODE_INPUT)


class AskForFactor(AuthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_for_digits(self)

    def clean_code(self) -> str:
        self.cleaned_data["code"] = _code_of_a_factor(self.cleaned_data["code"])
        return str(super().clean_code())


class AskForFactorAgain(ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_for_digits(self)

    def clean_code(self) -> str:
        self.cleaned_data["code"] = _code_of_a_factor(self.cleaned_data["code"])
        return str(super().clean_code())


class ActivateApp(ActivateTOTPForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_for_digits(self)

    def clean_code(self) -> str:
        self.cleaned_data["code"] = code_of(self.cleaned_data["code"])
        return str(super().clean_code())

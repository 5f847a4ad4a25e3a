from typing import Any

from django import forms

from accounts.forms import AddressInput, SignUpForm
from accounts.models import User
from accounts.providers.identities import Identity


class ProviderSignUpForm(forms.ModelForm[User]):
    """A new person; the address is asked for only if the provider has named none."""

    time_zone = SignUpForm.base_fields["time_zone"]

    class Meta:
        model = User
        fields = ["name"]

    field_order = ["name", "email"]

    def __init__(self, *args: Any, identity: Identity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["name"] = identity.name
        self.fields["name"].widget.attrs |= {"autocomplete": "name"}
        if not identity.email:
            self.fields["email"] = AddressInput()

    clean_time_zone = SignUpForm.clean_time_zone


class AskForCodeForm(forms.Form):
    """Nothing to fill in: the account exists."""

    def __init__(self, *args: Any, identity: Identity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.validators import validate_encodable


class SignupFields(forms.ModelForm[User]):
    """What sign-up asks besides address and password. There is no role to choose."""

    field_order = ["name", "profession", "email", "password1"]

    class Meta:
        model = User
        fields = ["name", "profession"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["name"].widget.attrs |= {"autocomplete": "name"}
        self.fields["profession"].label = _("Profession (optional)")

    def signup(self, request: HttpRequest, user: User) -> None:
        user.name = self.cleaned_data["name"]
        user.profession = self.cleaned_data["profession"]
        user.save(update_fields=["name", "profession"])


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        validators=[validate_encodable],
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept in the history with your name. The person does not see it."),
    )

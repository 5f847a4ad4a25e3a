from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.actions import check_superuser_remains
from accounts.models import User, opaque_password
from accounts.profile_parts import ProfilePart
from confbox.kit.email_addresses import ascii_domain, normalise_email, validate_email_address
from confbox.kit.languages import languages
from confbox.kit.reason_fields import reason_field
from confbox.kit.text_fields import LongTextInput
from confbox.kit.time_zones import zone_choices
from confbox.kit.validators import validate_encodable, validate_one_line

# Longer passwords are refused before they are hashed, so that a stranger cannot make hashing expensive.
PASSWORD_LENGTH = 1000


class AddressInput(forms.EmailField):
    """An email address in its normalised spelling."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.EmailInput(attrs={"autocomplete": "email"})
        options: dict[str, Any] = {"label": _("Email address"), "max_length": 254, "widget": widget}
        super().__init__(**options | kwargs)

    def to_python(self, value: Any) -> Any:
        """Converts the domain to ASCII before it is checked; the part before the @ stays as typed."""
        local, at, domain = str(super().to_python(value)).replace("\uff20", "@").rpartition("@")
        return local + at + ascii_domain(domain)

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        validate_one_line(typed)
        validate_email_address(typed)
        return normalise_email(typed)


class SignUpForm(forms.ModelForm[User]):
    """The sign-up form. There is no role to choose.

    It never checks whether the email address is known: the email notifies the owner, the page reveals
    nothing.
    """

    field_order = ["name", "profession", "email", "password1"]
    email = AddressInput()
    # The browser's own, filled in by a script; empty without JavaScript.
    time_zone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-time-zone": ""}))
    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=PASSWORD_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=password_validators_help_text_html(),
    )

    class Meta:
        model = User
        fields = ["name", "profession"]
        labels = {"profession": _("Profession (optional)")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs |= {"autocomplete": "name"}

    def clean_password1(self) -> str:
        return opaque_password(self.cleaned_data["password1"])

    def clean_time_zone(self) -> str:
        """Always returns a time zone: people do not type into this field, so they could not correct it."""
        name: str = self.cleaned_data["time_zone"]
        return name if name in available_timezones() else "UTC"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        try:
            person = User(email=data.get("email", ""), name=data.get("name", ""))
            validate_encodable(data.get("password1", ""))
            validate_password(data.get("password1", ""), person)
        except ValidationError as refusal:
            if "password1" in data:
                self.add_error("password1", refusal)
        return data


class AddressForm(forms.Form):
    email = AddressInput()


CODE_INPUT = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
# A code has six digits; what is pasted may be longer.
PASTED_CODE = 100


class CodeForm(forms.Form):
    code = forms.CharField(label=_("Code"), max_length=PASTED_CODE, widget=forms.TextInput(attrs=CODE_INPUT))


class LogInCodeForm(CodeForm):
    remember = forms.BooleanField(label=_("Keep me logged in"), required=False)


class ProfileForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ["name", "profession", "shows_profession", "bio", "shows_bio", "phone"]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
            "bio": forms.Textarea(attrs={"rows": 6}),
        }


class PreferencesForm(forms.ModelForm[User]):
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=zone_choices,
        help_text=User._meta.get_field("time_zone").help_text,
    )
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=lambda: [("", _("The language of my browser")), *languages()],
    )

    class Meta:
        model = User
        fields = ["time_zone", "language", "receives_campaigns", "receives_notices"]


class PictureForm(forms.Form):
    picture = forms.FileField(
        label=_("Picture"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
        help_text=_("JPEG, PNG, WebP or GIF, at most 8 MB and 25 megapixels."),
    )


class PrivilegesForm(forms.ModelForm[User]):
    """A person in the admin. The last superuser cannot lose that role."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not (data.get("is_superuser", True) and data.get("is_staff", True)):
            check_superuser_remains(but=self.instance)
        return data


class ReasonForm(forms.Form):
    reason = LongTextInput(
        label=_("Reason"),
        max_length=2000,
        validators=[validate_encodable],
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept in the history with your name. The person does not see it."),
    )


class RemovalForm(forms.Form):
    """What is removed from a profile, and why. The fields are named as the arguments of the verb.

    All parts are valid, also one that is gone by now, so that the same form is answered twice.
    """

    parts = forms.MultipleChoiceField(
        label=_("What is removed?"),
        choices=ProfilePart.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please select what is removed.")},
    )
    reason = reason_field(
        help_text=_("The person gets it by email. It is kept in the audit log with your name."),
        required=_("Please give a reason. The person gets it by email."),
        max_length=2000,
    )

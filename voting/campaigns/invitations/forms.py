from typing import Any

from accounts.forms import SignUpForm


class InvitedForm(SignUpForm):
    """The sign-up of a person whose email address is known, because the invitation was sent to it."""

    email = None  # type: ignore[assignment]  # Django's way to leave out a field

    class Meta(SignUpForm.Meta):
        fields = ["name"]

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invited_email = email

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["email"] = self.invited_email
        return super().clean()

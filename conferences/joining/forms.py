from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from confbox.kit.local_time_fields import LocalTimeField
from confbox.kit.text_fields import LongTextInput
from confbox.kit.validators import validate_encodable, validate_one_line
from conferences.admission.actions import MOST_USES
from conferences.admission.codes import LONGEST_TYPED
from conferences.admission.domains import read_domains, shown_domains
from conferences.models import Admission, Conference, JoinCode, JoinRequest

EVERYONE, RULES = "everyone", "rules"


class AdmissionForm(forms.Form):
    """The rules by which people may join a conference."""

    who = forms.ChoiceField(
        label=_("Who may join?"),
        widget=forms.RadioSelect,
        choices=[
            (EVERYONE, _("Everyone with an account")),
            (RULES, _("Only people with a join code, and those you select below")),
        ],
    )
    roster = forms.BooleanField(
        label=_("People on the roster"),
        required=False,
        help_text=_("Through an email address that they have confirmed. One entry admits one person."),
    )
    approval = forms.BooleanField(
        label=_("People whom an organiser lets in"),
        required=False,
        help_text=_("They introduce themselves in a sentence or two, and you answer on this page."),
    )
    email_domains = LongTextInput(
        label=_("People with an email address at these domains"),
        required=False,
        max_length=20_000,
        validators=[validate_encodable],
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_(
            "One on each line, such as example.org. Only confirmed email addresses count. Subdomains are not "
            "included: list cs.example.org too if it should count."
        ),
    )

    def __init__(self, *args: Any, rules: Admission, **options: Any) -> None:
        initial = {
            "who": EVERYONE if rules.everyone else RULES,
            "roster": rules.roster,
            "approval": rules.approval,
            "email_domains": "\n".join(shown_domains(rules.email_domains)),
        }
        super().__init__(*args, **options | {"initial": initial})

    def clean_email_domains(self) -> list[str]:
        return read_domains(self.cleaned_data["email_domains"])

    @property
    def rules(self) -> dict[str, Any]:
        """What `set_admission` takes, once the form is valid."""
        chosen = dict(self.cleaned_data)
        return chosen | {"everyone": chosen.pop("who") == EVERYONE}

    @property
    def has_idle_rules(self) -> bool:
        """Rules are selected that admit no one else, because everyone may join."""
        rules = self.rules
        return rules["everyone"] and any(rules[name] for name in ("roster", "approval", "email_domains"))


class CodeForm(forms.Form):
    """What a join code is for, and how often and until when it can be used."""

    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=JoinCode._meta.get_field("name").max_length,
        validators=[validate_one_line],
        help_text=_(
            "Where you show the code, such as “Newsletter” or “Opening slide”. Only organisers see it."
        ),
    )
    most_uses = forms.IntegerField(
        label=_("How many people can use it"),
        required=False,
        min_value=1,
        max_value=MOST_USES,
        help_text=_("Leave empty for any number."),
    )
    expires_at = LocalTimeField(label=_("Valid until"), required=False)

    def __init__(self, *args: Any, conference: Conference, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["expires_at"]
        assert isinstance(field, LocalTimeField)
        field.shown_in = field.entered_in = conference.zone
        field.is_an_end = True
        field.help_text = _("Time in %(zone)s. Leave empty if it should not expire.") % {
            "zone": conference.time_zone
        }


class AnswerForm(forms.Form):
    """The verb asks for a reason if the answer is no."""

    reason = LongTextInput(
        label=_("Reason"),
        required=False,
        max_length=1000,
        validators=[validate_encodable],
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60, "class": "vLargeTextField"}),
        help_text=_("The person gets it by email. You can leave it empty if you let them in."),
    )


class TypedCodeForm(forms.Form):
    code = forms.CharField(
        label=_("Join code"),
        max_length=LONGEST_TYPED,
        validators=[validate_encodable],
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "autofocus": True,
                "placeholder": "7K3M-9QXT",
            }
        ),
        help_text=_("Eight letters and digits. Capital letters, spaces and hyphens do not matter."),
    )


class RequestForm(forms.Form):
    sentence = LongTextInput(
        label=_("Who are you?"),
        max_length=JoinRequest._meta.get_field("sentence").max_length,
        validators=[validate_encodable],
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One or two sentences that show the organisers who you are. Only they can read them."),
    )

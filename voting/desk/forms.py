from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from confbox.kit.local_time_fields import LocalTimeField
from confbox.kit.reason_fields import reason_field
from confbox.kit.text_fields import LongTextInput
from confbox.kit.validators import validate_encodable
from conferences.changes.forms import CorrectionForm
from conferences.models import Conference
from voting.elections.election.models import Election
from voting.elections.models import Decision
from voting.elections.moderation.models import LONGEST_TEXT, Report
from voting.elections.reply_by import default_reply_by, refusal_of_reply_by
from voting.elections.rules.actions import refuse_laxer_rules
from voting.elections.rules.registry import RULES
from voting.elections.window import refusal_of_deadline


class ReplyByForm(forms.Form):
    """Until when the chosen member is asked to answer, in the zone of the conference."""

    reply_by = LocalTimeField(label=_("Answer requested by"))

    def __init__(self, *args: Any, conference: Conference, reply_by: datetime | None, **options: Any) -> None:
        super().__init__(*args, **options | {"initial": {"reply_by": reply_by}})
        show_in_zone(self.fields["reply_by"], conference)


def show_in_zone(field: forms.Field, conference: Conference) -> None:
    assert isinstance(field, LocalTimeField)
    field.shown_in = field.entered_in = conference.zone
    field.help_text = gettext("Time in %(zone)s.") % {"zone": conference.time_zone}


class DecisionForm(forms.ModelForm[Decision]):
    # Without it, they have a week.
    reply_by = LocalTimeField(label=_("Answer requested by"), required=False)

    class Meta:
        model = Decision
        fields = ["reason"]
        widgets = {"reason": forms.Textarea(attrs={"rows": 4, "cols": 60, "class": "vLargeTextField"})}

    def __init__(self, *args: Any, is_sole_leader: bool, conference: Conference, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if default := default_reply_by(conference):
            self.initial["reply_by"] = default
            show_in_zone(self.fields["reply_by"], conference)
        else:
            del self.fields["reply_by"]
        self.is_sole_leader = is_sole_leader
        self.fields["reason"].required = not is_sole_leader
        self.fields["reason"].label = (
            gettext("Reason (optional)")
            if is_sole_leader
            else gettext("Reason (required, because this member is not the sole leader)")
        )
        self.fields["reason"].help_text = _("Members can read it with the result.")
        if Decision.objects.filter(election=conference.pk, answer__in=Decision.NOT_SPEAKING).exists():
            self.fields["reason"].help_text = _(
                "Members can read it with the result. Why another member declined or stepped down is for "
                "organisers only, so please leave it out."
            )
        self.fields["reason"].error_messages["required"] = _(
            "Please give a reason: this member is not the sole leader."
        )
        self.conference = conference

    def clean_reply_by(self) -> datetime | None:
        """Here as well as in the verb, so that all that is wrong is named at once, at its field."""
        wish: datetime | None = self.cleaned_data["reply_by"]
        if wish and (refusal := refusal_of_reply_by(self.conference, wish)):
            raise forms.ValidationError(refusal)
        return wish


ANSWERS = (Report.Outcome.DISMISSED, Report.Outcome.REMOVED)
RULE_FIELDS = [rule.field for rule in RULES]


class RulesForm(forms.ModelForm[Election]):
    class Meta:
        model = Election
        fields = RULE_FIELDS
        widgets = {rule.field: forms.RadioSelect for rule in RULES if rule.column.choices}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for rule in RULES:
            if rule.stays_if_left_out:
                self.fields[rule.field].required = False
        self.fields["organisers_see_tally"].help_text = _(
            "If members see live results, organisers see them too. Anyone who compares the "
            "last live count with the published one can work out the vote of a member who "
            "left or was excluded. To prevent that, choose “after voting closes” for both."
        )

    def clean(self) -> dict[str, Any]:
        rules = super().clean() or self.cleaned_data
        for rule in RULES:
            if rule.stays_if_left_out and rules.get(rule.field) in ("", None):
                rules[rule.field] = self.initial[rule.field]
        if rules.keys() >= set(RULE_FIELDS):
            stored = Election.objects.select_related("conference").get(pk=self.instance.pk)
            refuse_laxer_rules(conference=stored.conference, rules=rules)
        return rules


class WindowReasonForm(forms.Form):
    """Why an open vote ends early, confirmed on the page that shows the consequences."""

    reason = reason_field(
        help_text=_("All members can read it: in an email, on the ballot and on the conference page."),
        required=_("Please give a reason. All members will read it."),
    )


class WindowCorrectionForm(CorrectionForm):
    reason = reason_field(
        help_text=_("All members can read it on the ballot and on the conference page."),
        required=_("Please give a reason. All members can read it."),
    )


class DeadlineForm(WindowReasonForm):
    closes_at = LocalTimeField(label=_("New deadline"))
    # The deadline that the organiser has read, so that two organisers do not move it twice.
    seen = forms.DateTimeField(widget=forms.HiddenInput, input_formats=["%Y-%m-%dT%H:%M:%S.%f%z"])
    field_order = ["closes_at", "reason", "seen"]

    def __init__(self, *args: Any, conference: Conference, **options: Any) -> None:
        seen = conference.election.closes_at
        initial = {"seen": seen.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+0000") if seen else ""}
        super().__init__(*args, **options | {"initial": initial})
        show_in_zone(self.fields["closes_at"], conference)
        self.conference = conference

    def clean_closes_at(self) -> datetime:
        """Refused before its consequences are shown. Once confirmed, the verb refuses: it knows a repeat."""
        closes: datetime = self.cleaned_data["closes_at"]
        refusal = "" if "confirmed" in self.data else refusal_of_deadline(self.conference, closes)
        if refusal:
            raise forms.ValidationError(refusal)
        return closes


class RollForm(forms.Form):
    reason = reason_field(
        help_text=_("All members can read it, on the page of the list of voters. Do not name anyone in it."),
        required=_("Please give a reason. All members can read it."),
    )


class ExclusionForm(forms.Form):
    reason = reason_field(
        help_text=_("The member can read it. It is kept in the history with your name."),
        required=_("Please give a reason. The member can read it."),
        max_length=2000,
    )


class RevokingForm(forms.Form):
    reason = reason_field(
        help_text=_("The member gets it by email, and those of the team who choose the speaker read it."),
        required=_("Please give a reason. The member gets it by email."),
    )


class HidingForm(forms.Form):
    reason = reason_field(
        help_text=_("The member gets it by email. It is kept in the audit log with your name."),
        required=_("Please give a reason. The member gets it by email."),
        max_length=2000,
    )


class AnswerForm(forms.Form):
    """What the organisers of the site answer a team. The fields are named as the arguments of the verb."""

    outcome = forms.ChoiceField(choices=[(each.value, each.label) for each in ANSWERS])
    note = LongTextInput(
        label=_("Note for the team of the conference"),
        max_length=LONGEST_TEXT,
        validators=[validate_encodable],
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60, "class": "vLargeTextField"}),
        help_text=_("Neither the member nor those who reported it read it."),
        error_messages={"required": _("Please write a short note for the team of the conference.")},
    )


class DismissalForm(forms.Form):
    """Why the team leaves it as it is. The fields are named as the arguments of the verb."""

    subject = forms.ChoiceField(choices=Report.Subject.choices, widget=forms.HiddenInput)
    note = LongTextInput(
        label=_("Note for your team"),
        max_length=LONGEST_TEXT,
        validators=[validate_encodable],
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60, "class": "vLargeTextField"}),
        help_text=_("Neither the member nor those who reported it read it."),
        error_messages={"required": _("Please write a short note for your team.")},
    )

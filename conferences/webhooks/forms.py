from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conferences.outbox.kinds import offered
from conferences.outbox.models import WebhookEndpoint


class WebhookForm(forms.Form):
    """`endpoint` is the one that is changed; its URL is not shown again."""

    url = forms.CharField(
        label=_("URL"),
        max_length=1000,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    written_as = forms.ChoiceField(
        label=_("Format"), widget=forms.RadioSelect, choices=WebhookEndpoint.Format.choices
    )
    events = forms.MultipleChoiceField(
        label=_("Events"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose at least one event.")},
    )

    def __init__(self, *given: Any, endpoint: WebhookEndpoint | None = None, **options: Any) -> None:
        shown: dict[str, Any] = {"written_as": WebhookEndpoint.Format.JSON}
        if endpoint:
            shown = {"written_as": endpoint.format, "events": endpoint.events}
        super().__init__(*given, **options | {"initial": shown})
        events: Any = self.fields["events"]
        events.choices = [(kind.name, kind.label) for kind in offered()]
        self.fields["url"].required = endpoint is None
        self.fields["url"].help_text = (
            _("It is stored encrypted. Leave this empty to keep it.") if endpoint else _NEW_URL
        )


_NEW_URL = _(
    "It begins with https://. For messages in a chat, create an incoming webhook in the chat and paste its "
    "URL here. It is stored encrypted and not shown again."
)


class ActForm(forms.Form):
    """What a button says is to be done with a message."""

    AGAIN, SKIP = "again", "skip"
    act = forms.ChoiceField(choices=[(AGAIN, AGAIN), (SKIP, SKIP)])

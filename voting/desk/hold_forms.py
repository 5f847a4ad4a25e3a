from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from confbox.kit.local_time_fields import LocalTimeField
from confbox.kit.reason_fields import reason_field
from conferences.models import Conference
from voting.desk.forms import show_in_zone
from voting.elections.receipts.holds import latest_end
from voting.elections.receipts.models import PublishedBallots


class HoldForm(forms.Form):
    """Until when votes stay linked to voters, and why. The fields are named as the arguments of the verb."""

    until = LocalTimeField(label=_("Keep them linked until"))
    reason = reason_field(
        help_text=_("Members read it on the page of the result. Please name no one in it."),
        required=_("Please give a reason. Members read it on the page of the result."),
    )

    def __init__(
        self, *args: Any, conference: Conference, published: PublishedBallots | None, **options: Any
    ) -> None:
        latest: datetime | None = None
        if published:
            published.election = conference.election
            latest = latest_end(conference, published)
        super().__init__(*args, **options | {"initial": {"until": latest}})
        show_in_zone(self.fields["until"], conference)

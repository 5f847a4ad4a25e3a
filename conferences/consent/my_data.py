"""What a person asked for, and what they answered, for the download of their data."""

from typing import Any

from django.db.models import Q

from accounts.models import User
from accounts.my_data.export import columns_of
from accounts.my_data.parts import Part
from conferences.consent.acts import ACTS
from conferences.models import ConsentRequest


def export(user: User) -> dict[str, Any]:
    theirs = ConsentRequest.objects.filter(Q(asked_by=user) | Q(answered_by=user))
    own = theirs.filter(conference__rehearses=None).order_by("pk")
    return {"requests_for_a_second_person": [_columns(row) for row in own]}


def _columns(row: ConsentRequest) -> dict[str, Any]:
    """Without what was noted, which can be words of someone else."""
    return columns_of(row) | {"payload": ACTS[row.act].asks(row.payload)}


def no_consequences(_user: User) -> dict[str, Any]:
    return {}


PART = Part(export=export, consequences=no_consequences)

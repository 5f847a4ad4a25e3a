import json
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from conferences.models import Membership
from voting.elections.models import Vote
from voting.elections.receipts import verify
from voting.elections.receipts.models import PublishedBallots
from voting.elections.receipts.signing import is_signature, public_key, sign

LONGEST = 4000
"""Characters of a receipt; ours have about 600."""


class Receipt(TypedDict):
    version: str
    conference: int
    title: str
    member: int
    choice: int
    nonce: str
    tracker: str
    cast_at: str
    signature: str
    key: str


def receipt_of(vote: Vote) -> Receipt | None:
    """Lets the voter find this vote in the published ballots. None for a vote without a nonce."""
    if not vote.tracker or not vote.nonce:
        return None
    receipt: Receipt = {
        "version": "conferencebox-receipt-2",
        "conference": vote.election_id,
        "title": str(vote.election),
        "member": vote.voter_id,
        "choice": vote.candidate_id,
        "nonce": vote.nonce,
        "tracker": vote.tracker,
        "cast_at": f"{vote.cast_at:%Y-%m-%dT%H:%M:%S.%fZ}",
        "signature": "",
        "key": public_key(),
    }
    receipt["signature"] = sign(verify.RECEIPT.format(**receipt))
    return receipt


def check_receipt(*, text: str, published: PublishedBallots, member: Membership) -> list[str]:
    """What is wrong with this member's receipt, compared with the published ballots. Empty if nothing is.

    Raises:
        ValidationError: the text is not a receipt.
    """
    receipt = read_receipt(text)
    ballots = published.ballots.encode()
    problems = list(verify.check_receipt(ballots, published.result, receipt, member.pk))
    if not is_signature(receipt["signature"], of=verify.RECEIPT.format(**receipt)):
        problems.append(_("signature: this site did not sign this receipt"))
    return problems


def read_receipt(text: str) -> dict[str, Any]:
    """The receipt in a text that was pasted.

    Raises:
        ValidationError: it is not one.
    """
    try:
        receipt = json.loads(text[:LONGEST])
    except (ValueError, RecursionError):
        receipt = None
    if not isinstance(receipt, dict) or not all(
        isinstance(receipt.get(name), kind) for name, kind in Receipt.__annotations__.items()
    ):
        raise ValidationError(
            _("This is not a receipt. Paste the whole text of the file you downloaded."), code="no_receipt"
        )
    return receipt

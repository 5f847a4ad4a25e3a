import json
from typing import Any, ClassVar

from pydantic import Field

from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Slug
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.limits import heavy_work
from conferences.views import own_membership
from voting.elections.api.votes import VoteReceipt
from voting.elections.receipt_views import RECEIPT_CHECKS, published_to
from voting.elections.receipts.receipt import check_receipt

router = ApiRouter("Votes")


class ReceiptToCheck(Input):
    receipt: dict[str, Any] = Field(description="As you got it.")

    EXAMPLE: ClassVar = {"receipt": VoteReceipt.EXAMPLE}


class ReceiptChecked(Answer):
    is_counted: bool = Field(description="Whether the vote is among the published ballots as it was cast.")
    problems: list[str]

    EXAMPLE: ClassVar = {"is_counted": True, "problems": []}


@router.post(
    "conferences/{slug}/results/receipt/",
    scope=Scope.VOTE,
    answer=ReceiptChecked,
    summary="Check a receipt",
    refusals=["This is not a receipt."],
)
def verify_receipt(request: PersonRequest, slug: Slug, form: ReceiptToCheck) -> ReceiptChecked:
    """Looks for your vote among the published ballots, once the result is out."""
    with heavy_work(RECEIPT_CHECKS, request):
        membership, published = published_to(own_membership(request, slug), request)
        text = json.dumps(form.receipt, ensure_ascii=False)
        problems = check_receipt(text=text, published=published, member=membership)
    return ReceiptChecked(is_counted=not problems, problems=problems)

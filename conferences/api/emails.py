from typing import ClassVar, Literal

from django.core.exceptions import PermissionDenied
from ninja import Query
from pydantic import Field

from accounts.actors import actor_of
from accounts.api.log_ins import require_fresh_log_in_of_browser
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Instant, Slug
from confbox.kit.api.forms import cleaned
from confbox.kit.api.pages import Page, Paging, page_of_rows
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.limits import count_use
from conferences.api.doors import managed
from conferences.api.outcomes import ActDone
from conferences.organising.tabs import READ
from conferences.overview import email_tests
from conferences.overview.admin_views import TEST_EMAILS
from conferences.overview.failed_email_views import AGAIN, DecisionForm
from conferences.overview.undelivered import (
    FailedEmail,
    failed_in,
    failed_tasks,
    may_read,
    send_email_again,
    settle_email,
)

router = ApiRouter("Organising: emails")


class EmailTestAsked(Answer):
    to: str

    EXAMPLE: ClassVar = {"to": "ada@example.org"}


class EmailNotSent(Answer):
    id: str
    to: str
    about: str
    asked_at: Instant
    is_uncertain: bool = Field(description="Whether it may have been sent all the same.")
    answer: str = Field(description="What the mail server said.")

    EXAMPLE: ClassVar = {
        "id": "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
        "to": "ada@example.org",
        "about": "Open Conf",
        "asked_at": "2027-02-01T09:30:00Z",
        "is_uncertain": False,
        "answer": "550 No such mailbox",
    }

    @classmethod
    def of(cls, email: FailedEmail) -> "EmailNotSent":
        return cls(**vars(email))


class DecisionOnEmail(Input):
    email: str = Field(max_length=36, description="Its ID.")
    act: Literal["again", "settled"] = Field(description="Sends it again, or takes it off the list.")

    EXAMPLE: ClassVar = {"email": EmailNotSent.EXAMPLE["id"], "act": "again"}


@router.post(
    "conferences/{slug}/organise/test-email/",
    scope=Scope.ORGANISE_WRITE,
    answer=EmailTestAsked,
    summary="Send a test email to yourself",
)
def test_email(request: PersonRequest, slug: Slug) -> EmailTestAsked:
    """Whether the mail server accepted it is in the checklist of the conference."""
    found = managed(request, slug, READ)
    count_use(TEST_EMAILS, request)
    email_tests.request_test_email(conference=found, by=actor_of(request))
    return EmailTestAsked(to=request.user.email)


@router.get(
    "organise/failed-emails/",
    scope=Scope.ORGANISE_READ,
    all_conferences=True,
    answer=Page[EmailNotSent],
    summary="Emails that were not sent",
)
def failed_emails(request: PersonRequest, paging: Query[Paging]) -> Page[EmailNotSent]:
    """Or of which no one knows. For organisers of the site; the last one first."""
    _refuse_others(request)
    page = page_of_rows(failed_tasks(), paging, order=("-enqueued_at", "pk"), show=lambda task: task)
    return Page(items=[EmailNotSent.of(email) for email in failed_in(page.items)], next=page.next)


@router.post(
    "organise/failed-emails/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=ActDone,
    summary="Send an email again, or settle it",
)
def decide_on_email(request: PersonRequest, form: DecisionOnEmail) -> ActDone:
    """`none` if it no longer waits for a decision. For organisers of the site."""
    _refuse_others(request)
    entered = cleaned(DecisionForm(form.model_dump()))
    verb = send_email_again if entered["act"] == AGAIN else settle_email
    return ActDone.of(verb(task_id=entered["email"], by=actor_of(request)))


def _refuse_others(request: PersonRequest) -> None:
    """As the page does, before and after a log-in."""
    if not may_read(request.user):
        raise PermissionDenied
    require_fresh_log_in_of_browser(request)

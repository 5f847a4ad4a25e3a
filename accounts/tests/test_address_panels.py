"""The page to change an email address, by which addresses of the account are confirmed."""

import pytest
from allauth.account.models import EmailAddress

from accounts.panels import ADDRESS_PANEL
from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of

pytestmark = pytest.mark.django_db
CANCEL, RESEND = "Keep the current email address", "Send the code again"


def nothing(dora):
    pass


def ask_for_another(dora):
    EmailAddress.objects.create(user=dora, email="new@example.org")


def be_unconfirmed(dora):
    EmailAddress.objects.filter(user=dora).update(verified=False)


ADDRESSES = [
    ("confirmed", nothing, ["Current email address"], []),
    (
        "changing",
        ask_for_another,
        ["Current email address", "New email address (not confirmed yet)"],
        [RESEND, CANCEL],
    ),
    ("unconfirmed", be_unconfirmed, ["Current email address"], [RESEND]),
]


@pytest.mark.parametrize(("state", "arrange", "labels", "buttons"), ADDRESSES)
def test_page_to_change_an_address(client, state, arrange, labels, buttons):
    dora = make_user("dora@example.org")
    arrange(dora)
    answer = log_in_freshly(client, dora).get("/accounts/email/")
    assert answer.context["panel"].state == state
    page = parse(answer)
    assert page.texts("main label") == [*labels, "New email address"]
    assert page.texts("button[form=pending-email]") == buttons
    assert page.has("form#pending-email input[name=email]") == bool(buttons)


def test_every_state_has_a_row_and_a_template():
    assert states_of(ADDRESS_PANEL) == {state for state, *_ in ADDRESSES}

"""The worker sends emails: what a page asks for waits in the queue, encrypted."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django_tasks_db.models import DBTaskResult

from accounts.tests.factories import PASSWORD, log_in_freshly, make_user
from confbox.kit.tests.queues import IN_DATABASE

NEW = "another-battery-staple"
pytestmark = pytest.mark.django_db(transaction=True)

PAGES = {
    "sign-up": ("/accounts/signup/", {"name": "Nia", "email": "nia@example.org", "password1": PASSWORD}),
    "reset": ("/accounts/password/reset/", {"email": "dora@example.org"}),
    "another address": ("/accounts/email/", {"email": "new@example.org", "action_add": ""}),
    "another password": (
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW},
    ),
}


@pytest.fixture
def asked(client, settings):
    """Asks a page for an email while no worker runs."""
    cache.clear()
    settings.TASKS = IN_DATABASE
    dora = make_user("dora@example.org")

    def ask(what):
        if what.startswith("another"):
            log_in_freshly(client, dora)
        url, data = PAGES[what]
        assert client.post(url, data).status_code == 302

    return ask


@pytest.mark.parametrize("what", PAGES)
def test_page_emails_nothing_itself(asked, what):
    asked(what)
    assert mail.outbox == []
    assert DBTaskResult.objects.filter(queue_name="mail").count() == 1


@pytest.mark.parametrize("what", PAGES)
def test_worker_emails_it(asked, what):
    asked(what)
    call_command("db_worker", "--batch", "--queue-name", "*", "--no-startup-delay", verbosity=0)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("what", PAGES)
def test_email_has_an_id_of_the_senders_domain_and_says_that_it_is_automatic(asked, settings, what):
    settings.DEFAULT_FROM_EMAIL = '"Acme, Inc." <conferences@münchen.example>'
    asked(what)
    call_command("db_worker", "--batch", "--queue-name", "*", "--no-startup-delay", verbosity=0)
    message = mail.outbox[0].message()
    assert message["Message-ID"].endswith("@xn--mnchen-3ya.example>")
    assert message["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("what", ["sign-up", "reset", "another address"])
def test_queue_does_not_tell_the_code(asked, what):
    asked(what)
    waiting = DBTaskResult.objects.get()
    call_command("db_worker", "--batch", "--queue-name", "*", "--no-startup-delay", verbosity=0)
    code = re.search(r"\b\d{6}\b", mail.outbox[0].body)[0]
    assert code not in str(waiting.args_kwargs)
    assert "code" not in str(waiting.args_kwargs.get("kwargs", {}).get("encrypted_text", ""))


@pytest.mark.parametrize("what", ["sign-up", "reset"])
def test_worker_writes_in_the_language_of_the_page(asked, client, what):
    client.cookies["django_language"] = "de"
    asked(what)
    call_command("db_worker", "--batch", "--queue-name", "*", "--no-startup-delay", verbosity=0)
    assert "10 Minuten" in mail.outbox[0].body

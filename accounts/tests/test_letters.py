"""The site's own mails have HTML beside their text."""

import pytest
from django.conf import settings
from django.core.mail import EmailMessage

from accounts.letters import letter_html
from accounts.tasks import send_mail

PAGE = f"{settings.SITE_URL}/me/"


def html_of(message):
    ((content, kind),) = message.alternatives
    assert kind == "text/html"
    return content


def test_a_code_stands_by_itself():
    assert 'class="code"' in letter_html("Your code:\n\n    123456\n\nBye.", subject="Code")
    assert ">123456</p>" in letter_html("Your code:\n\n    123456\n\nBye.", subject="Code")


def test_every_mail_keeps_its_text_and_gets_a_letter(db, mailoutbox):
    send_mail(EmailMessage("Free again", f"Hello <b>,\n\nopen\n{PAGE}", to=["alice@example.org"]))
    (message,) = mailoutbox
    assert message.body == f"Hello <b>,\n\nopen\n{PAGE}"
    assert "Hello &lt;b&gt;," in html_of(message)
    assert f'href="{PAGE}"' in html_of(message)


@pytest.mark.parametrize(
    "name", ["https://evil.example/", "evil.example", f"{settings.SITE_URL}.evil.example/", "<a href=x>"]
)
def test_what_people_call_themselves_never_becomes_a_link(name):
    assert "<a " not in letter_html(f"Hello {name},", subject="Hello")


def test_a_letter_fetches_nothing_from_elsewhere():
    html = letter_html("Hello", subject="Hello")
    assert "http" not in html
    assert "<img" not in html

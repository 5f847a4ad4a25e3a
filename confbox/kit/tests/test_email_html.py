"""The site's own emails have an HTML part."""

import pytest
from django.conf import settings
from django.core.mail import EmailMessage

from confbox.kit.email_html import html_of_email
from confbox.kit.email_sending import send_email

PAGE = f"{settings.SITE_URL}/me/"


def html_of(message):
    ((content, kind),) = message.alternatives
    assert kind == "text/html"
    return content


def test_a_code_is_in_a_paragraph_of_its_own():
    assert 'class="code"' in html_of_email("Your code:\n\n    123456\n\nBye.", subject="Code")
    assert ">123456</p>" in html_of_email("Your code:\n\n    123456\n\nBye.", subject="Code")


def test_every_email_keeps_its_text_and_gets_html(db, mailoutbox):
    send_email(EmailMessage("Free again", f"Hello <b>,\n\nopen\n{PAGE}", to=["alice@example.org"]))
    (message,) = mailoutbox
    assert message.body == f"Hello <b>,\n\nopen\n{PAGE}"
    assert "Hello &lt;b&gt;," in html_of(message)
    assert f'href="{PAGE}"' in html_of(message)


@pytest.mark.parametrize(
    "name", ["https://evil.example/", "evil.example", f"{settings.SITE_URL}.evil.example/", "<a href=x>"]
)
def test_what_people_call_themselves_never_becomes_a_link(name):
    assert "<a " not in html_of_email(f"Hello {name},", subject="Hello")


def test_an_email_fetches_nothing_from_elsewhere():
    html = html_of_email("Hello", subject="Hello")
    assert "http" not in html
    assert "<img" not in html

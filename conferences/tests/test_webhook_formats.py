"""Messages in chats: one sentence with a link, in which a title is only text."""

import json

import pytest

from conferences.outbox.kinds import KINDS
from conferences.outbox.models import WebhookEndpoint
from conferences.tests.factories import make_conference
from conferences.tests.webhooks import make_endpoint, make_event
from conferences.webhooks.formats import FORMATS, body_of

pytestmark = pytest.mark.django_db
CHATS = [name for name in WebhookEndpoint.Format.values if name != "json"]
TITLE = "<!channel> @here **A** [b](https://evil.example) & `c` <b>d</b>"


def content(chat, *, title="Bread Days", language="en", kind="member.joined"):
    conference = make_conference(title=title, slug="bread-days")
    endpoint = make_endpoint(conference, format=chat, language=language)
    return json.loads(body_of(make_event(endpoint, kind=kind).event, endpoint))


@pytest.mark.parametrize("chat", CHATS)
def test_message_names_the_conference_and_has_a_link(chat, settings):
    settings.SITE_URL = "https://site.example"
    written = json.dumps(content(chat))
    assert "Bread Days" in written
    assert "https://site.example/conferences/bread-days/" in written


def test_every_format_has_its_writer():
    assert set(FORMATS) == set(WebhookEndpoint.Format)


def test_slack_gets_no_call_and_no_link_from_a_title():
    text = content("slack", title=TITLE)["text"]
    assert "&lt;!channel&gt; @here" in text
    assert text.count("<") == 1


@pytest.mark.parametrize(("chat", "key"), [("mattermost", "text"), ("discord", "content")])
def test_markdown_of_a_title_is_only_text(chat, key):
    text = content(chat, title=TITLE)[key]
    assert "@\u200bhere" in text
    assert r"\*\*A\*\* \[b\]\(https\:" in text
    assert text.count("](") == 1


def test_discord_calls_no_one():
    assert content("discord")["allowed_mentions"] == {"parse": []}


def test_html_of_a_title_is_only_text_in_matrix():
    assert "&lt;b&gt;d&lt;/b&gt;" in content("matrix", title=TITLE)["html"]


def test_message_is_in_the_language_of_its_webhook():
    words = KINDS["member.joined"].sentence
    assert str(words) % {"conference": "Bread Days"} in content("slack")["text"]


def test_json_has_no_title():
    assert "Bread" not in json.dumps(content("json"))

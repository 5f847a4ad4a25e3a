"""A line break counts as one character, as in the browser, and is stored as one."""

import importlib
from pathlib import Path

import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.db import models
from django.test import Client

from accounts.models import User
from confbox.kit.text_fields import LongText, LongTextInput
from conferences.models import Conference
from voting.campaigns.models import Campaign
from voting.elections.models import Pitch

pytestmark = pytest.mark.django_db

APPS = ("accounts", "conferences", "voting")
# 50 lines of 99 characters: 4,999 in a browser, which sends 5,048.
FIFTY_LINES = "\r\n".join(["x" * 99] * 50)
PLAIN = FIFTY_LINES.replace("\r\n", "\n")


def form_classes():
    """Every form of the project, from the modules that define forms."""
    for app in APPS:
        for file in Path(settings.BASE_DIR, app).rglob("*.py"):
            if "tests" in file.parts or "forms." not in file.read_text():
                continue
            name = ".".join(file.relative_to(settings.BASE_DIR).with_suffix("").parts)
            for kind in vars(importlib.import_module(name)).values():
                if isinstance(kind, type) and issubclass(kind, forms.BaseForm) and kind.__module__ == name:
                    yield kind


def test_every_form_field_of_several_lines_has_plain_line_breaks():
    fields = [
        (kind.__name__, name, field)
        for kind in form_classes()
        for name, field in kind.base_fields.items()
        if isinstance(field.widget, forms.Textarea)
    ]
    assert len(fields) > 5
    assert [(form, name) for form, name, field in fields if not isinstance(field, LongTextInput)] == []


def test_every_typed_column_of_several_lines_has_plain_line_breaks():
    columns = [
        field
        for app in APPS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.local_fields
        if isinstance(field, models.TextField) and field.max_length
    ]
    assert columns
    assert [str(field) for field in columns if not isinstance(field, LongText)] == []


def test_pitch_of_as_many_characters_as_the_browser_allows_is_saved(as_alice, alice):
    sent = {"headline": "Lines", "statement": FIFTY_LINES, "accepts_votes": "on"}
    assert as_alice.post("/conferences/open-conf/pitch/", sent).status_code == 302
    assert Pitch.objects.get().statement == PLAIN


def test_text_of_a_profile_is_saved(as_alice, alice):
    sent = {"name": "Alice", "profession": "", "bio": FIFTY_LINES, "phone": ""}
    assert as_alice.post("/people/profile/", sent).status_code == 302
    assert User.objects.get(pk=alice.user.pk).bio == PLAIN


def test_message_of_a_campaign_is_stored_with_plain_line_breaks(as_alice, alice):
    message = "\r\n".join(["x" * 99] * 100)
    as_alice.post("/conferences/open-conf/campaigns/new/", {"subject": "Lines", "message": message})
    assert Campaign.objects.get().message == message.replace("\r\n", "\n")


def test_organiser_edits_a_text_in_the_admin(as_organiser: Client, organiser, alice):
    User.objects.filter(pk=organiser.pk).update(is_superuser=True)
    page = f"/admin/accounts/user/{alice.user.pk}/change/"
    sent = {"name": "Alice", "bio": FIFTY_LINES, "phone": "", "profession": ""}
    assert as_organiser.post(page, sent).status_code == 302
    assert User.objects.get(pk=alice.user.pk).bio == PLAIN


@pytest.mark.parametrize("typed", ["one\r\ntwo", "one\rtwo", "one\ntwo"])
def test_text_that_no_form_has_seen_is_stored_with_plain_line_breaks(conference, typed):
    Conference.objects.update(agenda=typed)
    assert Conference.objects.get().agenda == "one\ntwo"


def test_model_checks_a_text_without_a_form(conference):
    conference.agenda = "one\r\ntwo"
    conference.clean_fields()
    assert conference.agenda == "one\ntwo"

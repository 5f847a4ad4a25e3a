"""Rows that were added, removed and changed, without what differs at each try."""

import json
import re

from django.apps import apps
from django.db import models

from confbox.tests.page_text import masked

# Written by any request.
PASSING = {"sessions.Session", "usersessions.UserSession"}
RANDOM = {
    "accounts.User": {"password", "calendar_key", "picture"},
    "conferences.JoinCode": {"code"},
    "mfa.Authenticator": {"data"},
    "voting.Vote": {"nonce", "tracker"},
    "voting.PublishedBallots": {"content", "digest", "signature", "result", "result_signature"},
}
TIMES = (models.DateTimeField, models.DateField, models.TimeField)
# In the data of an event: rows that are made in both requests have other IDs.
IDS_IN_JSON = re.compile(r'("(?:member|campaign|decision)_id":) \d+')


def all_rows():
    """Each row of each model, by the name of the model and by its key."""
    return {model._meta.label: _rows(model) for model in _models()}


def rows_now(before, changed_tables):
    """The same when only these tables have changed."""
    changed = [model for model in _models() if model._meta.db_table in changed_tables]
    return before | {model._meta.label: _rows(model) for model in changed}


def _rows(model):
    return {row.pop("pk"): row for row in model._base_manager.values("pk", *_columns(model))}


def _models():
    every = apps.get_models(include_auto_created=True)
    return [m for m in every if not m._meta.proxy and m._meta.label not in PASSING]


def _columns(model):
    left_out = RANDOM.get(model._meta.label, set())
    fields = [f for f in model._meta.local_concrete_fields if not isinstance(f, TIMES)]
    return [f.attname for f in fields if f.name not in left_out and not isinstance(f, models.AutoField)]


def changes(before, after):
    """Lines that are equal for two requests that did the same."""
    lines = []
    for model in _models():
        name = model._meta.label
        old, new = before[name], after[name]
        lines += [f"{name} {key}: gone" for key in old.keys() - new.keys()]
        lines += [f"{name}: new {_shown(model, new[key], before)}" for key in new.keys() - old.keys()]
        for key in old.keys() & new.keys():
            other = {column: value for column, value in new[key].items() if value != old[key][column]}
            if other:
                lines.append(f"{name} {key}: {_shown(model, other, before)}")
    return sorted(lines)


def _shown(model, row, before):
    return {column: _value(model._meta.get_field(column), value, before) for column, value in row.items()}


def _value(field, value, before):
    if field.is_relation and value is not None:
        known = before.get(field.related_model._meta.concrete_model._meta.label, {value: None})
        return value if value in known else "new"
    if field.name in ("object_id", "target_id", "about_id", "of_conference"):
        return re.sub(r"\d+", "0", str(value))
    if isinstance(value, str | list | dict):
        return masked(IDS_IN_JSON.sub(r"\1 0", json.dumps(value)))
    return value

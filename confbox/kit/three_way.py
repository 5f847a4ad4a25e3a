"""A form that is older than what is stored: what was shown, what was typed, and what is stored now.

A digest of each value that a page shows goes with its form. So fields that the person did not touch take what
is stored now, and only those that both have changed are in conflict.
"""

import json
from hashlib import sha256
from typing import Any

from django import forms


def digests_of(form: forms.BaseForm) -> str:
    """Of each value as the page shows it, to be sent back with the form."""
    digests = {name: _digest(_stored(form, name)) for name in _visible(form)}
    return json.dumps(digests, separators=(",", ":"))


def take_stored(form: forms.BaseForm, shown: str) -> list[str]:
    """Gives the untouched fields of this bound form what is stored now; returns those in conflict.

    `shown` are the digests that came with it. Call it before the form is validated.
    """
    digests, data, conflicts = _read(shown), form.data.dict(), []  # type: ignore[attr-defined]
    for name in _visible(form):
        key = form.add_prefix(name)
        typed, stored = _typed(form, name), _stored(form, name)
        if typed == stored or (key not in data and not _is_switch(form, name)):
            continue
        if digests.get(name) == _digest(typed):
            data.pop(key, None)
            data |= {key: stored} if stored != "False" else {}
        elif digests.get(name) != _digest(stored):
            conflicts.append(name)
    form.data = data
    return conflicts


def _visible(form: forms.BaseForm) -> list[str]:
    """Those that a person can change."""
    fields = form.fields.items()
    return [name for name, field in fields if not field.widget.is_hidden and not field.disabled]


def _read(shown: str) -> dict[str, str]:
    try:
        found = json.loads(shown)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _is_switch(form: forms.BaseForm, name: str) -> bool:
    """A box that is not ticked is not sent."""
    return isinstance(form.fields[name], forms.BooleanField)


def _stored(form: forms.BaseForm, name: str) -> str:
    """As the page sends it if no one touches it."""
    field = form.fields[name]
    value = form.get_initial_for_field(field, name)
    if _is_switch(form, name):
        return str(bool(value))
    return _plain(field.widget.format_value(field.prepare_value(value)))


def _typed(form: forms.BaseForm, name: str) -> str:
    sent = form.fields[name].widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
    return _plain(sent)


def _plain(value: Any) -> str:
    """Without what differs between a page and what its browser sends."""
    found = value[0] if isinstance(value, list) and value else value
    return "" if found is None or found == [] else "\n".join(str(found).splitlines()).strip()


def _digest(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:12]

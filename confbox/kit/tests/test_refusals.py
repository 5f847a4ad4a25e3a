"""Refusals of what was typed are in the site's own words."""

import pytest
from django import forms
from django.core.exceptions import ValidationError


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        (forms.CharField(max_length=1), "xy", "This can have 1 character at most, and has 2."),
        (forms.CharField(max_length=3), "xxxx", "This can have 3 characters at most, and has 4."),
        (forms.IntegerField(min_value=1), "0", "Please enter 1 or more."),
        (forms.IntegerField(max_value=9), "10", "Please enter 9 or less."),
    ],
)
def test_refusal_of_what_is_too_much_or_too_little(field, typed, words):
    with pytest.raises(ValidationError) as refusal:
        field.clean(typed)
    assert refusal.value.messages == [words]

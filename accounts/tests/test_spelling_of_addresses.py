"""An email address has one spelling, and no spelling is mistaken for another person's address."""

import pytest
from django.core.exceptions import ValidationError

from accounts.forms import AddressForm
from accounts.models import User
from accounts.tests.factories import make_user
from confbox.kit.email_addresses import normalise_email


def as_stored(typed):
    form = AddressForm({"email": typed})
    return form.cleaned_data["email"] if form.is_valid() else None


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("hans@straße.example", "hans@xn--strae-oqa.example"),
        ("Hans@STRASSE.example", "hans@strasse.example"),
        ("hans@XN--STRAE-OQA.example", "hans@xn--strae-oqa.example"),
        ("nikos@ευς.example", "nikos@xn--qxa0ai.example"),
        ("nikos@ευσ.example", "nikos@xn--qxa2af.example"),
        ("ayse@dıl.example", "ayse@xn--dl-hpa.example"),
        ("hans@MÜNCHEN.example", "hans@xn--mnchen-3ya.example"),
        ("hans@mu\u0308nchen.example", "hans@xn--mnchen-3ya.example"),
        ("hans@ｅｘａｍｐｌｅ．org", "hans@example.org"),
        ("hans@example。org", "hans@example.org"),
        ("hans＠example.org", "hans@example.org"),
        ("hans@mixed-аb.example", "hans@xn--mixed-b-7fg.example"),
    ],
)
def test_domain_is_stored_in_its_form_of_idna_2008(typed, stored):
    assert as_stored(typed) == stored == normalise_email(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "hans@\U0001f600.example",
        "hans@a\u200db.example",
        "hans@example.org.",
        "hans@.example.org",
        "hans@ex ample.org",
        "\u212aim@example.org",
        "hans@\u2488com.example",
        "hans@" + "ä" * 64 + ".example",
        "hans@@example.org",
        "ｈans@example.org",
    ],
)
def test_what_is_no_address_is_refused(typed):
    assert as_stored(typed) is None


def test_joiner_that_belongs_into_a_word_is_kept():
    with_joiner = "a@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.example"
    assert as_stored(with_joiner)
    assert as_stored(with_joiner) != as_stored(with_joiner.replace("\u200c", ""))


def test_letters_before_the_at_sign_are_composed():
    assert normalise_email("jose\u0301@example.org") == normalise_email("jos\u00e9@example.org")


@pytest.mark.django_db
def test_two_domains_that_only_look_alike_are_two_people():
    for domain in ("straße", "strasse"):
        make_user(f"hans@{domain}.example")
    assert User.objects.get_by_natural_key("hans@straße.example").email == "hans@xn--strae-oqa.example"
    assert User.objects.count() == 2


@pytest.mark.django_db
def test_model_refuses_a_domain_that_no_email_can_be_sent_to():
    with pytest.raises(ValidationError, match="not a domain"):
        User(email="hans@\U0001f600.example", name="Hans").full_clean(exclude=["password"])


@pytest.mark.django_db
def test_log_in_finds_the_person_in_every_spelling(client):
    make_user("hans@straße.example")
    answer = client.post(
        "/accounts/login/", {"login": "Hans@STRAßE.example", "password": "correct-horse-battery"}
    )
    assert answer.status_code == 302

"""A second factor that already exists is not added again."""

import pytest
from allauth.mfa.models import Authenticator

from accounts.tests.second_factors import browser_of, form_of_app, form_of_key
from confbox.kit.tests.page import parse

pytestmark = pytest.mark.django_db


def test_a_second_app_from_a_page_of_before_is_refused_in_words(stranger):
    first, second = browser_of(stranger), browser_of(stranger)
    forms = form_of_app(first), form_of_app(second)
    first.post(*forms[0])
    answer = second.post(*forms[1], follow=True)
    assert answer.redirect_chain == [("/accounts/2fa/", 302)]
    assert "You already have an authenticator app." in parse(answer).text
    assert Authenticator.objects.filter(type="totp").count() == 1


def test_a_passkey_that_the_person_has_is_refused_in_words(stranger):
    client = browser_of(stranger)
    client.post(*form_of_key(client))
    answer = client.post(*form_of_key(client))
    assert answer.status_code == 200
    assert "You have already added this passkey or security key." in parse(answer).text
    assert Authenticator.objects.filter(type="webauthn").count() == 1

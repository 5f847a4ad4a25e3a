"""A mailed code by itself, apart from the pages that use it."""

import pytest
from django.core.exceptions import ValidationError

from accounts.codes import MailedCode


def test_right_code_is_used_up():
    code = MailedCode({}, "errand")
    typed = code.issue(email="dora@example.org")
    code.check(typed)
    with pytest.raises(ValidationError, match="no longer be used"):
        code.check(typed)


def test_code_of_one_errand_is_none_of_another():
    session = {}
    typed = MailedCode(session, "signup").issue(email="dora@example.org")
    session["code:reset"] = session["code:signup"]
    with pytest.raises(ValidationError):
        MailedCode(session, "reset").check(typed)


def test_session_keeps_a_digest_only():
    session = {}
    typed = MailedCode(session, "signup").issue(email="dora@example.org")
    assert typed not in str(session["code:signup"]["digest"])
    assert set(session["code:signup"]) == {"email", "digest", "at", "tries"}

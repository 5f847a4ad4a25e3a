"""What other apps have registered ends together with a person's sessions."""

import pytest

from accounts import actions
from accounts.actors import Actor
from accounts.my_data.actions import delete_account
from accounts.tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "end",
    [
        lambda ada: actions.end_other_sessions(session_key="", by=Actor(ada)),
        lambda ada: actions.disable_user(user=ada, by=Actor.of_command(), reason="Spam"),
        lambda ada: delete_account(by=Actor(ada)),
    ],
    ids=["all other sessions", "disabled", "deleted"],
)
def test_what_ends_with_sessions_ends_once_for_this_person(monkeypatch, end):
    ended = []
    monkeypatch.setattr(actions, "WITH_SESSIONS", [ended.append])
    ada, _ben = make_user("ada@example.org"), make_user("ben@example.org")
    end(ada)
    assert ended == [ada]

"""The audit log records who, from where and by which channel; an act and its entry are stored together."""

import pytest
from django.db import IntegrityError

from accounts.actions import disable_user, make_organiser
from accounts.actors import Actor
from accounts.models import AdminAct, User
from accounts.tests.factories import PASSWORD, make_user

Channel = AdminAct.Channel


@pytest.mark.django_db
def test_act_of_a_request_comes_from_the_web(as_organiser, stranger):
    as_organiser.post(f"/admin/accounts/user/disable/?people={stranger.pk}", {"reason": "Spam"})
    act = AdminAct.objects.get(act="disable")
    assert (act.by.email, act.address, act.channel) == ("organiser@example.org", "127.0.0.1", Channel.WEB)


@pytest.mark.django_db
def test_act_of_a_command_is_no_ones(roles):
    make_organiser(email="o@example.org", name="Olga", password=PASSWORD, by=Actor.of_command())
    act = AdminAct.objects.get()
    assert (act.by, act.address, act.channel) == (None, None, Channel.COMMAND)


@pytest.mark.django_db(transaction=True)
def test_act_that_cannot_be_logged_is_not_done():
    dora, unknown = make_user("dora@example.org"), Actor(User(pk=10**6, name="Not there"))
    with pytest.raises(IntegrityError):
        disable_user(user=dora, by=unknown, reason="Spam")
    assert User.objects.get().is_active
    assert not AdminAct.objects.exists()


def test_a_verb_for_people_refuses_a_command():
    with pytest.raises(TypeError, match="Only a person"):
        _ = Actor.of_command().user

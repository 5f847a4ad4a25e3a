import time

from django.contrib.auth.models import Group

from accounts import actions
from accounts.models import User

PASSWORD = "correct-horse-battery"


def make_user(email, *, name="", confirmed=True, password=PASSWORD, **columns):
    name = name or email.partition("@")[0].title()
    user = User.objects.create_user(email, password, name=name, **columns)
    if confirmed:
        actions.confirm_address(user=user)
    return user


def make_organiser(email, **columns):
    user = make_user(email, is_staff=True, **columns)
    user.groups.add(Group.objects.get(name="Organisers"))
    return user


def log_in_freshly(client, user):
    """As `force_login`, and the session remembers that somebody typed a password just now."""
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client

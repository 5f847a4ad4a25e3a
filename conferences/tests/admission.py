"""Who may join, for tests: rules, codes and people at the door."""

from datetime import timedelta

from allauth.account.models import EmailAddress

from accounts.actors import Actor
from confbox.kit.clock import database_now
from conferences.actions import join_conference
from conferences.admission.actions import make_code, set_admission
from conferences.joining.actions import request_to_join
from conferences.models import JoinCode, Membership

BY_COMMAND = Actor.of_command()
NOTHING = {"everyone": False, "roster": False, "email_domains": [], "approval": False}
EVERYONE = {"everyone": True}


def only(conference, **rules):
    """Closes the conference to all but those whom these rules admit."""
    set_admission(conference=conference, by=BY_COMMAND, **NOTHING | rules)
    return conference


def code_for(conference, *, most_uses=None, expires_at=None, **columns):
    code = make_code(conference=conference, expires_at=expires_at, most_uses=most_uses, by=BY_COMMAND)
    JoinCode.objects.filter(pk=code.pk).update(**columns)
    code.refresh_from_db()
    return code


def long_ago():
    return database_now() - timedelta(hours=1)


def confirm(user, email, *, verified=True):
    EmailAddress.objects.create(user=user, email=email, verified=verified, primary=False)


def join(conference, user, **options):
    return join_conference(conference=conference, by=Actor(user), **options)


def ask(conference, user, sentence="I spoke here last year."):
    return request_to_join(conference=conference, sentence=sentence, by=Actor(user))


def is_member(conference, user):
    return Membership.objects.current().filter(conference=conference, user=user).exists()

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.actions import ORGANISERS, make_organiser
from accounts.actors import Actor
from accounts.models import User
from confbox.kit.email_addresses import normalise_email


class Command(BaseCommand):
    help = "Creates an organiser, or makes a person with an account one. Needs no mail server."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="the person's name; asked for when it is not given")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from stdin")

    def handle(self, *, email: str, name: str, password_stdin: bool, **options: Any) -> None:
        if not Group.objects.filter(name=ORGANISERS).exists():
            call_command("loaddata", "roles", verbosity=0)
        known = User.objects.filter(email=normalise_email(email)).first()
        name = name or (known.name if known else input("Name: "))
        password = "" if known else self._password(User(email=email, name=name), password_stdin)
        try:
            user = make_organiser(email=email, name=name, password=password, by=Actor.of_command())
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        self.stdout.write(_("%(email)s is an organiser and can log in.") % {"email": user.email})

    def _password(self, user: User, from_stdin: bool) -> str:
        if from_stdin:
            password = sys.stdin.readline().rstrip("\n")
        else:
            password = getpass("Password: ")
            if getpass("Password again: ") != password:
                raise CommandError(_("The two passwords differ."))
        try:
            validate_password(password, user)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        return password

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.enrolment import issue_on_the_server
from accounts.models import User
from confbox.kit.email_addresses import normalise_email


class Command(BaseCommand):
    help = "Shows the code for setting up a first second factor, while the site cannot send emails yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *, email: str, **options: Any) -> None:
        user = User.objects.active().filter(email=normalise_email(email)).first()
        if user is None:
            raise CommandError(_("There is no active account with this email address."))
        self.stdout.write(issue_on_the_server(user))

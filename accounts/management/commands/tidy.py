from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from accounts.models import KeptAnswer
from accounts.nightly import AT_NIGHT
from accounts.unused_pictures import delete_unused_pictures

TASK_DAYS = 14


class Command(BaseCommand):
    help = "Removes what has no more use; docs/retention.md says what is kept and for how long."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("clearsessions")
        ended = sum(session.purge() for session in UserSession.objects.order_by("pk").iterator())
        if settings.TASKS["default"]["BACKEND"] == "django_tasks_db.DatabaseBackend":
            # Without a name it would tidy only one of several queues, and not the one for emails.
            call_command(
                "prune_db_task_results", "--queue-name=*", f"--min-age-days={TASK_DAYS}", verbosity=0
            )
        KeptAnswer.objects.old().delete()
        for delete_expired in AT_NIGHT:
            delete_expired()
        pictures = delete_unused_pictures()
        self.stdout.write(f"Expired log-ins removed: {ended}. Pictures of no account removed: {pictures}.")

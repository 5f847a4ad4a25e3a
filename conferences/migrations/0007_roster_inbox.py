from typing import Any

from django.db import migrations, models

import conferences.memberships.roster.models


def fill(apps: Any, _editor: Any) -> None:
    """The field computes its value whenever an entry is stored."""
    entries = apps.get_model("conferences", "RosterEntry").objects
    for entry in entries.only("pk", "mailbox").iterator():
        entry.save(update_fields=["inbox"])


class Migration(migrations.Migration):
    dependencies = [("conferences", "0006_letting_in_and_inviting")]

    operations = [
        migrations.AddField(
            model_name="rosterentry",
            name="inbox",
            field=conferences.memberships.roster.models.InboxField(
                default="", editable=False, max_length=254
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="rosterentry",
            index=models.Index(fields=["inbox"], name="roster_entry_inbox"),
        ),
        migrations.AddConstraint(
            model_name="rosterentry",
            constraint=models.CheckConstraint(
                condition=~models.Q(inbox=""), name="roster_entry_inbox_is_filled"
            ),
        ),
    ]

from django.core.cache.backends.db import BaseDatabaseCache
from django.core.management.commands.createcachetable import Command
from django.db import migrations


def create_kept_table(apps, schema_editor):
    """The table of the cache `kept`, so that a throttle's counts have the other one for themselves."""
    command = Command()
    command.verbosity = 0
    command.create_table(schema_editor.connection.alias, "kept", dry_run=False)


def drop_kept_table(apps, schema_editor):
    table = schema_editor.quote_name(BaseDatabaseCache("kept", {}).cache_model_class._meta.db_table)
    schema_editor.execute(f"DROP TABLE IF EXISTS {table}")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_network_at_sign_up")]

    operations = [migrations.RunPython(create_kept_table, drop_kept_table)]

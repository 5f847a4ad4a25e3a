from django.core.cache.backends.db import BaseDatabaseCache
from django.core.management.commands.createcachetable import Command
from django.db import migrations


def create_cache_table(apps, schema_editor):
    """Django's own table for the database cache, so that `migrate` is all that set-up needs."""
    command = Command()
    command.verbosity = 0
    command.create_table(schema_editor.connection.alias, "cache", dry_run=False)


def drop_cache_table(apps, schema_editor):
    table = schema_editor.quote_name(BaseDatabaseCache("cache", {}).cache_model_class._meta.db_table)
    schema_editor.execute(f"DROP TABLE IF EXISTS {table}")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_people")]

    operations = [migrations.RunPython(create_cache_table, drop_cache_table)]

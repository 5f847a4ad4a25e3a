from django.core.cache.backends.db import BaseDatabaseCache
from django.core.management.commands.createcachetable import Command
from django.db import migrations


def create_answers_table(apps, schema_editor):
    """The table of the cache `answers`: what answered the last form of each browser."""
    command = Command()
    command.verbosity = 0
    command.create_table(schema_editor.connection.alias, "answers", dry_run=False)


def drop_answers_table(apps, schema_editor):
    table = schema_editor.quote_name(BaseDatabaseCache("answers", {}).cache_model_class._meta.db_table)
    schema_editor.execute(f"DROP TABLE IF EXISTS {table}")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_kept_table")]

    operations = [migrations.RunPython(create_answers_table, drop_answers_table)]

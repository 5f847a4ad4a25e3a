"""Loads a backup of deploy/backup.py into the empty database of DATABASE_URL.

    deploy/restore.py FILE

It refuses a database that has tables, so that a mistake cannot replace the running site's data.
"""

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import django
from backup import client, settings
from django.db import connection


def main() -> None:
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        sys.exit("usage: deploy/restore.py FILE")
    file, database = Path(sys.argv[1]), settings.DATABASES["default"]
    if file.name.endswith(".sqlite3.gz") != (connection.vendor == "sqlite"):
        sys.exit(f"{file.name} is not a backup of this kind of database ({connection.vendor}).")
    if connection.introspection.table_names():
        sys.exit(
            f"The database {database['NAME']} has tables. Make a new, empty one and name it in DATABASE_URL."
        )
    connection.close()
    with gzip.open(file) as content:
        if connection.vendor == "sqlite":
            with Path(database["NAME"]).open("wb") as target:
                shutil.copyfileobj(content, target)
        else:
            load(content, *client(database))
    print(f"{file.name} is loaded. Now: manage.py migrate")


def load(content: gzip.GzipFile, arguments: list[str], environment: dict[str, str]) -> None:
    command = ["mariadb", "--default-character-set=utf8mb4", *arguments]
    process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE)
    assert process.stdin
    try:
        shutil.copyfileobj(content, process.stdin)
    except (BrokenPipeError, EOFError, OSError) as error:
        process.kill()
        sys.exit(f"The backup could not be loaded to its end: {error}")
    finally:
        process.stdin.close()
    if process.wait():
        sys.exit("The backup could not be loaded; what went wrong is above.")


if __name__ == "__main__":
    os.umask(0o077)
    django.setup()
    main()

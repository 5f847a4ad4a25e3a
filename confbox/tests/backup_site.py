"""A site whose backups are tested: its keys, its folder, and a database with all tables and one person."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import MySQLdb
from django.conf import settings
from django.db import connection
from environ import Env

NAME = "Анна 🎤 O'Neill\n(1),"
OPTIONS = "--log-bin=log --binlog-format=ROW --server-id=1 --innodb-flush-log-at-trx-commit=0"
HOLD = "import os, sys; print(os.environ['DATABASE_URL'], flush=True); sys.stdin.read()"


class Site:
    def __init__(self, folder, url):
        self.folder, self.url = folder, url
        self.database = Env.db_url_config(url)
        self.name = self.database["NAME"]
        self.key = folder / "keys" / "backup-private.asc"
        (folder / "keys").mkdir()
        self.run("deploy/backup.py", "key", str(folder / "keys"))

    def run(self, *command, **variables):
        known = {"PATH": os.environ["PATH"], "DEBUG": "true", "ENV_FILE": os.devnull}
        known |= {"VAR_DIR": str(self.folder), "DATABASE_URL": self.url, "SECRET_KEY": "s3cret" * 9}
        known |= {"BACKUP_PUBLIC_KEY": str(self.folder / "keys" / "backup-public.asc")}
        return subprocess.run(
            [sys.executable, *command],
            check=False,
            cwd=settings.BASE_DIR,
            env=known | variables,
            capture_output=True,
            text=True,
        )

    def backup(self):
        done = self.run("deploy/backup.py")
        assert done.returncode == 0, done.stderr
        return Path(done.stdout.strip())

    def prove(self, *arguments):
        return self.run("deploy/backup.py", "prove", *map(str, arguments))

    def restore(self, *arguments):
        return self.run("deploy/restore.py", *map(str, arguments))

    @property
    def verdict(self):
        return json.loads((self.folder / "backups" / "verdict.json").read_text())

    def python(self, code, *arguments):
        code = f"import sys, django; django.setup()\n{code}"
        done = self.run("-c", code, *arguments, DJANGO_SETTINGS_MODULE="confbox.settings")
        assert done.returncode == 0, done.stderr

    def add_person(self, name, email):
        code = "from accounts.models import User; User.objects.create(name=sys.argv[1], email=sys.argv[2])"
        self.python(code, name, email)

    def fill(self):
        path = os.environ.get("MIGRATED_MARIADB")
        if path and connection.vendor == "mysql":
            mariadb = ["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", self.name]
            with Path(path).open() as dump:
                subprocess.run(mariadb, check=True, stdin=dump)
        else:
            assert self.run("manage.py", "migrate", "-v0").returncode == 0
        self.add_person(NAME, "anna@example.org")

    @property
    def socket(self):
        return self.database["OPTIONS"]["unix_socket"]

    def connect(self):
        return MySQLdb.connect(unix_socket=self.socket, user="root", autocommit=True, charset="utf8mb4")


@contextmanager
def site_of_its_own(folder: Path) -> Iterator[Site]:
    """On MariaDB with a server of its own, because the one of the tests writes no binary log."""
    if connection.vendor == "sqlite":
        site = Site(folder, f"sqlite:///{folder}/live.sqlite3")
        site.fill()
        yield site
        return
    command = [settings.BASE_DIR / "deploy/with-mariadb", sys.executable, "-c", HOLD]
    with subprocess.Popen(
        command,
        env=os.environ | {"MARIADB_OPTIONS": OPTIONS},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        site = Site(folder, server.stdout.readline().strip())
        site.fill()
        yield site

"""Saves the database once and restores it as often as a test likes, also after commits."""

import sqlite3
from contextlib import closing

from django.db import connection


class Snapshot:
    """Use it while no transaction is open; on MariaDB it needs a database of its own."""

    def __enter__(self):
        self.tables = sorted(connection.introspection.table_names())
        self._keep()
        return self

    def __exit__(self, *exception):
        if connection.vendor == "sqlite":
            self.copy.close()
        else:
            self._run("DROP DATABASE IF EXISTS `snapshot`")

    def counts(self):
        """Rows of each table."""
        return {table: self._ask(f"SELECT COUNT(*) FROM `{table}`")[0][0] for table in self.tables}

    def _keep(self):
        if connection.vendor == "sqlite":
            self.copy = sqlite3.connect(":memory:", check_same_thread=False)
            connection.connection.backup(self.copy)
            return
        self._run("DROP DATABASE IF EXISTS `snapshot`", "CREATE DATABASE `snapshot`")
        for table in self.tables:
            self._run(f"CREATE TABLE `snapshot`.`{table}` AS SELECT * FROM `{table}`")
        self.sums = self._sums()

    def restore(self):
        if connection.vendor == "sqlite":
            self.copy.backup(connection.connection)
            return
        with connection.constraint_checks_disabled():
            for table in self.changed_tables():
                self._refill(table)

    def changed_tables(self):
        """Those with other rows than when it was taken; on SQLite, which cannot say, all of them."""
        if connection.vendor == "sqlite":
            return self.tables
        return [table for table, total in self._sums().items() if total != self.sums[table]]

    def _refill(self, table):
        names = self._ask(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() "
            f"AND table_name = '{table}' AND generation_expression IS NULL"
        )
        columns = ", ".join(f"`{name}`" for (name,) in names)
        self._run(
            f"DELETE FROM `{table}`",
            f"INSERT INTO `{table}` ({columns}) SELECT {columns} FROM `snapshot`.`{table}`",
        )

    def _sums(self):
        found = self._ask("CHECKSUM TABLE " + ", ".join(f"`{table}`" for table in self.tables))
        return {name.partition(".")[2]: total for name, total in found}

    def _ask(self, statement):
        with closing(connection.cursor()) as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def _run(self, *statements):
        with closing(connection.cursor()) as cursor:
            for statement in statements:
                cursor.execute(statement)

"""During an upgrade the previous release runs with the tables of this one; docs/decisions/upgrades.md.

deploy/released.txt has the last migration of each app in the previous release. A new release is written with
`WRITE_RELEASED=1 pytest confbox/tests/test_expanding_migrations.py`.
"""

import os

import pytest
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from django.test import override_settings

from confbox.tests.expanding import faults_of

FILE = settings.BASE_DIR / "deploy/released.txt"
# A fault, and why the previous release does not run into it: a constraint, say, that allows more than before.
REVIEWED: dict[str, str] = {}


@pytest.fixture(scope="module")
def loader():
    # Also if the tests run without migrations.
    with override_settings(MIGRATION_MODULES={}):
        return MigrationLoader(None)


def written(loader):
    return "".join(f"{app} {name}\n" for app, name in sorted(loader.graph.leaf_nodes()))


def released_nodes():
    return [tuple(line.split()) for line in FILE.read_text().splitlines()]


def faults_of_migrations(loader, nodes):
    """Of every migration after these."""
    done = {node for last in nodes for node in loader.graph.forwards_plan(last)}
    released = loader.project_state(nodes)
    state, faults = loader.project_state(nodes), []
    for leaf in sorted(loader.graph.leaf_nodes()):
        for node in loader.graph.forwards_plan(leaf):
            if node in done:
                continue
            done.add(node)
            for operation in loader.graph.nodes[node].operations:
                faults += [
                    f"{'.'.join(node)}: {fault}" for fault in faults_of(operation, node[0], state, released)
                ]
                operation.state_forwards(node[0], state)
    return faults


def test_migrations_take_nothing_from_the_previous_release(loader):
    if os.environ.get("WRITE_RELEASED"):
        FILE.write_text(written(loader))
    assert set(faults_of_migrations(loader, released_nodes())) == set(REVIEWED)


def test_released_migrations_exist(loader):
    assert [node for node in released_nodes() if node not in loader.graph.nodes] == []


def test_a_column_that_was_added_without_default_would_be_found(loader):
    """This project has such migrations, from before its first release."""
    early = [("accounts", "0001_people"), ("conferences", "0001_initial"), ("voting", "0001_initial")]
    faults = faults_of_migrations(loader, early)
    assert any("db_default" in fault for fault in faults)


@pytest.fixture
def released():
    fields = [
        ("id", models.BigAutoField(primary_key=True)),
        ("title", models.CharField(max_length=200)),
        ("note", models.TextField(null=True)),
        ("rank", models.IntegerField(default=0)),
    ]
    state = ProjectState()
    state.add_model(ModelState("voting", "Thing", fields))
    return state


CONSTRAINT = models.CheckConstraint(condition=models.Q(rank__gt=0), name="positive")
INSIDE = migrations.SeparateDatabaseAndState(database_operations=[migrations.RemoveField("thing", "note")])
REFUSED = [
    migrations.AddField("thing", "place", models.IntegerField(default=0)),
    migrations.AddField("thing", "code", models.CharField(max_length=9, db_default="", unique=True)),
    migrations.RemoveField("thing", "note"),
    migrations.RenameField("thing", "note", "remark"),
    migrations.DeleteModel("Thing"),
    migrations.RenameModel("Thing", "Other"),
    migrations.AlterModelTable("thing", "other"),
    migrations.AlterField("thing", "title", models.CharField(max_length=100)),
    migrations.AlterField("thing", "title", models.IntegerField()),
    migrations.AlterField("thing", "title", models.CharField(max_length=200, unique=True)),
    migrations.AlterField("thing", "note", models.TextField()),
    migrations.AlterField("thing", "note", models.CharField(max_length=100, null=True)),
    migrations.AlterField("thing", "rank", models.SmallIntegerField()),
    migrations.AddConstraint("thing", CONSTRAINT),
    migrations.AlterUniqueTogether("thing", {("title", "rank")}),
    migrations.RunSQL("ALTER TABLE voting_thing DROP COLUMN note"),
    migrations.RunSQL([("ALTER TABLE x RENAME TO y; DROP TABLE voting_thing", None)]),
    INSIDE,
]
ACCEPTED = [
    migrations.AddField("thing", "place", models.IntegerField(default=0, db_default=0)),
    migrations.AddField("thing", "place", models.IntegerField(null=True)),
    migrations.AlterField("thing", "title", models.CharField(max_length=300)),
    migrations.AlterField("thing", "title", models.TextField()),
    migrations.AlterField("thing", "rank", models.BigIntegerField(default=0)),
    migrations.AddIndex("thing", models.Index(fields=["rank"], name="by_rank")),
    migrations.AlterUniqueTogether("thing", set()),
    migrations.AlterUniqueTogether("other", {("title", "rank")}),
    migrations.CreateModel("Other", [("id", models.BigAutoField(primary_key=True))]),
    migrations.RunSQL("ALTER TABLE voting_thing DROP COLUMN left_by_the_release_before"),
    migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("thing", "note")]),
]


def faults_after(operation, released):
    return list(faults_of(operation, "voting", released.clone(), released))


def names(operation):
    return type(operation).__name__


@pytest.mark.parametrize("operation", REFUSED, ids=names)
def test_what_the_previous_release_would_miss_is_refused(operation, released):
    assert len(faults_after(operation, released)) == 1


@pytest.mark.parametrize("operation", ACCEPTED, ids=names)
def test_what_it_would_not_miss_is_accepted(operation, released):
    assert faults_after(operation, released) == []

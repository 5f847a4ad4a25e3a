"""No write is sent to a database whose disk is nearly full, because it would hold up all; reads go on."""

import socket

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection, transaction

from accounts.models import User
from confbox.mysql import base, room
from confbox.outage import is_disk_full
from voting.elections.models import Vote

pytestmark = pytest.mark.skipif(connection.vendor != "mysql", reason="needs MariaDB")
MORE_THAN_ANY_DISK = 1 << 80


@pytest.fixture
def full(monkeypatch):
    """Begins and ends a full disk."""

    def fill(is_full=True):
        monkeypatch.setattr(room, "ROOM_BYTES", MORE_THAN_ANY_DISK if is_full else 0)

    yield fill
    fill(is_full=False)


def test_a_write_is_refused_as_by_a_full_disk_and_taken_once_there_is_room(transactional_db, full):
    full()
    with pytest.raises(OperationalError) as refused:
        User.objects.create(email="new@example.org", name="New")
    assert is_disk_full(refused.value)
    full(is_full=False)
    User.objects.create(email="new@example.org", name="New")


def test_many_rows_at_once_are_refused(transactional_db, full):
    full()
    with pytest.raises(OperationalError, match="full"), connection.cursor() as cursor:
        cursor.executemany("INSERT INTO cache VALUES (%s, %s, %s)", [("a", "b", "2030-01-01")])


def test_reads_go_on(transactional_db, full):
    full()
    assert not User.objects.filter(email="new@example.org").exists()


def test_what_was_begun_is_undone(transactional_db, full):
    @transaction.atomic
    def begin():
        User.objects.create(email="new@example.org", name="New")
        full()
        User.objects.update(name="Other")

    with pytest.raises(OperationalError, match="full"):
        begin()
    assert not User.objects.filter(email="new@example.org").exists()


def test_voter_sees_that_the_disk_is_full_and_nothing_is_stored(as_alice, bob, full):
    as_alice.raise_request_exception = False
    full()
    answer = as_alice.post("/conferences/open-conf/vote/", {"candidate": bob.id})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "The disk of our database is full" in answer.text
    assert not Vote.objects.exists()


@pytest.mark.parametrize("store", [cache.add, cache.set], ids=["add", "set"])
def test_what_cannot_be_counted_is_not_taken_for_counted(transactional_db, full, store):
    full()
    with pytest.raises(OperationalError, match="full"):
        store("guesses", 1)


def test_disk_of_another_host_is_not_looked_at(transactional_db, monkeypatch):
    connection.ensure_connection()
    here, elsewhere = room.Disk(), room.Disk()
    here.find(connection.connection, "")
    monkeypatch.setattr(socket, "gethostname", lambda: "elsewhere")
    elsewhere.find(connection.connection, "")
    assert here.folder.is_dir()
    assert elsewhere.folder is None


def test_behind_a_socket_the_database_is_on_this_host(transactional_db, monkeypatch):
    connection.ensure_connection()
    monkeypatch.setattr(socket, "gethostname", lambda: "container")
    found = room.Disk()
    found.find(connection.connection, "/run/mysqld/mysqld.sock")
    assert found.folder.is_dir()


def test_folder_that_cannot_be_looked_at_stops_nothing(transactional_db, monkeypatch, tmp_path, full):
    full()
    monkeypatch.setattr(base.disk, "folder", tmp_path / "missing")
    User.objects.create(email="new@example.org", name="New")

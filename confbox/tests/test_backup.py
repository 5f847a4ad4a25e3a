"""A backup contains everything, proves itself elsewhere, and is restored beside the running database."""

import gzip
import os
import subprocess
import time
from contextlib import closing
from datetime import UTC, datetime
from tempfile import TemporaryDirectory

import pytest
from django.db import connection

from confbox.tests.backup_site import NAME, site_of_its_own

pytestmark = pytest.mark.slow

OF_FILES = pytest.mark.on_sqlite  # the same on every database
ON_MARIADB = pytest.mark.skipif(connection.vendor == "sqlite", reason="needs a server with a binary log")


@pytest.fixture(scope="module")
def live(tmp_path_factory, django_db_setup):
    with site_of_its_own(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def site(live):
    """The same with an empty folder of backups."""
    backups = live.folder / "backups"
    for file in backups.glob("*"):
        file.unlink()
    return live


@pytest.fixture
def cursor(site):
    with closing(site.connect()) as connected, connected.cursor() as cursor:
        yield cursor


def flip_one_bit(file, *, at):
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)


def note_digest_anew(file):
    digest = subprocess.run(
        ["sha256sum", file.name], cwd=file.parent, capture_output=True, text=True, check=True
    )
    file.with_name(f"{file.name}.sha256").write_text(digest.stdout)


def names(cursor, database):
    cursor.execute(
        f"SELECT name FROM `{database}`.accounts_user WHERE email LIKE '%@example.org' ORDER BY id"
    )
    return [name for (name,) in cursor.fetchall()]


def now(cursor):
    time.sleep(1.1)  # the binary log knows whole seconds
    second = datetime.now(UTC).replace(microsecond=0)
    time.sleep(1.1)
    return second.isoformat()


def test_backup_that_was_written_is_proved(site):
    file = site.backup()
    done = site.prove()
    assert done.returncode == 0, done.stderr
    assert (site.verdict["good"], site.verdict["file"], site.verdict["why"]) == (True, file.name, "")


@OF_FILES
def test_backup_can_be_read_by_its_owner_only_and_contains_no_plain_text(site):
    file = site.backup()
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"anna@example.org" not in file.read_bytes()


@OF_FILES
def test_backup_contains_media_configuration_and_no_secret(site, tmp_path):
    (site.folder / "media").mkdir(exist_ok=True)
    (site.folder / "media" / "face.txt").write_text("a picture")
    file = site.backup()
    # GnuPG has a socket in this folder, whose path must be short.
    with TemporaryDirectory(dir="/tmp") as home:
        gpg = ["gpg", "--homedir", home, "--batch", "--quiet"]
        subprocess.run([*gpg, "--import", str(site.key)], check=True)
        plain = subprocess.run([*gpg, "--decrypt", str(file)], check=True, capture_output=True).stdout
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=True)
    subprocess.run(["tar", "x"], input=plain, cwd=tmp_path, check=True)
    assert gzip.decompress((tmp_path / "media/face.txt.gz").read_bytes()) == b"a picture"
    known = (tmp_path / "conferencebox.env").read_text()
    assert "DEBUG=true" in known
    assert "# SECRET_KEY: secret " in known
    assert "s3cret" not in known


@OF_FILES
def test_flipped_bit_is_found_by_the_digest(site):
    file = site.backup()
    flip_one_bit(file, at=file.stat().st_size // 2)
    done = site.prove()
    assert done.returncode == 1
    assert "has changed since it was written" in site.verdict["why"]


def test_flipped_bit_is_found_though_the_digest_beside_it_was_made_anew(site):
    file = site.backup()
    flip_one_bit(file, at=file.stat().st_size // 2)
    note_digest_anew(file)
    assert site.prove().returncode == 1
    assert site.verdict["good"] is False


@OF_FILES
def test_failed_proof_says_why_in_one_line(site):
    site.backup()
    file = site.backup()
    flip_one_bit(file, at=-100)
    assert len(site.prove().stderr.strip().splitlines()) == 1


@OF_FILES
def test_failed_night_deletes_nothing_and_names_the_last_good_backup(site):
    good = site.backup()
    assert site.prove().returncode == 0
    os.utime(good, (time.time() - 30 * 86400,) * 2)
    flip_one_bit(site.backup(), at=-100)
    assert site.prove().returncode == 1
    assert good.exists()
    assert site.verdict["last_good"]["file"] == good.name


@OF_FILES
def test_good_night_deletes_older_backups_and_nothing_else(site):
    old, other = site.backup(), site.folder / "backups" / "notes.txt"
    other.touch()
    for file in (old, other):
        os.utime(file, (time.time() - 15 * 86400,) * 2)
    new = site.backup()
    assert site.prove().returncode == 0
    assert (old.exists(), new.exists(), other.exists()) == (False, True, True)


@OF_FILES
def test_newest_good_backup_is_kept_however_old_it_is(site):
    only = site.backup()
    os.utime(only, (time.time() - 90 * 86400,) * 2)
    assert site.prove().returncode == 0
    assert only.exists()


@OF_FILES
def test_backup_without_a_key_is_refused_and_noted(site):
    done = site.run("deploy/backup.py", BACKUP_PUBLIC_KEY="")
    assert done.returncode == 1
    assert "BACKUP_PUBLIC_KEY is not set" in done.stderr
    assert site.verdict["good"] is False


def test_failed_dump_leaves_no_file(site):
    done = site.run("deploy/backup.py", DATABASE_URL="mysql://nobody@127.0.0.1:1/none")
    assert done.returncode == 1
    assert [file.name for file in (site.folder / "backups").iterdir()] == ["verdict.json"]


def test_another_key_cannot_read_it(site, tmp_path):
    site.run("deploy/backup.py", "key", str(tmp_path))
    site.backup()
    done = site.prove("--key", tmp_path / "backup-private.asc")
    assert done.returncode == 1
    assert "for another key" in done.stderr


@OF_FILES
def test_keys_are_never_replaced(site):
    before = site.key.read_text()
    assert site.run("deploy/backup.py", "key", str(site.folder / "keys")).returncode == 1
    assert site.key.read_text() == before


PUBLISHED = """
from accounts.tests.factories import make_user
from conferences.tests.factories import make_conference, make_membership
from voting.elections.actions import close_voting
from voting.tests.factories import make_vote
conference = make_conference(slug="counted", voting="open")
users = [make_user(f"{name}@voters.example") for name in "abc"]
members = [make_membership(conference, user=user) for user in users]
make_vote(members[0], members[1])
close_voting(conference=conference)
"""
MOVE_THE_VOTE = """
from conferences.models import Membership
from voting.elections.models import Vote
candidate = Membership.objects.get(user__email=f"{sys.argv[1]}@voters.example")
Vote.objects.filter(election__conference__slug="counted").update(candidate=candidate)
"""


def test_published_vote_whose_count_is_not_that_of_its_ballots_is_found_and_named(site):
    site.python(PUBLISHED)
    site.backup()
    assert site.prove().returncode == 0
    assert site.verdict["recounted"] == 1
    site.python(MOVE_THE_VOTE, "c")
    site.backup()
    assert site.prove().returncode == 1
    assert "recount of counted found: votes: the rows do not give the published tally" in site.verdict["why"]
    site.python(MOVE_THE_VOTE, "b")


def note_end(site, result):
    unit = "conferencebox-nightly.service"
    assert site.run("deploy/backup.py", "ended", unit, SERVICE_RESULT=result).returncode == 0


@OF_FILES
def test_unit_that_was_killed_before_it_could_say_why_is_noted(site):
    good = site.backup()
    site.prove()
    note_end(site, "success")
    assert site.verdict["good"] is True
    note_end(site, "oom-kill")
    found = site.verdict
    assert (found["good"], found["last_good"]["file"]) == (False, good.name)
    assert "conferencebox-nightly.service failed (oom-kill)" in found["why"]


@OF_FILES
def test_reason_that_a_backup_noted_is_kept_when_its_unit_ends(site):
    site.run("deploy/backup.py", BACKUP_PUBLIC_KEY="")
    note_end(site, "exit-code")
    assert "BACKUP_PUBLIC_KEY" in site.verdict["why"]


@OF_FILES
@pytest.mark.parametrize("time", ["2026-11-28T03:00:00", "yesterday"])
def test_time_without_a_time_zone_is_refused_with_an_example(site, time):
    done = site.restore("some.tar.gpg", "--until", time)
    assert done.returncode == 2
    assert "such as 2026-11-28T03:00:00+00:00" in done.stderr


@OF_FILES
def test_restoring_a_backup_that_is_not_there_is_refused(site):
    done = site.restore("conferencebox-none.tar.gpg")
    assert (done.returncode, done.stderr) == (1, "restore: There is no backup conferencebox-none.tar.gpg.\n")


@ON_MARIADB
def test_missing_table_is_found(site, cursor):
    cursor.execute(f"RENAME TABLE {site.name}.django_session TO {site.name}.elsewhere")
    try:
        site.backup()
        assert site.prove().returncode == 1
    finally:
        cursor.execute(f"RENAME TABLE {site.name}.elsewhere TO {site.name}.django_session")
    assert "these tables are missing: django_session" in site.verdict["why"]


@ON_MARIADB
def test_restore_to_a_time_leaves_the_running_database_alone(site, cursor):
    file = site.backup()
    site.add_person("Bob", "bob@example.org")
    before_it = now(cursor)
    cursor.execute(f"DELETE FROM {site.name}.accounts_user WHERE email = 'bob@example.org'")
    done = site.restore(file, "--until", before_it, "--name", f"{site.name}_before")
    assert done.returncode == 0, done.stderr
    assert names(cursor, f"{site.name}_before") == [NAME, "Bob"]
    assert names(cursor, site.name) == [NAME]


@ON_MARIADB
@pytest.mark.parametrize(
    ("until", "why"),
    [("2020-01-01T00:00:00+00:00", "use an earlier one"), ("2999-01-01T00:00:00+00:00", "is in the future")],
)
def test_time_that_the_backup_cannot_be_brought_to_is_refused(site, cursor, until, why):
    done = site.restore(site.backup(), "--until", until, "--name", f"{site.name}_refused")
    assert done.returncode == 1
    assert why in done.stderr
    cursor.execute("SHOW DATABASES LIKE %s", [f"{site.name}_refused"])
    assert cursor.fetchone() is None


@ON_MARIADB
def test_restore_without_a_time_has_all_changes(site, cursor):
    file = site.backup()
    cursor.execute(f"UPDATE {site.name}.accounts_user SET time_zone = 'Asia/Kolkata'")
    done = site.restore(file, "--name", f"{site.name}_all")
    assert done.returncode == 0, done.stderr
    cursor.execute(f"SELECT DISTINCT time_zone FROM {site.name}_all.accounts_user")
    assert cursor.fetchall() == (("Asia/Kolkata",),)


@ON_MARIADB
def test_statement_that_names_the_running_database_is_not_replayed_into_it(site, cursor):
    cursor.execute(f"CREATE TABLE {site.name}.precious (id INT)")
    file = site.backup()
    cursor.execute(f"USE {site.name}")
    cursor.execute(f"TRUNCATE TABLE {site.name}.precious")
    cursor.execute(f"INSERT INTO {site.name}.precious VALUES (1)")
    cursor.execute("USE mysql")
    done = site.restore(file, "--name", f"{site.name}_safe")
    cursor.execute(f"SELECT COUNT(*) FROM {site.name}.precious")
    assert cursor.fetchone() == (1,)
    assert done.returncode == 1
    assert "denied" in done.stderr
    cursor.execute(f"DROP TABLE {site.name}.precious")
    cursor.execute("SHOW DATABASES LIKE %s", [f"{site.name}_safe"])
    assert cursor.fetchone() is None


@ON_MARIADB
def test_backup_whose_log_is_gone_is_restored_as_it_was_written(site, cursor):
    file = site.backup()
    site.add_person("Carol", "carol@example.org")
    until = now(cursor)
    cursor.execute("RESET MASTER")  # a log of the same name, which began later
    refused = site.restore(file, "--until", until)
    assert refused.returncode == 1
    assert "No binary log of this server goes on from this backup" in refused.stderr
    done = site.restore(file, "--name", f"{site.name}_written")
    assert "because no binary log of this server goes on" in done.stdout
    assert names(cursor, f"{site.name}_written") == [NAME]
    cursor.execute(f"DELETE FROM {site.name}.accounts_user WHERE email = 'carol@example.org'")


@ON_MARIADB
def test_restore_refuses_a_database_that_exists(site, cursor):
    done = site.restore(site.backup(), "--name", site.name)
    assert done.returncode == 1
    assert "database exists" in done.stderr
    assert names(cursor, site.name) == [NAME]


@ON_MARIADB
def test_damaged_backup_leaves_no_database(site, cursor):
    file = site.backup()
    flip_one_bit(file, at=-100)
    note_digest_anew(file)
    assert site.restore(file, "--name", f"{site.name}_bad").returncode == 1
    cursor.execute("SHOW DATABASES LIKE %s", [f"{site.name}_bad"])
    assert cursor.fetchone() is None


@ON_MARIADB
def test_switch_writes_the_new_database_and_keeps_the_way_back(site, cursor, tmp_path):
    copy = f"{site.name}_next"
    assert site.restore(site.backup(), "--name", copy).returncode == 0
    file = tmp_path / "site.env"
    file.write_text(f"A=1\nDATABASE_URL={site.url}\nB=2\n")
    for _ in range(2):
        done = site.restore("--switch", copy, "--environment", file)
        assert done.returncode == 0, done.stderr
    lines = file.read_text().splitlines()
    assert lines[0::3] == ["A=1", "B=2"]
    assert lines[1].endswith(f"DATABASE_URL={site.url}")
    assert lines[2] == f"DATABASE_URL={site.url.replace(f'/{site.name}?', f'/{copy}?')}"


@ON_MARIADB
def test_second_switch_keeps_the_way_back_of_the_first_one_as_it_is(site, cursor, tmp_path):
    file, backup = tmp_path / "site.env", site.backup()
    file.write_text(f"DATABASE_URL={site.url}\n")
    for name in (f"{site.name}_one", site.name, f"{site.name}_two"):
        assert site.restore(backup, "--name", name).returncode == 0 or name == site.name
        done = site.restore("--switch", name, "--environment", file)
        assert done.returncode == 0, done.stderr
    *kept, now = file.read_text().splitlines()
    one, two = (site.url.replace(f"/{site.name}?", f"/{site.name}_{name}?") for name in ("one", "two"))
    assert [line.partition("UTC: ")[2] for line in kept] == [
        f"DATABASE_URL={u}" for u in (site.url, one, site.url)
    ]
    assert now == f"DATABASE_URL={two}"


@ON_MARIADB
def test_switch_that_would_have_no_effect_is_refused(site, tmp_path):
    file, other = tmp_path / "site.env", tmp_path / "url"
    file.write_text(f"DATABASE_URL={site.url}\n")
    other.write_text(site.url)
    done = site.run(
        "deploy/restore.py", "--switch", "x", "--environment", str(file), DATABASE_URL_FILE=str(other)
    )
    assert done.returncode == 1
    assert str(other) in done.stderr
    assert file.read_text() == f"DATABASE_URL={site.url}\n"


def test_proof_leaves_alone_the_database_that_a_file_names(site, tmp_path):
    file = tmp_path / "url"
    file.write_text(site.url)
    site.backup()
    site.add_person("Later", "later@example.org")
    done = site.run("deploy/backup.py", "prove", DATABASE_URL_FILE=str(file))
    assert done.returncode == 0, done.stderr
    site.python("from accounts.models import User; User.objects.get(email='later@example.org')")


@ON_MARIADB
def test_switch_brings_deleted_pictures_back_and_replaces_none(site, cursor, tmp_path):
    media, file = site.folder / "media" / "faces", tmp_path / "site.env"
    media.mkdir(parents=True)
    for name in ("deleted", "changed"):
        (media / name).write_text("then")
    copy = f"{site.name}_faces"
    assert site.restore(site.backup().name, "--name", copy).returncode == 0
    (media / "deleted").unlink()
    (media / "changed").write_text("now")
    file.write_text(f"DATABASE_URL={site.url}\n")
    done = site.restore("--switch", copy, "--environment", file)
    assert "deleted since: 1." in done.stdout
    assert [(media / name).read_text() for name in ("deleted", "changed")] == ["then", "now"]


@OF_FILES
@pytest.mark.skipif(os.geteuid() != 0, reason="only root could write elsewhere")
def test_link_in_a_folder_of_the_site_leads_root_nowhere(settings, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(settings.BASE_DIR / "deploy"))
    from backups import media

    for folder in (tmp_path, *tmp_path.parents):
        if not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o011)
    site, others = tmp_path / "site", tmp_path / "others"
    others.mkdir(mode=0o755)
    site.mkdir()
    os.chown(site, 65534, 65534)
    settings.VAR_DIR = site
    media.keep(site / "restored", "face", b"picture")
    assert (site / "restored/face").stat().st_uid == 65534
    (site / "faces").symlink_to(others)
    with pytest.raises(PermissionError):
        media.keep(site / "faces", "face", b"picture")
    assert os.geteuid() == 0


@ON_MARIADB
def test_switch_to_a_database_that_the_site_cannot_use_changes_nothing(site, cursor, tmp_path):
    file = tmp_path / "site.env"
    file.write_text(f"DATABASE_URL={site.url}\n")
    done = site.restore("--switch", "nowhere", "--environment", file)
    assert done.returncode == 1
    assert file.read_text() == f"DATABASE_URL={site.url}\n"

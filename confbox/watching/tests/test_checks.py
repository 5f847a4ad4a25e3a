"""Each check of the site is well where all is well, and fails for its own reason."""

import json
import os
import socket
import ssl
import threading
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from allauth.usersessions.models import UserSession
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.sessions.models import Session
from django.core.mail import EmailMessage
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from dns import rcode, resolver

from accounts.models import User
from accounts.tests.factories import make_user
from confbox.kit.email_sending import send_email
from confbox.kit.tests.ports import free_port
from confbox.kit.tests.queues import IN_DATABASE
from confbox.watching.checks import (
    background,
    backups,
    bounces,
    certificate,
    configuration,
    database,
    emails,
    host,
    retention,
    sender_domain,
)
from confbox.watching.findings import Verdict
from confbox.watching.tests.name_server import NameServer
from conferences.health.models import WorkerTurn
from conferences.health.worker import note_turn
from conferences.tests.api_tokens import make_api_token
from voting.campaigns.bounces.taking import note_reading
from voting.campaigns.subscriptions.models import BounceReading

pytestmark = pytest.mark.django_db
OK, WARNING, PROBLEM = Verdict


# --- the database ------------------------------------------------------------------------------

GOOD = {"innodb_flush_log_at_trx_commit": "1", "sync_binlog": "1", "log_bin": "ON", "max_connections": "200"}


def test_database_answers_within_a_time():
    assert database.database_answers().verdict is OK


def test_variables_of_the_shipped_file_are_well():
    assert database.of_variables(GOOD).verdict is OK


@pytest.mark.parametrize(
    ("name", "value"), [("innodb_flush_log_at_trx_commit", "2"), ("sync_binlog", "0"), ("log_bin", "OFF")]
)
def test_variable_with_which_votes_are_lost_is_a_problem(name, value):
    found = database.of_variables(GOOD | {name: value})
    assert found.verdict is PROBLEM
    assert f"{name} = {value}" in found.words


def test_fewer_connections_than_threads_are_a_warning(monkeypatch):
    monkeypatch.setenv("WEB_THREADS", "100")
    assert database.of_variables(GOOD).verdict is WARNING


def test_durability_is_read_from_the_database():
    wrong = database.durability()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous")
            assert (wrong.figure, wrong.verdict is OK) == ((level := cursor.fetchone()[0]), level == 2)
    else:
        assert wrong.figure > 0


@pytest.mark.parametrize(("seconds", "verdict"), [(0.2, OK), (-2, WARNING), (30, PROBLEM), (-3600, PROBLEM)])
def test_clocks_that_differ_are_found(seconds, verdict):
    assert database.of_clocks(seconds).verdict is verdict


def test_clock_of_the_database_is_compared_with_the_one_of_this_host():
    assert database.clock().verdict is OK


def test_migration_that_was_not_applied_is_a_problem(settings):
    settings.MIGRATION_MODULES = {}
    recorder = MigrationRecorder(connection)
    if recorder.has_table():
        assert database.migrations().verdict is OK
        recorder.Migration.objects.filter(app="voting").delete()
    found = database.migrations()
    assert found.verdict is PROBLEM
    assert found.figure > 10


# --- the background work -----------------------------------------------------------------------


def test_worker_that_stopped_is_a_problem():
    assert background.worker().verdict is PROBLEM
    note_turn()
    assert background.worker().verdict is OK
    WorkerTurn.objects.update(seen_at=timezone.now() - timedelta(minutes=4))
    found = background.worker()
    assert found.verdict is PROBLEM
    assert "4 minutes ago" in found.words


@pytest.mark.parametrize(
    ("seconds", "words"), [(1.5, "1 second ago"), (30, "30 seconds ago"), (179, "2 minutes ago")]
)
def test_worker_was_seen_a_second_or_several_ago(monkeypatch, seconds, words):
    note_turn()
    seen = WorkerTurn.last()
    monkeypatch.setattr(background, "database_now", lambda: seen + timedelta(seconds=seconds))
    assert words in background.worker().words


@pytest.mark.parametrize(("minutes", "verdict"), [(0, OK), (5, WARNING), (15, PROBLEM)])
def test_task_that_waits_for_long_is_found_in_its_queue(settings, minutes, verdict):
    settings.TASKS = IN_DATABASE
    send_email(EmailMessage("Subject", "A text", to=["dora@example.org"]))
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(minutes=minutes))
    assert background.queues().verdict is verdict
    number, seconds = background.waiting_tasks()["mail"]
    assert (number, round(seconds / 60)) == (1, minutes)


def test_task_that_is_tried_again_waits_from_then_on(settings):
    settings.TASKS = IN_DATABASE
    send_email(EmailMessage("Subject", "A text", to=["dora@example.org"]))
    long_ago = timezone.now() - timedelta(hours=1)
    DBTaskResult.objects.update(enqueued_at=long_ago, run_after=timezone.now())
    assert background.queues().verdict is OK


# --- the backup --------------------------------------------------------------------------------


@pytest.fixture
def folder(settings, tmp_path):
    settings.VAR_DIR, settings.BACKUP_DIR = tmp_path, tmp_path / "backups"
    settings.BACKUP_DIR.mkdir()
    return settings.BACKUP_DIR


def make_backup(folder, *, hours=1, **facts):
    """One file, and what its proof noted."""
    written = timezone.now() - timedelta(hours=hours)
    file = folder / f"conferencebox-{written:%Y%m%dT%H%M%S}.000Z.tar.gpg"
    file.write_bytes(b"encrypted")
    os.utime(file, (written.timestamp(),) * 2)
    good = {"file": file.name, "written_at": written.isoformat()}
    noted = {**good, "good": True, "why": "", "bytes": 9, "last_good": good} | facts
    (folder / "verdict.json").write_text(json.dumps(noted))
    return file


def test_missing_backup_is_a_problem(folder):
    assert backups.backup().verdict is PROBLEM


def test_backup_of_last_night_is_well_and_an_older_one_is_not(folder):
    make_backup(folder)
    assert backups.backup().verdict is OK
    make_backup(folder, hours=30)
    found = backups.backup()
    assert (found.verdict, found.figure) == (PROBLEM, 30.0)


@pytest.mark.parametrize(("hours", "words"), [(1.2, "1 hour old"), (2, "2 hours old"), (30, "30 hours old")])
def test_backup_is_an_hour_or_several_old(folder, hours, words):
    make_backup(folder, hours=hours)
    assert words in backups.backup().words


def test_backup_that_failed_is_a_problem_that_says_why_and_how_old_the_last_good_one_is(folder):
    make_backup(folder, hours=3, good=False, why="these tables are missing: django_session")
    found = backups.backup()
    assert (found.verdict, found.figure) == (PROBLEM, 3.0)
    assert "these tables are missing: django_session" in found.words


def test_first_backup_that_failed_says_why(folder):
    (folder / "verdict.json").write_text(json.dumps({"good": False, "why": "No key", "last_good": None}))
    found = backups.backup()
    assert (found.verdict, found.figure, "No key" in found.words) == (PROBLEM, None, True)


@pytest.mark.parametrize("noted", [None, "", "[]", "{", '{"good": true, "last_good": {"written_at": "?"}}'])
def test_backup_that_nothing_was_noted_about_is_a_problem(folder, noted):
    make_backup(folder)
    (folder / "verdict.json").unlink()
    if noted is not None:
        (folder / "verdict.json").write_text(noted)
    found = backups.backup()
    assert found.verdict is PROBLEM
    assert "conferencebox-proof.service" in found.words


def test_backup_that_was_deleted_or_cut_short_after_its_proof_is_a_problem(folder):
    file = make_backup(folder)
    file.write_bytes(b"encry")
    assert "has changed" in backups.backup().words
    file.unlink()
    make_backup(folder, hours=20, file=file.name)
    assert backups.backup().verdict is PROBLEM


# --- the certificate ---------------------------------------------------------------------------


def make_certificate(file, days, issuer="Authority"):
    key = ec.generate_private_key(ec.SECP256R1())
    name, issuer = (
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, each)]) for each in ("localhost", issuer)
    )
    end = datetime.now(UTC) + timedelta(days=days, minutes=1)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(end - timedelta(days=100)).not_valid_after(end)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signed = built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    file.write_bytes(signed + private)


@pytest.mark.parametrize(("days", "verdict"), [(60, OK), (14, WARNING), (3, PROBLEM), (-1, PROBLEM)])
def test_certificate_that_expires_is_found(settings, tmp_path, days, verdict):
    settings.CERTIFICATE_FILE = str(tmp_path / "cert.pem")
    make_certificate(tmp_path / "cert.pem", days)
    assert certificate.certificate().verdict is verdict


@pytest.mark.parametrize(("days", "words"), [(1, "1 day only"), (14, "14 days only"), (60, "60 days.")])
def test_certificate_is_valid_for_a_day_or_several(settings, tmp_path, days, words):
    settings.CERTIFICATE_FILE = str(tmp_path / "cert.pem")
    make_certificate(tmp_path / "cert.pem", days)
    assert words in certificate.certificate().words


@pytest.mark.parametrize(("days", "verdict"), [(60, WARNING), (3, PROBLEM)])
def test_self_signed_certificate_is_a_warning_unless_it_expires(settings, tmp_path, days, verdict):
    settings.CERTIFICATE_FILE = str(tmp_path / "cert.pem")
    make_certificate(tmp_path / "cert.pem", days, issuer="localhost")
    found = certificate.certificate()
    assert (found.verdict, "self-signed" in found.words) == (verdict, verdict is WARNING)
    assert round(found.figure) == days


def test_site_that_cannot_be_reached_is_a_warning(settings):
    settings.SITE_URL = f"https://127.0.0.1:{free_port()}"
    found = certificate.certificate()
    assert found.verdict is WARNING
    assert "could not be reached" in found.words


def test_site_that_sends_an_expired_certificate_is_a_problem(settings, tmp_path):
    make_certificate(tmp_path / "cert.pem", -1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem")
    server = socket.create_server(("127.0.0.1", 0))
    settings.SITE_URL = f"https://127.0.0.1:{server.getsockname()[1]}"

    def run():
        with closing(server), closing(server.accept()[0]) as peer, suppress(OSError):
            context.wrap_socket(peer, server_side=True).recv(1)

    threading.Thread(target=run, daemon=True).start()
    assert "has expired" in certificate.certificate().words


def test_site_without_https_needs_no_certificate(settings):
    settings.SITE_URL = "http://127.0.0.1:8000"
    assert certificate.certificate().verdict is OK


# --- emails ------------------------------------------------------------------------------------


@pytest.fixture
def smtp(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()


def test_mail_server_that_cannot_be_reached_is_a_problem(smtp):
    found = emails.mail_server()
    assert found.verdict is PROBLEM
    assert "ConnectionRefusedError" in found.words


def answer_once(port, *answers):
    server = socket.create_server(("127.0.0.1", port))

    def run():
        with closing(server), closing(server.accept()[0]) as peer:
            for answer in answers:
                peer.sendall(answer + b"\r\n")
                peer.recv(1000)

    threading.Thread(target=run, daemon=True).start()


def test_mail_server_that_lets_the_site_in_is_well(smtp, settings):
    answer_once(settings.EMAIL_PORT, b"220 hello", b"250 me", b"221 bye")
    assert emails.mail_server().verdict is OK


def test_mail_server_that_refuses_the_password_is_a_problem(smtp, settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "site", "wrong"
    answer_once(settings.EMAIL_PORT, b"220 hello", b"250-me\r\n250 AUTH PLAIN", b"535 no", b"221 bye")
    found = emails.mail_server()
    assert found.verdict is PROBLEM
    assert "SMTPAuthenticationError" in found.words
    assert "wrong" not in found.words


def test_emails_that_are_only_written_to_files_are_a_problem():
    assert emails.mail_server().verdict is PROBLEM


PUBLISHED = {
    "example.org": ["v=spf1 mx -all"],
    "mail._domainkey.example.org": ["v=DKIM1; p=MIIB"],
    "_dmarc.example.org": ["v=DMARC1; p=none"],
}


@pytest.mark.parametrize("missing", PUBLISHED)
def test_entry_that_the_domain_of_the_sender_lacks_is_named(settings, missing):
    settings.DKIM_SELECTOR = "mail"
    assert sender_domain.of_domain("example.org", lambda name: PUBLISHED.get(name, [])).verdict is OK
    rest = {name: texts for name, texts in PUBLISHED.items() if name != missing}
    found = sender_domain.of_domain("example.org", lambda name: rest.get(name, []))
    assert (found.verdict, found.figure) == (WARNING, 1)


def test_policy_of_the_domain_above_is_enough(settings):
    settings.DKIM_SELECTOR = "mail"
    names = {name.replace("example", "news.example"): texts for name, texts in PUBLISHED.items()}
    del names["_dmarc.news.example.org"]
    names["_dmarc.example.org"] = PUBLISHED["_dmarc.example.org"]
    assert sender_domain.of_domain("news.example.org", lambda name: names.get(name, [])).verdict is OK


@pytest.fixture
def names(settings, monkeypatch):
    settings.DEFAULT_FROM_EMAIL, settings.DKIM_SELECTOR = "Site <a@example.org>", "mail"
    server = NameServer(dict(PUBLISHED))
    monkeypatch.setattr(resolver, "default_resolver", server.resolver())
    yield server
    server.end()


@pytest.mark.parametrize(
    "texts", [{}, {"www.example.org": ["x"]}], ids=["no such domain", "domain without texts"]
)
def test_name_server_is_asked_for_what_the_domain_of_the_sender_publishes(names, texts):
    assert sender_domain.sender_domain().verdict is OK
    names.texts = texts
    found = sender_domain.sender_domain()
    assert (found.verdict, found.figure) == (WARNING, 3)


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("example.org", ["site-verification=1", "V=SPF1 mx -all"]),
        ("example.org", ["v=spf1"]),
        ("mail._domainkey.example.org", [f"v=DKIM1; n={'x' * 250}; p=MIIB"]),
        ("mail._domainkey.example.org", ["p=+/Ab"]),
        ("_dmarc.example.org", ["v = DMARC1 ; p=none"]),
    ],
)
def test_other_ways_to_publish_the_same_are_known(names, name, texts):
    names.texts[name] = texts
    assert sender_domain.sender_domain().verdict is OK


@pytest.mark.parametrize(
    ("name", "texts", "words"),
    [
        ("example.org", ["v=spf1 mx -all", "v=spf1 a -all"], ": SPF (there are several, so none counts)."),
        ("example.org", ["v=spf10 mx -all"], ": SPF."),
        ("example.org", ["spf2.0/pra mx -all"], ": SPF."),
        ("mail._domainkey.example.org", ["v=DKIM1; p="], ": DKIM."),
        ("mail._domainkey.example.org", ["v=DKIM1; sp=MIIB"], ": DKIM."),
        (
            "_dmarc.example.org",
            ["v=DMARC1; p=none", "v=DMARC1; p=reject"],
            ": DMARC (there are several, so none counts).",
        ),
        ("_dmarc.example.org", ["v=DMARC10; p=none"], ": DMARC."),
    ],
)
def test_entry_that_other_mail_servers_ignore_is_named(names, name, texts, words):
    names.texts[name] = texts
    found = sender_domain.sender_domain()
    assert (found.verdict, found.figure) == (WARNING, 1)
    assert found.words.endswith(words)


@pytest.mark.parametrize(
    ("fault", "value"), [("code", rcode.SERVFAIL), ("code", rcode.REFUSED), ("is_silent", True)]
)
def test_name_server_that_is_down_is_no_missing_entry(names, fault, value, monkeypatch):
    setattr(names, fault, value)
    monkeypatch.setattr(sender_domain, "DNS_SECONDS", 0.3)
    found = sender_domain.sender_domain()
    assert (found.verdict, found.figure) == (WARNING, None)
    assert "could not be asked" in found.words


def test_without_a_network_the_domain_could_not_be_asked(settings, monkeypatch):
    settings.DEFAULT_FROM_EMAIL = "a@example.org"
    # Of a host that refuses to answer.
    nowhere = resolver.Resolver(configure=False)
    nowhere.nameservers, nowhere.port = ["127.0.0.1"], free_port()
    monkeypatch.setattr(resolver, "default_resolver", nowhere)
    monkeypatch.setattr(sender_domain, "DNS_SECONDS", 0.3)
    found = sender_domain.sender_domain()
    assert found.verdict is WARNING
    assert "could not be asked" in found.words


# --- the host ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("percent", "verdict"), [(50, OK), (10, WARNING), (2, PROBLEM)])
def test_full_disk_is_named(percent, verdict):
    found = host.of_disks({Path("/"): 80, Path("/var/lib/mysql"): percent})
    assert found.verdict is verdict
    assert verdict is OK or "/var/lib/mysql" in found.words


def test_disks_of_this_host_are_measured():
    assert 0 <= host.disks().figure <= 100


def test_disk_of_a_database_on_another_host_has_to_be_watched_there(monkeypatch):
    monkeypatch.setattr(host, "WARNING_PERCENT", 0)
    assert "another host" not in host.disks().words
    monkeypatch.setattr(host.disk, "is_known", True)
    monkeypatch.setattr(host.disk, "folder", None)
    found = host.disks()
    assert (found.verdict, "another host" in found.words) == (OK, True)


@pytest.mark.parametrize(("free", "verdict"), [(50, OK), (8, WARNING), (2, PROBLEM)])
def test_lack_of_memory_is_found(free, verdict):
    table = f"MemTotal:  100 kB\nMemFree:  1 kB\nMemAvailable:  {free} kB\n"
    assert host.of_memory(table).verdict is verdict
    assert 0 <= host.memory().figure <= 100


# --- the settings ------------------------------------------------------------------------------


@pytest.fixture
def production(settings):
    settings.HTTPS = settings.STAFF_MFA_REQUIRED = settings.SECURE_SSL_REDIRECT = True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 1000, True
    settings.SECURE_HSTS_PRELOAD, settings.MAILBOX = True, False
    settings.SECRET_KEY = "x" * 20 + "a-key-of-enough-different-characters"
    settings.SECURITY_CONTACT = "mailto:a@example.org"
    settings.ALLAUTH_TRUSTED_CLIENT_IP_HEADER = "X-Real-IP"
    return settings


def test_settings_of_production_are_well(production):
    found = configuration.settings_of_production()
    assert (found.verdict, found.figure) == (OK, 0), found.words


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("HTTPS", False, "HTTPS is off"),
        ("STAFF_MFA_REQUIRED", False, "second factor"),
        ("MAILBOX", True, "/mailbox/"),
        ("WEBHOOK_ALLOWED_NETWORKS", ["127.0.0.0/8"], "WEBHOOK_ALLOWED_NETWORKS"),
        ("WEBHOOK_EXTRA_CA", "/ca.pem", "WEBHOOK_EXTRA_CA"),
        ("SECURITY_CONTACT", "", "SECURITY_CONTACT"),
        ("SECRET_KEY", "short", "security.W009"),
    ],
)
def test_setting_that_weakens_production_is_named(production, name, value, words):
    setattr(production, name, value)
    found = configuration.settings_of_production()
    assert found.verdict is WARNING
    assert words in found.words


def test_debug_in_production_is_a_problem(production):
    production.DEBUG = True
    assert configuration.settings_of_production().verdict is PROBLEM


def log_in_from(*addresses):
    for number, address in enumerate(addresses):
        person = make_user(f"p{number}@example.org")
        columns = {"user_agent": "x", "session_key": f"key{number}"}
        UserSession.objects.create(user=person, ip=address, **columns)


def test_log_ins_that_all_come_from_the_proxy_are_a_problem(production):
    log_in_from("192.0.2.1", "198.51.100.2")
    assert configuration.client_address().verdict is OK
    User.objects.all().delete()
    log_in_from("127.0.0.1")
    assert configuration.client_address().verdict is PROBLEM


def test_ten_people_at_one_ip_address_are_a_warning(production):
    log_in_from(*["192.0.2.1"] * 10)
    assert configuration.client_address().verdict is WARNING


def test_site_that_trusts_no_proxy_is_warned(production):
    del production.ALLAUTH_TRUSTED_CLIENT_IP_HEADER
    assert "BEHIND_PROXY" in configuration.client_address().words


# --- what has expired --------------------------------------------------------------------------


def test_rows_that_should_have_been_deleted_are_counted(folder):
    assert retention.retention().verdict is OK
    Session.objects.create(session_key="k", expire_date=timezone.now() - timedelta(days=3))
    make_backup(folder, hours=24 * 20)
    found = retention.retention()
    assert (found.verdict, found.figure) == (WARNING, 2)
    assert "django_session (1)" in found.words


def test_expired_rows_of_a_cache_are_counted():
    since = timezone.now().replace(tzinfo=None, microsecond=0) - timedelta(days=3)
    with connection.cursor() as cursor:
        row = ["k", "v", connection.ops.adapt_datetimefield_value(since)]
        cursor.execute("INSERT INTO kept (cache_key, value, expires) VALUES (%s, %s, %s)", row)
    assert retention.overdue_rows()["kept"] == 1


def test_tokens_that_should_have_been_deleted_are_counted():
    person, now = make_user("ada@example.org"), timezone.now()
    for days in (91, 93):
        made, ended = now - timedelta(days=200), now - timedelta(days=days)
        make_api_token(person, created_at=made, ended_at=ended)
    assert retention.overdue_rows()["conferences_apitoken"] == 1


def test_every_table_of_the_document_is_listed_with_its_period(folder):
    kept = {each.name: each for each in retention.what_is_kept()}
    assert kept["django_session"].period == "two weeks after the last change"
    assert kept["voting_vote"].overdue is None
    assert kept[str(folder)].period == "14 days"


# --- emails that come back ---------------------------------------------------------------------


def test_without_an_address_for_them_no_one_has_to_read_what_comes_back(settings):
    settings.BOUNCE_ADDRESS = ""
    assert bounces.bounces().verdict is OK


def test_address_to_which_emails_come_back_has_to_be_read(settings):
    settings.BOUNCE_ADDRESS, settings.BOUNCE_IMAP = "bounces@example.org", ""
    assert bounces.bounces().verdict is WARNING
    note_reading()
    assert bounces.bounces().verdict is OK


def test_mailbox_of_returned_emails_that_no_one_reads_is_a_problem(settings):
    settings.BOUNCE_ADDRESS, settings.BOUNCE_IMAP = "bounces@example.org", "imaps://a:b@example.org"
    assert bounces.bounces().verdict is PROBLEM
    note_reading()
    assert bounces.bounces().verdict is OK
    BounceReading.objects.update(at=timezone.now() - timedelta(hours=2))
    assert bounces.bounces().verdict is PROBLEM

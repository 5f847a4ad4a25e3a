"""The checks of the site, in the order in which they are shown."""

from django.utils.translation import gettext_lazy as _

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
    unlinking,
    webhooks,
)
from confbox.watching.findings import Check, Finding


def sender_domain() -> Finding:
    # A library that the pages can do without.
    from confbox.watching.checks.sender_domain import sender_domain  # noqa: PLC0415

    return sender_domain()


CHECKS = [
    Check("database", _("Database"), database.database_answers, needs_database=True),
    Check("durability", _("Votes on disk"), database.durability, needs_database=True),
    Check("clock", _("Clock"), database.clock, needs_database=True),
    Check("migrations", _("Tables"), database.migrations, needs_database=True),
    Check("worker", _("Background work"), background.worker, needs_database=True),
    Check("queues", _("Tasks that wait"), background.queues, needs_database=True),
    Check("backup", _("Backup"), backups.backup, in_thread=True),
    Check("mail_server", _("Mail server"), emails.mail_server, in_thread=True),
    Check("sender_domain", _("Domain of the sender"), sender_domain, in_thread=True),
    Check("bounces", _("Emails that come back"), bounces.bounces, needs_database=True),
    Check("webhooks", _("Webhooks"), webhooks.webhooks, needs_database=True),
    Check("certificate", _("Certificate"), certificate.certificate, in_thread=True),
    Check("disks", _("Disks"), host.disks),
    Check("memory", _("Memory"), host.memory),
    Check("client_address", _("IP addresses of visitors"), configuration.client_address, needs_database=True),
    Check("settings", _("Settings"), configuration.settings_of_production),
    Check("unlinking", _("Secrecy of votes"), unlinking.unlinking, needs_database=True),
    Check("retention", _("Expired data"), retention.retention, needs_database=True),
]

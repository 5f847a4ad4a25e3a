"""A verb is whole: it writes the audit log and sends its emails itself, inside its transaction.

So no module of the HTTP side does either. What counts is found in the source: names that are imported, and
methods that are called.
"""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
APPS = ("accounts", "conferences", "confbox", "voting")
FORBIDDEN_IN = {"views", "desk", "admin", "api"}
# Functions have lower-case names; a view may draw an email with a class of such a module.
SENDS = re.compile(
    r"confbox\.kit\.email_sending\.\w+|django\.core\.mail(\.\w+)*|[\w.]+\.\w*emails\.[a-z]\w*|[\w.]+\.tasks\.[a-z]\w*"
)
LOGS = re.compile(r"accounts\.audit_log\.log_\w+|django\.contrib\.admin\.models\.LogEntry")
METHODS = {"enqueue", "log_addition", "log_change", "log_deletions", "log_actions", "send_mail"}
# Django's admin calls these hooks inside its own transaction.
HOOKS = {"accounts/audited_admin.py"}


def is_of_the_http_side(path):
    """Whether a module or one of its packages is named `views`, `campaign_views`, `desk` and so on."""
    words = {part.rpartition("_")[2] for part in path.with_suffix("").parts}
    return not words.isdisjoint(FORBIDDEN_IN) and words.isdisjoint({"tests", "migrations"})


def modules():
    found = [p.relative_to(ROOT) for app in APPS for p in sorted((ROOT / app).rglob("*.py"))]
    return [path for path in found if is_of_the_http_side(path) and path.as_posix() not in HOOKS]


def deeds(source):
    """What of it sends an email or writes the audit log."""
    tree = ast.parse(source)
    imported = [
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    imported += [a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names]
    called = {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    found = {name for name in imported if SENDS.fullmatch(name) or LOGS.fullmatch(name)}
    return sorted(found | (called & METHODS))


@pytest.mark.parametrize("path", modules(), ids=str)
def test_http_side_neither_sends_nor_logs(path):
    assert deeds((ROOT / path).read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "from confbox.kit.email_sending import send_email",
        "from django.core.mail import EmailMessage",
        "import django.core.mail",
        "from voting.elections.emails import tell_excluded",
        "from voting.campaigns.requester_emails import tell_requester",
        "from voting.elections.tasks import tell_freed_voters",
        "from accounts.audit_log import log_change",
        "from django.contrib.admin.models import CHANGE, LogEntry",
        "def f():\n    admin.site.get_model_admin(Election).log_change(request, election, what)",
        "task.enqueue(email=email)",
    ],
)
def test_sending_and_logging_are_found(source):
    assert deeds(source) != []


@pytest.mark.parametrize(
    "source",
    [
        "from voting.campaigns.emails import CampaignEmails",
        "from accounts.audited_admin import AuditedAdmin",
        "from accounts.actors import actor_of",
        "from voting.elections.exclusions import exclude_member",
    ],
)
def test_finding_calling_and_drawing_are_left_alone(source):
    assert deeds(source) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("voting/desk/exports.py", True),
        ("voting/campaigns/subscription_views.py", True),
        ("accounts/views/reset.py", True),
        ("conferences/admin.py", True),
        ("voting/elections/actions.py", False),
        ("accounts/migrations/0003_history_of_admin_acts.py", False),
        ("voting/elections/tests/test_views.py", False),
    ],
)
def test_modules_of_the_http_side_are_known_by_name(path, expected):
    assert is_of_the_http_side(Path(path)) is expected

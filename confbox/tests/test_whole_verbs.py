"""A verb is whole: it knows who acts, and writes the audit log and sends its emails within its transaction.

So no module of the HTTP side does either, and what it calls to change something is a verb. The test reads the
source: names that are imported, methods that are called, and signatures.
"""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

from confbox.tests.offenders import offenders

ROOT = settings.BASE_DIR
APPS = ("accounts", "conferences", "confbox", "voting")
FORBIDDEN_IN = {"views", "desk", "admin", "api"}
# Functions have lower-case names; a view may render an email with a class of such a module.
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


def sources():
    found = [p.relative_to(ROOT) for app in APPS for p in sorted((ROOT / app).rglob("*.py"))]
    return [path for path in found if {"tests", "migrations"}.isdisjoint(path.parts)]


def modules():
    return [path for path in sources() if is_of_the_http_side(path) and path.as_posix() not in HOOKS]


def side_effects(source):
    """Calls that send an email or write the audit log."""
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


def test_http_side_neither_sends_nor_logs():
    assert offenders(lambda path: side_effects((ROOT / path).read_text()), modules()) == {}


@pytest.mark.parametrize(
    "source",
    [
        "from confbox.kit.email_sending import send_email",
        "from django.core.mail import EmailMessage",
        "import django.core.mail",
        "from voting.elections.emails import notify_excluded_member",
        "from voting.campaigns.requester_emails import notify_requester",
        "from voting.elections.tasks import notify_voters_of_void_votes",
        "from accounts.audit_log import log_change",
        "from django.contrib.admin.models import CHANGE, LogEntry",
        "def f():\n    admin.site.get_model_admin(Election).log_change(request, election, what)",
        "task.enqueue(email=email)",
    ],
)
def test_sending_and_logging_are_found(source):
    assert side_effects(source) != []


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
    assert side_effects(source) == []


# Public in a module of verbs, but not verbs.
WITHOUT_ACTOR = {
    # Parts of verbs, within their transaction.
    "accounts.actions": {"before_renaming", "check_superuser_remains", "confirm_address", "end_sessions"},
    "conferences.actions": {
        "come_back",
        "create_conferences",
        "end_membership",
        "forget_reasons",
        "keep_excluded",
        "keep_hidden",
        "lock_conference",
        "set_excluded",
    },
    "conferences.admission.actions": {"create_admissions"},
    "voting.elections.actions": {"close_voting"},
    "voting.elections.election.actions": {"create_elections", "lock_election", "refuse_while_open"},
    # Questions.
    "accounts.my_data.actions": {"consequences_of_deletion"},
    "conferences.importing.actions": {"plan_import"},
    "voting.campaigns.subscriptions.actions": {"confirmed_address"},
    "voting.elections.rules.actions": {"refuse_laxer_rules"},
    # What the site does once voting has closed, for the first request, and for a deleted account.
    "voting.elections.receipts.actions": {
        "ensure_published",
        "forget_names",
        "publish_ballots",
        "publish_closed_ballots",
        "publish_closed_ballots_of",
    },
    "voting.elections.roll.actions": {
        "ensure_frozen",
        "enter_late_joiner",
        "enter_late_joiners",
        "forget_voter",
        "freeze_opened_rolls",
        "freeze_roll",
        "lock_out_freezing",
    },
    # What the site does when it sees that a campaign must no longer be sent.
    "voting.campaigns.sending.actions": {"stop_sending"},
}
# What the HTTP side calls besides, inside a transaction of Django's admin that writes the audit log, and
# what changes nothing but a session, a cache or a file that is sent.
CALLED_BY_HOOKS = {
    "conferences.actions.lock_conference",
    "conferences.history.models.refuse_old_addresses",
    "voting.elections.election.actions.lock_election",
}
NOT_STORED = {
    "accounts.answering_once.answer_once",
    "accounts.enrolment.mark_confirmed",
    "confbox.kit.spreadsheets.workbook",
    "confbox.kit.temporary_storage.delete_saved",
}
WRITES = {"bulk_create", "bulk_update", "create", "delete", "get_or_create", "save", "select_for_update"}
WRITES |= {"update", "update_or_create"}


def name_of(path):
    return ".".join(path.with_suffix("").parts)


def public_functions(source):
    body = ast.parse(source).body
    return [node for node in body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


def actor_of_verb(function):
    """The parameter, if the function has one of this name and type that must be named."""
    return next((a for a in function.args.kwonlyargs if a.arg == "by" and _says(a.annotation, "Actor")), None)


def _says(annotation, *names):
    return annotation is not None and ast.unparse(annotation) in names


def not_whole(source, without_actor=frozenset()):
    """Public functions without an actor, and verbs that do not say what happened."""
    functions = public_functions(source)
    lacking = {f.name for f in functions if not actor_of_verb(f)}
    silent = {f.name for f in functions if actor_of_verb(f) and _says(f.returns, "bool", "None")}
    return sorted(silent | (lacking ^ set(without_actor)))


@pytest.mark.parametrize("path", [p for p in sources() if p.name == "actions.py"], ids=str)
def test_verbs_take_an_actor_and_say_what_happened(path):
    assert not_whole((ROOT / path).read_text(), WITHOUT_ACTOR.get(name_of(path), set())) == []


OTHER_MODULES = [p for p in sources() if p.name != "actions.py" and p != Path("accounts/audit_log.py")]


def silent_verbs(path):
    verbs = [function for function in public_functions((ROOT / path).read_text()) if actor_of_verb(function)]
    return [verb.name for verb in verbs if _says(verb.returns, "bool", "None")]


def test_verbs_in_other_modules_say_what_happened():
    assert offenders(silent_verbs, OTHER_MODULES) == {}


def functions_by_name():
    return {
        f"{name_of(path)}.{function.name}": function
        for path in sources()
        for function in public_functions((ROOT / path).read_text())
    }


def writes(function):
    calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return any(isinstance(called, ast.Attribute) and called.attr in WRITES for called in calls)


def called_of(source):
    """Dotted names that the module imports, and attributes of modules that it imports."""
    tree, found, known = ast.parse(source), set(), {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            known |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known:
            found.add(f"{known[node.value.id]}.{node.attr}")
    return found | set(known.values())


def changed_without_actor(source, functions):
    """What the module calls of other sides that writes to the database and does not know who acts."""
    calls = {name: functions[name] for name in called_of(source) & set(functions)}
    found = {name for name, function in calls.items() if writes(function) and not actor_of_verb(function)}
    return sorted(name for name in found if not is_of_the_http_side(Path(name.replace(".", "/") + ".py")))


def test_http_side_changes_something_by_verbs_alone():
    functions = functions_by_name()
    found = {n for path in modules() for n in changed_without_actor((ROOT / path).read_text(), functions)}
    assert found == CALLED_BY_HOOKS | NOT_STORED


@pytest.mark.parametrize(
    "source",
    [
        "def leave(*, membership: Membership) -> Change: ...",
        "def leave(*, membership: Membership, by: User) -> Change: ...",
        "def leave(membership: Membership, by: Actor) -> Change: ...",
        "def leave(*, membership: Membership, by: Actor) -> bool: ...",
        "def leave(*, membership: Membership, by: Actor) -> None: ...",
    ],
)
def test_verb_that_is_not_whole_is_found(source):
    assert not_whole(source) == ["leave"]


def test_whole_verb_is_left_alone():
    assert not_whole("def leave(*, membership: Membership, by: Actor) -> Change: ...") == []


def test_exception_that_is_no_longer_one_is_found():
    assert not_whole("def leave(*, by: Actor) -> Change: ...", {"leave"}) == ["leave"]


def test_change_without_an_actor_is_found():
    verb = ast.parse("def rename(*, user):\n    user.save()").body[0]
    functions = {"accounts.names.rename": verb}
    for source in (
        "from accounts.names import rename",
        "from accounts import names\nnames.rename(user=user)",
    ):
        assert changed_without_actor(source, functions) == ["accounts.names.rename"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("voting/desk/exports.py", True),
        ("voting/campaigns/subscriptions/views.py", True),
        ("accounts/views/reset.py", True),
        ("conferences/admin.py", True),
        ("voting/elections/actions.py", False),
        ("accounts/migrations/0003_history_of_admin_acts.py", False),
        ("voting/elections/tests/test_views.py", False),
    ],
)
def test_modules_of_the_http_side_are_known_by_name(path, expected):
    assert is_of_the_http_side(Path(path)) is expected

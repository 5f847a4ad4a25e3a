"""Runs the checks. None of them can keep the others from an answer, whatever it waits for."""

import logging
import queue
import threading
import time

from django.db import Error
from django.utils import translation
from django.utils.translation import gettext as _

from confbox.watching.findings import Check, Checked, Finding, Verdict, problem, warning

SECONDS = 8.0
DATABASE_SECONDS = 5
logger = logging.getLogger(__name__)
Answers = queue.SimpleQueue[Finding]


def run_checks(checks: list[Check], seconds: float = SECONDS) -> list[Checked]:
    """Those in threads at the same time; those that use the database meanwhile, while it answers."""
    deadline = time.monotonic() + seconds
    waiting = {check.name: _begin(check) for check in checks if check.in_thread}
    found = _ask_in_turn([check for check in checks if not check.in_thread])
    for name, answers in waiting.items():
        found[name] = _await(answers, deadline, seconds)
    return [Checked(check, found[check.name]) for check in checks]


def _ask_in_turn(checks: list[Check]) -> dict[str, Finding]:
    """A database that does not answer is asked once, so that it is one problem and takes no longer."""
    found, is_away = {}, False
    for check in checks:
        if is_away and check.needs_database:
            found[check.name] = warning(_("It could not be checked, because the database does not answer."))
            continue
        found[check.name] = _ask(check)
        is_away |= check.name == "database" and found[check.name].verdict is Verdict.PROBLEM
    return found


def _ask(check: Check) -> Finding:
    try:
        return check.ask()
    except Error as error:
        return problem(_not_asked(error))
    except Exception as error:
        logger.warning("The check %s failed.", check.name, exc_info=True)
        return warning(_not_asked(error))


def _not_asked(error: Exception) -> str:
    said = _("It could not be checked: %(error)s")
    return said % {"error": f"{type(error).__name__}: {error}"[:200]}


def _begin(check: Check) -> Answers:
    answers: Answers = queue.SimpleQueue()
    language = translation.get_language() or "en"

    def run() -> None:
        with translation.override(language):
            answers.put(_ask(check))

    threading.Thread(target=run, name=check.name, daemon=True).start()
    return answers


def _await(answers: Answers, deadline: float, seconds: float) -> Finding:
    try:
        return answers.get(timeout=max(0.01, deadline - time.monotonic()))
    except queue.Empty:
        said = _("There was no answer within %(seconds)d seconds, so it was given up.")
        return Finding(Verdict.WARNING, said % {"seconds": seconds})

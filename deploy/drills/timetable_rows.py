"""What the site itself shows of emails that were not sent, or of which it does not know."""

from collections import Counter

from timetable_judge import kind_of

NAMES = {
    "conference": "agenda",
    "changeinvite": "agenda",
    "windowinvite": "window",
    "closessoon": "closes_soon",
    "undecided_2": "undecided",
}
NAMES |= {"undecided_7": "undecided"}


def skipped() -> set[tuple[int, str]]:
    """Conferences and kinds whose row says that it would have come too late."""
    from voting.timetable.models import Notice

    rows = Notice.objects.filter(outcome="skipped", reason="late").values_list("conference__slug", "kind")
    return {(int(slug.partition("-")[2]), kind) for slug, kind in rows}


def uncertain() -> set[tuple[str, str]]:
    """Kinds and recipients: deliveries that are uncertain, and tasks that stayed marked as begun."""
    from django_tasks_db.models import DBTaskResult

    from confbox.kit.email_failures import is_uncertain
    from voting.campaigns.models import Delivery

    rows = Delivery.objects.filter(status="uncertain")
    found = {(row.campaign.kind, row.address) for row in rows.select_related("campaign", "recipient__user")}
    for task in DBTaskResult.objects.filter(status="FAILED"):
        if is_uncertain(task.exception_class_path):
            found |= _of_task(task.args_kwargs["kwargs"])
    return {(NAMES.get(kind, kind), email) for kind, email in found}


def failures() -> Counter[str]:
    """The tasks that failed and their errors, so that a missing email can be explained."""
    from django_tasks_db.models import DBTaskResult

    rows = DBTaskResult.objects.filter(status="FAILED").values_list("task_path", "exception_class_path")
    return Counter(f"{path.rpartition('.')[2]}: {error.rpartition('.')[2]}" for path, error in rows)


def _of_task(facts: dict) -> set[tuple[str, str]]:
    from accounts.models import User

    if "person_id" in facts:
        return {(facts["code"], User.objects.get(pk=facts["person_id"]).email)}
    # A batch of a campaign has neither: its deliveries say what became of them.
    return {(kind_of(facts["subject"]), email) for email in facts.get("to", [])}

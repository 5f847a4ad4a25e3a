from confbox.kit.clock import database_now
from conferences.health.models import WorkerTurn


def note_turn() -> None:
    """Stores that the background work is alive."""
    WorkerTurn.objects.update_or_create(pk=1, defaults={"seen_at": database_now()})

from django_tasks import task

from voting.elections.figures.counting import count_figure


# The queue of those tasks for which no code that a person waits for is ever late.
@task(queue_name="campaigns")
def count_kept_figure(*, election_id: int, kind: str) -> None:
    """Safe to run twice, late, or never."""
    count_figure(election_id=election_id, kind=kind)

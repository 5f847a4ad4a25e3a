import pytest

from confbox.kit.task_workers import queues_of


@pytest.mark.parametrize(("workers", "senders"), [(1, 1), (2, 1), (4, 3)])
def test_of_several_workers_one_sends_no_campaigns(workers, senders):
    queues = [queues_of(number, several=workers > 1) for number in range(workers)]
    assert sum("campaigns" in taken for taken in queues) == senders
    assert all({"mail", "default"} <= set(taken) for taken in queues)

"""What several processes count adds up, also after one of them has ended."""

import multiprocessing
import os
import signal
import threading
import time

import pytest

from confbox.kit import counters
from confbox.kit.counters import RECORDS, begin_counting, count, fold, folder_for, observe, totals

FORK = multiprocessing.get_context("fork")


@pytest.fixture
def folder(tmp_path):
    found = tmp_path / "counts"
    begin_counting(found)
    yield found
    counters._Own.folder = counters._Own.counters = None


def single(folder):
    return {key: figures[0] for key, figures in totals(folder).items()}


def in_a_process(act, *arguments):
    process = FORK.Process(target=act, args=arguments)
    process.start()
    process.join(20)
    return process


def test_counts_add_up_by_key(folder):
    count("votes", "first")
    count("votes", "first")
    count("votes", "refused", amount=3)
    assert single(folder) == {("votes", "first"): 2, ("votes", "refused"): 3}


def test_times_are_counted_by_how_long_they_are(folder):
    for seconds in (0.001, 0.005, 0.3, 60):
        observe("seconds", "ballot", seconds=seconds)
    *numbers, total = totals(folder)["seconds", "ballot"]
    assert numbers == [2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]
    assert total == pytest.approx(60.306)


def test_processes_add_up_also_after_they_have_ended(folder):
    count("votes")
    for _ in range(3):
        in_a_process(count, "votes")
    assert single(folder) == {("votes",): 4}
    assert single(folder) == {("votes",): 4}
    assert len(list(folder.glob("*.counts"))) == 1


def test_what_a_killed_process_counted_is_kept(folder):
    def die():
        count("votes", amount=5)
        os.kill(os.getpid(), signal.SIGKILL)

    in_a_process(die)
    assert single(folder) == {("votes",): 5}


def test_what_is_present_ends_with_its_process(folder):
    count("threads", amount=12)
    in_a_process(lambda: count("threads", amount=12))
    assert single(folder) == {("threads",): 12}


def test_threads_lose_no_count(folder):
    def work():
        for _ in range(5000):
            count("votes")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert single(folder) == {("votes",): 20_000}


def test_threads_that_count_first_at_once_share_one_file(folder, monkeypatch):
    class Slow(counters.Counters):
        def __init__(self, folder):
            time.sleep(0.05)
            super().__init__(folder)

    monkeypatch.setattr(counters, "Counters", Slow)
    threads = [threading.Thread(target=count, args=["votes"]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(folder.glob("*.counts"))) == 1
    assert single(folder) == {("votes",): 4}


def test_nothing_is_counted_twice_if_adding_up_is_interrupted(folder, monkeypatch):
    in_a_process(count, "votes")
    kept = [(file, file.read_bytes()) for file in folder.glob("*.counts")]
    fold(folder)
    for file, content in kept:
        file.write_bytes(content)
    assert single(folder) == {("votes",): 1}


def test_more_keys_than_fit_are_counted_together(folder):
    for number in range(RECORDS + 5):
        count("routes", str(number))
    count("x" * 500)
    found = single(folder)
    assert found["others",] == 7
    assert len(found) == RECORDS


def test_full_file_system_stops_counting_and_nothing_else(folder, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    count("votes")
    count("votes")
    assert single(folder) == {}


def test_folder_of_another_user_is_not_used(tmp_path):
    folder = tmp_path / "counts"
    folder.symlink_to(tmp_path)
    begin_counting(folder)
    count("votes")
    assert list(tmp_path.glob("*.counts")) == []


def test_process_that_has_not_begun_counts_nothing(tmp_path):
    count("votes")
    observe("seconds", seconds=1)
    assert totals(tmp_path / "missing") == {}


def test_each_site_has_a_folder_of_its_own(tmp_path):
    assert folder_for(tmp_path / "a") != folder_for(tmp_path / "b")

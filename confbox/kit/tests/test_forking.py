"""Processes that are forked, and killed once they hang."""

import gc
import os
import signal
import time

import pytest

from confbox.kit.forking import Forks, show_progress

TURN_SECONDS = 0.1
# More than a busy machine keeps one that goes on from showing it.
HANGS_AFTER_TURNS = 30


def show_once():
    show_progress()
    signal.pause()


def show_often():
    while True:
        show_progress()
        time.sleep(TURN_SECONDS)


@pytest.fixture
def forks():
    threshold = gc.get_threshold()
    forks = Forks()
    yield forks
    for fork in forks.running.values():
        fork.process.kill()
        fork.process.join()
    gc.unfreeze()
    gc.set_threshold(*threshold)


def survivors(forks, turns):
    """The names of those that run after so many turns of a process that looks after them."""
    for _ in range(turns):
        forks.forget_ended()
        forks.kill_what_hangs(HANGS_AFTER_TURNS)
        time.sleep(TURN_SECONDS)
    forks.forget_ended()
    return set(forks.running)


def test_a_fork_that_shows_no_more_progress_is_killed_and_others_go_on(forks):
    forks.begin("hanging", show_once)
    forks.begin("working", show_often)
    assert survivors(forks, HANGS_AFTER_TURNS + 20) == {"working"}


def test_a_frozen_fork_is_killed(forks):
    forks.begin("frozen", show_often)
    assert survivors(forks, 5) == {"frozen"}
    os.kill(forks.running["frozen"].process.pid, signal.SIGSTOP)
    assert survivors(forks, HANGS_AFTER_TURNS + 20) == set()


def test_one_that_never_shows_progress_is_left_to_others(forks):
    forks.begin("watched otherwise", signal.pause)
    assert survivors(forks, HANGS_AFTER_TURNS + 20) == {"watched otherwise"}


def test_outside_a_fork_showing_progress_does_nothing():
    show_progress()

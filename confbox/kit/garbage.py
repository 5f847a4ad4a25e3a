"""When Python's garbage collector looks for objects that refer to each other."""

import gc

# A page makes a few thousand objects, nearly all of which go when it is done. Python's own threshold, 700,
# had the collector look at them several times for each page, a fifth of the processor time of a ballot.
OBJECTS_BEFORE_A_LOOK, LOOKS_BEFORE_AN_OLDER_ONE = 50_000, 20


def collect_seldom() -> None:
    """For a process that has loaded what it needs.

    What is loaded by now stays as long as the process, so the collector need not look through it; while it
    did, all threads waited. Processes that are forked from this one share this memory.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BEFORE_A_LOOK, LOOKS_BEFORE_AN_OLDER_ONE, LOOKS_BEFORE_AN_OLDER_ONE)

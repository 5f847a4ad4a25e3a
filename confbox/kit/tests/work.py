"""The cost of a call, counted rather than timed: the same on every machine, however busy it is."""

import sys


def calls_of(function, *arguments):
    """How many calls of Python functions, and from them of C functions, are made."""
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        function(*arguments)
    finally:
        sys.setprofile(before)
    return calls

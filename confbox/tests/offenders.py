"""Rules that hold for each of many files: one test for all of them, which names those that break it."""


def offenders(find, paths):
    """What `find` says about each of the paths, without those about which it finds nothing.

    Arguments:
        find: takes a path and returns what is wrong with it, such as a list; empty if nothing is.
        paths: must not be empty, so that a rule which looks in the wrong place does not pass.
    """
    paths = list(paths)
    assert paths
    return {str(path): found for path in paths if (found := find(path))}

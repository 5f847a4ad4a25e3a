"""What each role gets from every route for its own conference and for another team's, as a table."""

from pathlib import Path

from confbox.tests import operations, routes
from confbox.tests.two_teams import OUTSIDERS, ROLES, filled, patterns

TABLE = Path(__file__).with_name("routes_of_teams.txt")
WIDTH = 80
HEAD = """\
What each role gets from every route with a row of a conference, a series or a team: for its own conference,
which is public, and after the stroke for that of another team, which is for members only. `site` is an
organiser of the site. `login` and `again` are redirects to the log-in and to the question who is there; `->`
is any other redirect. A new route fails the test until its line is here:

    WRITE_ROUTES=1 .venv/bin/python -m pytest confbox/tests/test_routes_of_teams.py -k table_says

writes them all; read every changed line before committing it. That the answer after the stroke is the same as
for a row that does not exist is compared in test_other_teams.py, which also asks it for all but `site`.

"""


def table(teams, foreign=None):
    """The table as it is now, with answers after the stroke that are asked elsewhere."""
    head = f"{'':<5}{'':<{WIDTH}}" + "".join(f"{role:<12}" for role in ROLES).rstrip()
    asked = [(pattern, method) for pattern in patterns() for method in operations.methods(pattern)]
    lines = [line_of(teams, pattern, method, foreign or {}) for pattern, method in asked]
    return HEAD + "\n".join([head, *lines]) + "\n"


def line_of(teams, pattern, method, foreign):
    words = [(role, foreign.get((method, pattern, role))) for role in ROLES]
    cells = (f"{cell_of(teams, role, pattern, method, word):<12}" for role, word in words)
    return f"{method:<5}{pattern:<{WIDTH}}" + "".join(cells).rstrip()


def cell_of(teams, role, pattern, method, foreign):
    def word(ids):
        path = filled(pattern, ids)
        return routes.asked_and_undone(teams.browser(role), method, path, ids)

    return f"{word(teams.own)}/{foreign or word(teams.foreign)}"


def foreign_to_outsiders():
    """What the table says that outsiders get from another team, by method, pattern and role."""
    return {(method, pattern, role): word for method, pattern, role, _, word in cells() if role in OUTSIDERS}


def cells():
    """Method, pattern, role, and the two answers, as the table has them."""
    for line in TABLE.read_text().splitlines():
        if line[:4] in ("GET ", "POST"):
            for role, cell in zip(ROLES, line[5 + WIDTH :].split(), strict=True):
                yield line[:4].strip(), line[5 : 5 + WIDTH].strip(), role, *cell.split("/")

"""Which tests the workers of `make test` are given together, and which first.

xdist's own way, the mark `xdist_group`, adds the group to the ID of a test, which pytest 9 no longer lets it
change: the mark has no effect. So this plugin decides by the module.
"""

import pytest
from xdist.scheduler import LoadScopeScheduling

# Each of these starts servers, opens pages or collects texts once, which takes longer than one of its tests.
ON_ONE_WORKER = {
    "test_backup",
    "test_expanding_migrations",
    "test_nginx",
    "test_nginx_busy",
    "test_nginx_misread_headers",
    "test_organiser_pages",
    "test_static_files",
    "test_outage",
    "test_routes",
    "test_shared_page_languages",
    "test_shared_pages",
    "test_shared_pages_of_the_site",
    "test_translations",
}
# Each takes a worker long, in which the others do the rest. Tests that commit would otherwise be the last.
LONGEST = [
    "confbox.tests.browser.test_every_form_twice",
    "confbox.tests.browser.test_long_words",
    "confbox.tests.test_every_form_twice",
    "confbox.tests.test_routes_of_teams",
]


class ModulesTogether(LoadScopeScheduling):
    """Hands out the modules above as a whole, the largest first, and every other test on its own."""

    def _split_scope(self, nodeid):
        module = nodeid.partition("::")[0]
        return module if module.rpartition("/")[2].removesuffix(".py") in ON_ONE_WORKER else nodeid


# Without xdist there is no such hook.
@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return ModulesTogether(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    turns = {module: turn for turn, module in enumerate(LONGEST)}
    items.sort(key=lambda item: turns.get(item.module.__name__, len(LONGEST)))

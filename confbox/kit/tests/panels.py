from django.conf import settings


def states_of(folder):
    """The states for which a panel has a template; pieces that several of them include begin with `_`.

    They compare like a set, but their order is the same in every process, as a parametrized test needs it.
    """
    stems = sorted(path.stem for path in (settings.BASE_DIR / "templates" / folder).glob("[!_]*.html"))
    return dict.fromkeys(stems).keys()

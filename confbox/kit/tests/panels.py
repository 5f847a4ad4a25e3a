from django.conf import settings


def states_of(folder):
    """The states for which a panel has a template; pieces that several of them include begin with `_`."""
    return {path.stem for path in (settings.BASE_DIR / "templates" / folder).glob("[!_]*.html")}

"""Hindi as the rest of the site writes it: Django has American order for it."""

from confbox.formats.en.formats import *  # noqa: F403

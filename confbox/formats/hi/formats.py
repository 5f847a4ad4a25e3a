"""Hindi as the rest of the site writes it: Django has the American order."""

from confbox.formats.en.formats import *  # noqa: F403

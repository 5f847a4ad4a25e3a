from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """Django's command, but a new text starts empty instead of with gettext's guess at its translation."""

    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

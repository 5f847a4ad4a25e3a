"""`manage.py` with the protection switched off: a batch is claimed, sent and recorded in one transaction.

The drill's positive control: a worker that dies loses its claim, and its emails are sent again.
"""

import sys


def switch_off() -> None:
    import django

    django.setup()
    from django.db import transaction

    from voting.campaigns.sending import tasks

    kept = tasks.send_one_batch

    def uncommitted(campaign_id: int) -> bool:
        with transaction.atomic():
            return kept(campaign_id)

    tasks.send_one_batch = uncommitted


if __name__ == "__main__":
    switch_off()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)

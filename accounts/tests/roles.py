"""The roles as `loaddata roles` stores them, with few queries: it would look up each permission alone."""

import json

from django.conf import settings
from django.contrib.auth.models import Group, Permission

FILE = settings.BASE_DIR / "accounts/fixtures/roles.json"


def make_roles():
    for row in json.loads(FILE.read_text()):
        group = Group.objects.create(name=row["fields"]["name"])
        named = {tuple(name) for name in row["fields"]["permissions"]}
        # Their own method would ask for each content type.
        natural_key = ("codename", "content_type__app_label", "content_type__model")
        known = {tuple(name): pk for pk, *name in Permission.objects.values_list("pk", *natural_key)}
        group.permissions.through.objects.bulk_create(
            group.permissions.through(group=group, permission_id=known[name]) for name in sorted(named)
        )

"""Pictures that no account has any more: the process that was to delete them ended before it did."""

from datetime import timedelta

from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User, small_name

FOLDER = "pictures"
# A picture is stored before the account that has it.
MIN_AGE = timedelta(days=1)


def unused_pictures(*, min_age: timedelta = MIN_AGE) -> list[str]:
    """Their file names. Files that are newer may be those of an account that is just being changed."""
    if not default_storage.exists(FOLDER):
        return []
    stored = {f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]}
    large = User.objects.exclude(picture="").values_list("picture", flat=True)
    used = {name for picture in large for name in (picture, small_name(picture))}
    latest = timezone.now() - min_age
    return sorted(name for name in stored - used if default_storage.get_modified_time(name) < latest)


def delete_unused_pictures() -> int:
    unused = unused_pictures()
    for name in unused:
        default_storage.delete(name)
    return len(unused)

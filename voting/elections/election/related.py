from typing import Any

from django.db import models
from django.db.models.fields.related_descriptors import ReverseOneToOneDescriptor

from conferences.models import Conference


class NewUnlessStored(ReverseOneToOneDescriptor):  # type: ignore[type-arg]
    """A conference without a row of its own, such as one of a fixture, has a vote that is not scheduled.

    The class is internal to Django; `test_bare_conference.py` fails if it changes.
    """

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        try:
            return super().__get__(instance, cls)
        except self.RelatedObjectDoesNotExist:
            return self.related.related_model(conference=instance, updated_at=instance.updated_at)


class OneForEachConference(models.OneToOneField[Conference, Conference]):
    related_accessor_class = NewUnlessStored

    def deconstruct(self) -> Any:
        """The same column as any other, for migrations."""
        name, _path, arguments, keywords = super().deconstruct()
        return name, "django.db.models.OneToOneField", arguments, keywords

from typing import Any

from django.db import models
from django.db.models.fields.related_descriptors import ReverseOneToOneDescriptor


class NewUnlessStored(ReverseOneToOneDescriptor):  # type: ignore[type-arg]
    """For a row without its other half, such as one from a fixture, returns `new_for` of that model.

    The class is internal to Django; `test_bare_conference.py` fails if it changes.
    """

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        try:
            return super().__get__(instance, cls)
        except self.RelatedObjectDoesNotExist:
            model: Any = self.related.related_model
            return model.new_for(instance)


class OneForEachField(models.OneToOneField[Any, Any]):
    related_accessor_class = NewUnlessStored

    def deconstruct(self) -> Any:
        """An ordinary column to migrations."""
        name, _path, arguments, keywords = super().deconstruct()
        return name, "django.db.models.OneToOneField", arguments, keywords

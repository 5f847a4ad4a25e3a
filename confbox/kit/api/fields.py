"""What the API reads and answers: strict types, so that no two programs read the same body differently."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, cast

from django.core.exceptions import ImproperlyConfigured
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

# As many digits as an ID in a URL can have, and fewer than every database's BIGINT can store.
LARGEST_ID = 10**18 - 1
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
NUMBER_IN_URL = re.compile(r"0|[1-9][0-9]{0,18}")


def _instant(value: Any) -> datetime:
    """Without an offset, no one could say which time is meant."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if not isinstance(value, str) or not INSTANT.fullmatch(value):
        raise PydanticCustomError("instant", "")
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise PydanticCustomError("instant", "") from None


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise PydanticCustomError("day", "")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("day", "") from None


def _number_in_url(value: Any) -> int:
    """A URL has only text; pydantic would read 1_0 and １２ as numbers too."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, str) or not NUMBER_IN_URL.fullmatch(value):
        raise PydanticCustomError("int_type", "")
    return int(value)


def in_rfc3339(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    PlainSerializer(in_rfc3339, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
# The ID of a row in a body, as a JSON number.
RowID = Annotated[int, Field(ge=1, le=LARGEST_ID)]
# The same in a path or a query.
UrlID = Annotated[int, Field(ge=1, le=LARGEST_ID), BeforeValidator(_number_in_url)]
UrlCount = Annotated[int, Field(ge=1, le=100), BeforeValidator(_number_in_url)]
Slug = Annotated[str, StringConstraints(pattern=r"^[-a-zA-Z0-9_]{1,120}$")]
Words = Annotated[str, Field(max_length=200, description="Words to look for.")]

NAMES: dict[str, type[BaseModel]] = {}


class Model(BaseModel):
    """Every model of the API has a name of its own, because the schema has one list of them."""

    # Shown in the documentation; a test checks that it is valid.
    EXAMPLE: ClassVar[dict[str, Any]] = {}

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        super().__pydantic_init_subclass__(**options)
        if cls.__pydantic_generic_metadata__["origin"] is None:
            other = NAMES.setdefault(cls.__name__, cls)
            if other.__module__ != cls.__module__:
                raise ImproperlyConfigured(f"Two models of the API are called {cls.__name__}.")
        if cls.EXAMPLE:
            cls.model_config["json_schema_extra"] = cast("Any", {"examples": [cls.EXAMPLE]})


class Input(Model):
    """A body that is sent, or the query of a URL."""


class Answer(Model):
    """What an operation answers."""

    # Whether it can say that nothing is done yet, with the status 202.
    CAN_WAIT: ClassVar[bool] = False

    def waits(self) -> bool:
        return False

"""What a calendar declares: in which zone, at which hours of the week, and on which days not."""

import datetime
import re
from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema, model_validator

from schemas.declarations import Declaration, FieldName

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_FORM = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", re.ASCII)
_MIDNIGHT = 24 * 60


def _minutes(value: Any) -> Any:
    """`"09:00-17:30"` -> (540, 1050). ValueError where it is no part of one day."""
    if isinstance(value, tuple):
        return value
    match = _FORM.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is no part of a day: write it as 09:00-17:30")
    first_hour, first_minute, last_hour, last_minute = map(int, match.groups())
    start, end = first_hour * 60 + first_minute, last_hour * 60 + last_minute
    if not start < end <= _MIDNIGHT:
        raise ValueError(f"{value!r} does not end later that day: let it end at 24:00, and go on with the day after")
    return start, end


def _written(hours: tuple[int, int]) -> str:
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in hours)


Hours = Annotated[
    tuple[int, int],
    BeforeValidator(_minutes),
    PlainSerializer(_written, return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{_FORM.pattern}$"}),
]
"""A part of a day, [start, end) in minutes of what the clock shows; declared as text."""


class WeeklyHours(Declaration):
    """The hours at which it is open, by the day of the week. On a day that is left out it is closed."""

    mon: tuple[Hours, ...] = ()
    tue: tuple[Hours, ...] = ()
    wed: tuple[Hours, ...] = ()
    thu: tuple[Hours, ...] = ()
    fri: tuple[Hours, ...] = ()
    sat: tuple[Hours, ...] = ()
    sun: tuple[Hours, ...] = ()

    def days(self) -> Iterator[tuple[str, tuple[tuple[int, int], ...]]]:
        """(day, its hours) from Monday to Sunday."""
        for day in WEEKDAYS:
            yield day, getattr(self, day)


class Calendar(Declaration):
    """When it is open: whenever the clocks of `zone` show one of its hours, on a day that is no holiday.

    `valid_from`: the day in `zone` from whose beginning on it counts; without one, always. A calendar may be declared
    several times, each from another day on until the next. Before the first there is no such calendar, and no time of
    it.
    """

    calendar: FieldName
    title: str = ""
    zone: str
    hours: WeeklyHours
    holidays: tuple[datetime.date, ...] = ()
    valid_from: datetime.date | None = None

    @model_validator(mode="after")
    def _opens(self) -> Self:
        if not any(hours for _, hours in self.hours.days()):
            raise ValueError("hours: it never opens; give some, such as {mon: [09:00-17:00]}")
        return self

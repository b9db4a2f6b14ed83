"""What a plain stream's events add where it is not simply one at their own time: other dates, shares, other names."""

from typing import Any, Self

from pydantic import Field, model_validator

from schemas.declarations import Declaration, FieldName, Sql, if_said
from schemas.durations import Duration
from schemas.times import DAY


class _Expressed(Declaration):
    """What may be an SQL expression: text is short for `{sql: text}`."""

    sql: Sql | None = None

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        return {"sql": value} if isinstance(value, str) else value


class Dating(_Expressed):
    """The moment of a contribution: an expression that gives milliseconds (text is short for `{sql: text}`), or the
    first instant of the date in the field `day`, in `zone`: an IANA name, or a field that holds one.
    """

    day: FieldName | None = None
    zone: str = "UTC"

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.sql is None) == (self.day is None):
            raise ValueError("a moment is an SQL expression, or {day: a field, zone: a time zone}")
        return self


class Spread(Declaration):
    """One contribution a day of `zone`, from the date in the field `from` to that in `to`, both included.

    The value is shared out evenly in whole numbers: the i-th of n days, from 0 on, has floor(v(i+1)/n) - floor(vi/n),
    which add up to v; with `whole` each day has all of it. `zone` is an IANA name, or a field that holds one. With
    `month`, the days are those of the month in which the date in that field lies.
    """

    from_: FieldName | None = Field(None, alias="from")
    to: FieldName | None = None
    month: FieldName | None = if_said(None)
    zone: str = "UTC"
    whole: bool = if_said(False)

    @model_validator(mode="after")
    def _one_span(self) -> Self:
        both = self.from_ is not None and self.to is not None
        if (self.from_ is None) != (self.to is None) or both == (self.month is not None):
            raise ValueError("what is spread has either from and to, or month")
        return self

    @property
    def days(self) -> tuple[FieldName, ...]:
        """The fields that hold its dates."""
        return tuple(name for name in (self.from_, self.to, self.month) if name is not None)


class PartDimension(_Expressed):
    """An expression over the record's fields (text is short for `{sql: text}`), or how a moment (an expression that
    gives milliseconds) reads on the clock of `zone`, an IANA name.

    `hour_of_week`: `mon 09`; `hour_of_day`: `09`; `day_of_week`: `mon`. Or what the map in the field `of` has by the
    name `entry`.
    """

    entry: FieldName | None = if_said(None)
    of: FieldName | None = if_said(None)
    hour_of_week: Sql | None = None
    hour_of_day: Sql | None = None
    day_of_week: Sql | None = None
    zone: str = "UTC"

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = (self.sql, self.entry, self.hour_of_week, self.hour_of_day, self.day_of_week)
        if sum(each is not None for each in kinds) != 1:
            raise ValueError("a dimension is one of: an SQL expression; entry; hour_of_week; hour_of_day; day_of_week")
        if (self.entry is None) != (self.of is None):
            raise ValueError("entry goes with of, the field that holds the map")
        return self

    @property
    def moment(self) -> Sql | None:
        """The expression whose place on the clock it is; None where it is no such dimension."""
        return self.hour_of_week or self.hour_of_day or self.day_of_week


class StreamPart(Declaration):
    """What an event adds to the panes, for dimension values.

    It is dated `at` a moment (null adds nothing), spread over days, or else at the event's own `time`. With `level`, a
    day of a spread has its share as a level, so that an integral over a part of the day has a part of it. `value` is an
    integer expression; `where` filters; `dimensions` maps a dimension to an expression or to the clock. `within`: how
    long after its date a record may say it; one that is said later is late as a whole.
    """

    at: Dating | None = None
    spread: Spread | None = None
    level: bool = if_said(False)
    within: Duration = Field(90 * DAY, description="how long after its date it may be said; a later record is late")
    value: Sql = "1"
    where: Sql | None = None
    dimensions: dict[FieldName, PartDimension] = {}
    currency: Sql | None = None

    @model_validator(mode="after")
    def _one_date(self) -> Self:
        if self.at is not None and self.spread is not None:
            raise ValueError("a contribution has either at or spread")
        if self.level and (self.spread is None or self.spread.zone != "UTC"):
            raise ValueError("level goes with spread over days of UTC, which are all as long")
        if self.says_within and not self.is_dated:
            raise ValueError("within goes with at or spread: what is dated by its own time cannot be said later")
        return self

    @property
    def expressions(self) -> tuple[Sql, ...]:
        """Every expression over the record's fields."""
        at = None if self.at is None else self.at.sql
        dimensions = (sql for each in self.dimensions.values() for sql in (each.sql, each.of, each.moment))
        return tuple(sql for sql in (at, self.value, self.where, self.currency, *dimensions) if sql is not None)

    @property
    def days(self) -> tuple[FieldName, ...]:
        """The fields that hold its dates."""
        if self.spread is not None:
            return self.spread.days
        return () if self.at is None or self.at.day is None else (self.at.day,)

    @property
    def zone(self) -> str | None:
        """The zone of its days, an IANA name or a field; None where it has no days."""
        if self.spread is not None:
            return self.spread.zone
        return None if self.at is None or self.at.day is None else self.at.zone

    @property
    def says_within(self) -> bool:
        """Whether it says itself how long after its date it may be said."""
        return "within" in self.model_fields_set

    @property
    def is_dated(self) -> bool:
        """Whether it may stand at another moment than the event's time."""
        return self.at is not None or self.spread is not None


FATES = "fates"
"""The name of what every stream has to say of its own records, where a KPI asks for it."""

FATE = "fate"
"""Its dimension that says what became of a record."""

EVERY_STREAM = f"every.{FATES}"
"""What a measure names that is taken over all streams but those of figures that people record."""


class FatesPart(StreamPart):
    """One of each record that was read of a stream, dated by its arrival, with what became of it.

    Not declared: a measure names `<stream>.fates`, or `every.fates`. Its dimensions are `stream` and `fate`.
    """


def fates_of(stream: str) -> FatesPart:
    """What a stream has to say of its own records."""
    return FatesPart(dimensions={"stream": PartDimension(sql=f"'{stream}'"), "fate": PartDimension(sql=FATE)})

"""What an entity declares: the states that its records set, and what it contributes."""

import datetime
from typing import Self

from pydantic import Field, model_validator

from schemas.durations import Duration
from schemas.streams import Declaration, FieldName, StreamName

Sql = str
"""An SQL expression, as `polars.sql_expr` reads it."""


class State(Declaration):
    """A state that records of the key set. Exactly one of three kinds.

    * `first`: the first record for which the expression holds (after the state `after`, where given) sets it, for good.
    * `set` with `clear`: set by the first record of `set`, withdrawn by one of `clear` at most `within` later, and then
      settable again. A later `clear` does not withdraw; it counts as a reversal of its own, at its own time.
    * `enter` with `leave`: a level, held from a record of the one until a record of the other; each change is an edge.

    `carrying` names fields of the record that set the state; they read as `<state>_<field>` beside `<state>_time`.
    """

    first: Sql | None = None
    after: FieldName | None = None
    set: Sql | None = None
    clear: Sql | None = None
    within: Duration | None = None
    enter: Sql | None = None
    leave: Sql | None = None
    carrying: tuple[FieldName, ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [bool(self.first), bool(self.set), bool(self.enter)]
        if sum(kinds) != 1:
            raise ValueError("a state has exactly one of: first; set (with clear); enter (with leave)")
        if bool(self.set) != bool(self.clear) or bool(self.set) != (self.within is not None):
            raise ValueError("set needs clear and within (the reversal horizon, such as 90d)")
        if bool(self.enter) != bool(self.leave):
            raise ValueError("enter needs leave")
        if self.after and not self.first:
            raise ValueError("after goes with first")
        return self


class Deadline(Declaration):
    """A moment: the time of state `after` plus the target (in seconds) that was in force then."""

    after: FieldName
    target: FieldName


class Contribution(Declaration):
    """What the entity adds to the panes, at a moment, for dimension values.

    Either `at` (an expression that gives milliseconds; null adds nothing), or `level` (a state of kind enter/leave,
    or set/clear). `value` is an integer expression; `where` filters; `dimensions` maps a dimension to an expression.
    Expressions read `<state>_time`, `<state>_<field>` and the names of the deadlines.
    """

    at: Sql | None = None
    level: FieldName | None = None
    value: Sql = "1"
    where: Sql | None = None
    dimensions: dict[FieldName, Sql] = {}
    currency: Sql | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.at is None) == (self.level is None):
            raise ValueError("a contribution has either at or level")
        return self


class Entity(Declaration):
    """All records of one key, folded into one small state. A key silent for more than `forget_after` starts anew."""

    entity: FieldName
    title: str = ""
    of: dict[StreamName, FieldName] = Field(min_length=1, max_length=1)
    forget_after: Duration
    states: dict[FieldName, State] = Field(min_length=1)
    deadlines: dict[FieldName, Deadline] = {}
    contributions: dict[FieldName, Contribution] = Field(min_length=1)


class TargetValue(Declaration):
    """A target in the KPI's unit, from a UTC date on, for the dimension values in `where`."""

    value: float | None = None
    min: float | None = None
    max: float | None = None
    where: dict[FieldName, str] = {}
    window: str | None = Field(None, description="the window it is for, such as month; by default all of a KPI's")
    from_: datetime.date = Field(alias="from")
    review: datetime.date | None = None
    example: bool = Field(False, description="shipped to show how; nobody has set it as a goal")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.value is None) == (self.min is None and self.max is None):
            raise ValueError("a target has either value or a range (min, max)")
        return self


class NamedTarget(Declaration):
    """A dated target, in seconds, that decides deadlines of entities."""

    target: FieldName
    unit: str = "seconds"
    values: tuple[TargetValue, ...] = Field(min_length=1)

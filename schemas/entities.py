"""What an entity declares: the states that its records set, and what it contributes."""

import datetime
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from schemas.durations import WRITTEN, Duration, milliseconds
from schemas.streams import Declaration, FieldName, StreamName

Sql = str
"""An SQL expression, as `polars.sql_expr` reads it."""

Predicate = Sql | dict[StreamName, Sql]
"""An SQL condition on the records of every stream of the entity, or one for each of the streams that are named."""

NEVER = 2**62
"""The milliseconds of a silence that does not end."""


def _silence(text: str | int) -> int:
    return NEVER if text == "never" else milliseconds(text)


Silence = Annotated[
    int,
    BeforeValidator(_silence),
    WithJsonSchema({"anyOf": [{"const": "never"}, *WRITTEN["anyOf"]]}, mode="validation"),
]
"""A duration, or `never`."""


class State(Declaration):
    """A state that records of the key set. Exactly one of these kinds.

    * `first`: the first record for which the expression holds (later than the one that set the state `after`, where
      given) sets it, for good. With `unless`, one that is followed by a record of that, at most `within` later (and of
      the same value of `per`, where given), does not count.
    * `set` with `clear`: set by the first record of `set`, withdrawn by one of `clear` at most `within` later, and then
      settable again. A later `clear` does not withdraw; it counts as a reversal of its own, at its own time.
    * `enter` with `leave`: held from a record of the one until a record of the other. A record of `renew` ends the
      holding and starts the next one with its own values. Holdings at most `within` apart make one episode. A record
      that does several of these enters, where nothing is held; else it renews, unless it leaves.
    * `latest`: each record replaces the one before, from its own time on, for at most `lasting`.
    * `opens` with `closes`: a record of the one opens a pair, unless one was opened at most `within` before; the first
      record of the other, at most `within` after it, closes it. Further ones belong to the same pair, and are closings
      like the first; one that belongs to none is unmatched.
    * `stages` with `won` and `lost`: the stages of a course, in order, each with the records that enter it; `won` ends
      the course forward, `lost` backward. A stage entered again at most `within` after it was left was not left. A
      record of several enters the first of them.
    * `while` with `per`: every record says how it is with its value of the field `per`, until the next one of that
      value; a record without a value says it for all, and is replaced by any. Held while one of them says that the
      expression is true, once for each set of values that the records carry; with `each`, for each value of `per`.

    `carrying` names fields of the record that set the state; they read as `<state>_<field>` beside `<state>_time`.
    """

    first: Predicate | None = None
    after: FieldName | None = None
    unless: Predicate | None = None
    set: Predicate | None = None
    clear: Predicate | None = None
    enter: Predicate | None = None
    leave: Predicate | None = None
    renew: Predicate | None = None
    latest: Predicate | None = None
    lasting: Duration | None = None
    opens: Predicate | None = None
    closes: Predicate | None = None
    stages: dict[FieldName, Predicate] = {}
    won: Predicate | None = None
    lost: Predicate | None = None
    while_: Predicate | None = Field(None, alias="while")
    per: FieldName | None = None
    each: bool = False
    within: Duration | None = None
    carrying: tuple[FieldName, ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [self.first, self.set, self.enter, self.latest, self.opens, self.stages or None, self.while_]
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError(
                "a state has exactly one of: first; set (with clear); enter (with leave); latest; "
                "opens (with closes); stages (with won, lost); while (with per)"
            )
        return self

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Every kind has all that belongs to it."""
        if (self.set is None) != (self.clear is None) or (self.set is not None and self.within is None):
            raise ValueError("set needs clear and within (the reversal horizon, such as 90d)")
        if (self.enter is None) != (self.leave is None):
            raise ValueError("enter needs leave")
        if (self.opens is None) != (self.closes is None) or (self.opens is not None and self.within is None):
            raise ValueError("opens needs closes and within (how long a pair stays open, such as 30d)")
        if self.stages and (self.won is None or self.lost is None or self.within is None):
            raise ValueError("stages need won, lost and within (how long after a leaving a return withdraws it)")
        return self

    @model_validator(mode="after")
    def _options(self) -> Self:
        """Options stand with their kind alone."""
        if self.unless is not None and (self.within is None or self.after is not None):
            raise ValueError("unless needs within (for how long a record may be taken back), and goes without after")
        if self.while_ is not None and self.per is None:
            raise ValueError("while needs per")
        if self.per is not None and self.while_ is None and self.unless is None:
            raise ValueError("per goes with while, or with unless")
        for name, kind in (
            ("after", "first"),
            ("unless", "first"),
            ("renew", "enter"),
            ("lasting", "latest"),
            ("each", "while_"),
        ):
            if getattr(self, name) and getattr(self, kind) is None:
                raise ValueError(f"{name} goes with {kind.rstrip('_')}")
        if self.within is not None and ((self.first and not self.unless) or self.latest or self.while_):
            raise ValueError("within goes with set, enter, opens, stages or unless")
        return self

    @property
    def is_level(self) -> bool:
        """Whether it is held for spans of time, so that a contribution can be its level."""
        return self.enter is not None or self.latest is not None or self.while_ is not None

    @property
    def is_slot(self) -> bool:
        """Whether it is one moment in the life of a key: of kind `first` or `set`."""
        return self.first is not None or self.set is not None


class Deadline(Declaration):
    """A moment, inclusive: the time of state `after` plus the target (in seconds) that was in force then.

    Or the last millisecond of the day that the state carries in the field `day` (a date), in the time zone `zone`: an
    IANA name, or a field that the state carries.
    """

    after: FieldName
    target: FieldName | None = None
    day: FieldName | None = None
    zone: str = "UTC"

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.target is None) == (self.day is None):
            raise ValueError("a deadline has either target or day")
        return self


class Contribution(Declaration):
    """What the entity adds to the panes, for dimension values.

    With `level` (a state that is held): the changes of `value` while the state is held. Otherwise something at a moment
    `at` (an expression that gives milliseconds; null adds nothing), for each

    * life of the key, where nothing else is said; expressions read `<state>_time` and `<state>_<field>` of the states
      of kind `first` and `set`, and the names of the deadlines;
    * episode of the state `each`: of kind `enter`, `<state>_started`, `<state>_ended` (null while held),
      `<state>_times` (how often it was entered) and `<state>_<field>` of the last one;
      of kind `opens`, a pair: `<state>_opened`, `<state>_closed` (null until then), `<state>_<field>` of the opening;
      of kind `stages`, a stage: `<state>` (its name), `<state>_entered`, `<state>_left` (null while in it),
      `<state>_forward` (1 or 0), `<state>_spent` (milliseconds, visits added) and `<state>_<field>` of the last
      entry;
    * record that closes the pair `closing`: `<state>_closed`, `<state>_opened` (null where unmatched),
      `<state>_<field>` of the opening and `<state>_closing_<field>` of itself.

    `value` is an integer expression; `where` filters; `dimensions` maps a dimension to an expression.
    """

    at: Sql | None = None
    level: FieldName | None = None
    each: FieldName | None = None
    closing: FieldName | None = None
    value: Sql = "1"
    where: Sql | None = None
    dimensions: dict[FieldName, Sql] = {}
    currency: Sql | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.at is None) == (self.level is None):
            raise ValueError("a contribution has either at or level")
        if sum(part is not None for part in (self.level, self.each, self.closing)) > 1:
            raise ValueError("a contribution is of one state: level, each or closing")
        return self


class Entity(Declaration):
    """All records of one key, folded into one small state. A key silent for more than `forget_after` starts anew.

    `of` names the key in each of the streams; a list of fields is one key, whose first field decides the partition.
    `most`: how many records of one key that can still be out of order are folded; further ones go to the dead letters.
    """

    entity: FieldName
    title: str = ""
    of: dict[StreamName, FieldName | tuple[FieldName, ...]] = Field(min_length=1)
    forget_after: Silence
    most: int = Field(10_000, ge=1)
    states: dict[FieldName, State] = Field(min_length=1)
    deadlines: dict[FieldName, Deadline] = {}
    contributions: dict[FieldName, Contribution] = Field(min_length=1)

    def key_of(self, stream: str) -> tuple[str, ...]:
        """The fields of the stream that make the key; the first decides the partition."""
        fields = self.of[stream]
        return (fields,) if isinstance(fields, str) else fields


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

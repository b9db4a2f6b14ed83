"""What an entity declares: the states that its records set, and what it contributes."""

import datetime
import operator
from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from schemas.declarations import Declaration, FieldName, Sql, StreamName, if_said
from schemas.durations import WRITTEN, milliseconds
from schemas.states import State

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


class Deadline(Declaration):
    """A moment, inclusive: the time of state `after` plus the target (in seconds) that was in force then.

    With `calendar` the target is time in which that is open, and the deadline the last moment up to which no more of it
    has passed: a target that is used up as it closes ends at the next opening.

    Or the last millisecond of the day that the state carries in the field `day` (a date), in the time zone `zone`: an
    IANA name, or a field that the state carries.
    """

    after: FieldName
    target: FieldName | None = None
    calendar: FieldName | None = if_said(None)
    day: FieldName | None = None
    zone: str = "UTC"

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.target is None) == (self.day is None):
            raise ValueError("a deadline has either target or day")
        if self.calendar is not None and self.target is None:
            raise ValueError("calendar goes with target: a day ends at midnight")
        return self


class Elapsed(Declaration):
    """The milliseconds from the moment `from` to the moment `to`, null where one of them is; negative where `to` is
    earlier.

    With `calendar` only those in which it is open. Those in which a state of `less` (of kind `enter`) is held do not
    count; where several are, or one in several lanes, once.
    """

    from_: FieldName = Field(alias="from")
    to: FieldName
    calendar: FieldName | None = None
    less: tuple[FieldName, ...] = ()


class Contribution(Declaration):
    """What the entity adds to the panes, for dimension values.

    With `level` (a state that is held): the changes of `value` while the state is held; no earlier than the moment
    `from` and no later than `until`, where these are given and not null. Then expressions may also name the deadlines,
    and states of kind `first` without `after`, as they stood when the level began. Otherwise something at a moment `at`
    (an expression that gives milliseconds; null adds nothing), for each

    * life of the key, where nothing else is said; expressions read `<state>_time` and `<state>_<field>` of the states
      of kind `first`, `last` and `set`, and the names of the deadlines;
    * episode of the state `each`: of kind `enter`, `<state>_started`, `<state>_ended` (null while held),
      `<state>_times` (how often it was entered), `<state>_<field>` of the last one, and what it counts;
      of kind `opens`, a pair: `<state>_opened`, `<state>_closed` (null until then), `<state>_<field>` of the opening;
      of kind `stages`, a stage: `<state>` (its name), `<state>_entered`, `<state>_left` (null while in it),
      `<state>_forward` (1 or 0), `<state>_spent` (milliseconds, visits added) and `<state>_<field>` of the last
      entry;
      of kind `while` without `each`, a time in which any lane holds: `<state>_ended` (null while one does);
      by lane of kind `first` or `set`, a lane in which it is set: `<state>_time` and `<state>_<field>`.
      Beside these the names of states of kind `first` without `after`, as they stood at the moment `at`;
    * record that closes the pair `closing`: `<state>_closed`, `<state>_opened` (null where unmatched),
      `<state>_<field>` of the opening and `<state>_closing_<field>` of itself.

    Beside these, the names of the durations whose moments are among them.

    `value` is an integer expression; `where` filters; `dimensions` maps a dimension to an expression.
    """

    at: Sql | None = None
    level: FieldName | None = None
    from_: Sql | None = Field(None, alias="from", exclude_if=operator.not_)
    until: Sql | None = if_said(None)
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
        if self.is_bounded and self.level is None:
            raise ValueError("from and until go with level: they bound the time in which it counts")
        if sum(part is not None for part in (self.level, self.each, self.closing)) > 1:
            raise ValueError("a contribution is of one state: level, each or closing")
        return self

    @property
    def is_bounded(self) -> bool:
        """Whether it is a level that counts for a part of the time in which its state is held."""
        return self.from_ is not None or self.until is not None


class Entity(Declaration):
    """All records of one key, folded into one small state. A key silent for more than `forget_after` starts anew.

    `of` names the key in each of the streams; a list of fields is one key, whose first field decides the partition.
    `most`: how many records of one key that can still be out of order are folded; further ones go to the dead letters.
    `durations`: elapsed times by name, between moments that states offer (`<state>_time`, `<state>_started`, …).
    """

    entity: FieldName
    title: str = ""
    of: dict[StreamName, FieldName | tuple[FieldName, ...]] = Field(min_length=1)
    forget_after: Silence
    most: int = Field(10_000, ge=1)
    states: dict[FieldName, State] = Field(min_length=1)
    deadlines: dict[FieldName, Deadline] = {}
    durations: dict[FieldName, Elapsed] = if_said({})
    contributions: dict[FieldName, Contribution] = Field(min_length=1)

    def key_of(self, stream: str) -> tuple[str, ...]:
        """The fields of the stream that make the key; the first decides the partition."""
        fields = self.of[stream]
        return (fields,) if isinstance(fields, str) else fields

    @property
    def calendars(self) -> list[str]:
        """The calendars that it names, each once, in order."""
        named = {each.calendar for each in self.deadlines.values()}
        named |= {each.calendar for each in self.durations.values()}
        return sorted(name for name in named if name is not None)

    @property
    def moments(self) -> dict[str, str]:
        """The moments that durations can be measured between, but for deadlines, and the state that offers each."""
        return {f"{name}_{part}": name for name, state in self.states.items() for part in state.moments}

    def with_moments(self, names: Iterable[str]) -> frozenset[str]:
        """Names that expressions read, and the moments of the durations among them."""
        read = frozenset(names)
        used = [one for name, one in self.durations.items() if name in read]
        return read.union(*((one.from_, one.to) for one in used))


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

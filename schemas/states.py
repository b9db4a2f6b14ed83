"""The states of an entity, which records of its key set."""

from collections.abc import Mapping
from typing import Self

from pydantic import Field, model_validator

from schemas.declarations import Declaration, FieldName, Sql, StreamName, if_said
from schemas.durations import Duration

Predicate = Sql | dict[StreamName, Sql]
"""An SQL condition on the records of every stream of the entity, or one for each of the streams that are named."""

Lane = FieldName | dict[StreamName, FieldName]
"""The field that tells lanes apart, of every stream or one for each of the streams that are named.

Fields of different names tell different lanes, though their values be equal. Records without one share a lane.
"""


class State(Declaration):
    """A state that records of the key set. Exactly one of these kinds.

    * `first`: the first record for which the expression holds (later than the one that set the state `after`, where
      given) sets it, for good. With `unless`, one that is followed by a record of that, at most `within` later (and of
      the same lane `per`, where given), does not count. With `for_all`, the first one at which every lane `per` that
      had a record of that has had one for which the expression holds.
    * `set` with `clear`: set by the first record of `set`, withdrawn by one of `clear` at most `within` later, and then
      settable again. A later `clear` does not withdraw; it counts as a reversal of its own, at its own time.
    * `last` with `after`: the last record for which the expression holds, of those from the record that set the state
      `after` until `within` later. With `by`, a deadline: from the record that it runs from until then.
    * `enter` with `leave`: held from a record of the one until a record of the other. A record of `renew` ends the
      holding and starts the next one with its own values. Holdings at most `within` apart make one episode. A record
      that does several of these enters, where nothing is held; else it renews, unless it leaves. `drop` ends an
      episode for good and without a result, while it is held or at most `within` later. `counting` names what is
      counted from the first record of an episode to its end, both included: `<state>_<name>`. `followed`:
      `<state>_followed` is 1 where such a record comes at most `within` after the end, else 0.
    * `latest`: each record replaces the one before, from its own time on, for at most `lasting`.
    * `opens` with `closes`: a record of the one opens a pair, unless one was opened at most `within` before; the first
      record of the other, at most `within` after it, closes it. Further ones belong to the same pair, and are closings
      like the first; one that belongs to none is unmatched. With `every`, each record of `opens` opens a pair, and a
      record of `closes` closes all that are open; it belongs to the last of them. Then a record of `unless` takes back
      the openings before it, and one of `unclosed` the closings (of the same lane `per`, where given): a pair is what
      the records up to `within` after its opening make of it, a closing what those up to `within` after it do.
    * `stages` with `won` and `lost`: the stages of a course, in order, each with the records that enter it; `won` ends
      the course forward, `lost` backward. A stage entered again at most `within` after it was left was not left. A
      record of several enters the first of them.
    * `while` with `per`: every record says how it is in its lane, until the next one of that lane; a record without a
      lane says it for all, and is replaced by any. Held while one of them says that the expression is true, once for
      each set of values that the records carry; with `each`, for each lane.

    With `per`, each lane of a key has a state of its own, of any other kind but `last`: it is held, opened or set in
    each. What is set by lane is read by `each`, and goes without `after`. Where records take others back, and with
    `for_all`, `per` only tells which.

    `carrying` names fields of the record that set the state; they read as `<state>_<field>` beside `<state>_time`.
    """

    first: Predicate | None = None
    after: FieldName | None = None
    unless: Predicate | None = None
    for_all: Predicate | None = if_said(None)
    last: Predicate | None = if_said(None)
    by: FieldName | None = if_said(None)
    set: Predicate | None = None
    clear: Predicate | None = None
    enter: Predicate | None = None
    leave: Predicate | None = None
    renew: Predicate | None = None
    drop: Predicate | None = if_said(None)
    counting: dict[FieldName, Predicate] = if_said({})
    followed: Predicate | None = if_said(None)
    latest: Predicate | None = None
    lasting: Duration | None = None
    opens: Predicate | None = None
    closes: Predicate | None = None
    every: bool = if_said(False)
    unclosed: Predicate | None = if_said(None)
    stages: dict[FieldName, Predicate] = {}
    won: Predicate | None = None
    lost: Predicate | None = None
    while_: Predicate | None = Field(None, alias="while")
    per: Lane | None = None
    each: bool = False
    within: Duration | None = None
    carrying: tuple[FieldName, ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [self.first, self.last, self.set, self.enter, self.latest, self.opens, self.stages or None, self.while_]
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError(
                "a state has exactly one of: first; last (with after); set (with clear); enter (with leave); latest; "
                "opens (with closes); stages (with won, lost); while (with per)"
            )
        return self

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Every kind has all that belongs to it."""
        if (self.set is None) != (self.clear is None) or (self.set is not None and self.within is None):
            raise ValueError("set needs clear and within (the reversal horizon, such as 90d)")
        if self.last is not None and {self.after is None, self.within is None} != {self.by is not None}:
            raise ValueError("last needs after and within (how long after that state, such as 7d), or by (a deadline)")
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
        if self.after is not None and self.first is None and self.last is None:
            raise ValueError("after goes with first, or with last")
        if self.by is not None and self.last is None:
            raise ValueError("by goes with last")
        for name, kind in (
            ("for_all", "first"),
            *(("renew", "enter"), ("drop", "enter"), ("counting", "enter"), ("followed", "enter")),
            ("lasting", "latest"),
            ("every", "opens"),
            ("unclosed", "opens"),
            ("each", "while_"),
        ):
            if getattr(self, name) and getattr(self, kind) is None:
                raise ValueError(f"{name} goes with {kind.rstrip('_')}")
        if self.followed is not None and self.within is None:
            raise ValueError("followed needs within (how long after the end of an episode, such as 7d)")
        if self.within is not None and ((self.first and not self.unless) or self.latest or self.while_):
            raise ValueError("within goes with set, last, enter, opens, stages or unless")
        return self

    @model_validator(mode="after")
    def _taken_back(self) -> Self:
        """What takes records back, and the lanes in which it does."""
        if self.unless is not None and self.first is None and self.opens is None:
            raise ValueError("unless goes with first, or with opens")
        if self.unless is not None and (self.within is None or self.after is not None):
            raise ValueError("unless needs within (for how long a record may be taken back), and goes without after")
        if self.opens is not None and self.takes_back and not self.every:
            raise ValueError("unless and unclosed take back pairs that each record opens: write every: true")
        if self.for_all is not None and (self.per is None or self.unless is not None):
            raise ValueError("for_all needs per (of what it is all), and goes without unless")
        if self.while_ is not None and self.per is None:
            raise ValueError("while needs per")
        if self.per is not None and (self.after is not None or self.last is not None):
            raise ValueError("per goes without after, which is of the key as a whole")
        return self

    @property
    def takes_back(self) -> bool:
        """Whether there are records that take others back."""
        return self.unless is not None or self.unclosed is not None

    @property
    def conditions(self) -> Mapping[tuple[str, ...], Predicate]:
        """Every condition on records that it is made of, by where it stands in the declaration."""
        plain = (
            *("first", "unless", "for_all", "last", "set", "clear", "enter", "leave", "renew", "drop", "followed"),
            *("latest", "opens", "closes", "unclosed", "won", "lost"),
        )
        found: dict[tuple[str, ...], Predicate | None] = {(key,): getattr(self, key) for key in plain}
        found |= {("stages", stage): predicate for stage, predicate in self.stages.items()}
        found |= {("counting", what): predicate for what, predicate in self.counting.items()}
        found["while",] = self.while_
        return {place: predicate for place, predicate in found.items() if predicate is not None}

    @property
    def lanes(self) -> Mapping[str, str]:
        """The field that tells lanes apart by stream; under the empty name that of every stream."""
        return {"": self.per} if isinstance(self.per, str) else self.per or {}

    @property
    def is_level(self) -> bool:
        """Whether it is held for spans of time, so that a contribution can be its level."""
        return self.enter is not None or self.latest is not None or self.while_ is not None

    @property
    def is_slot(self) -> bool:
        """Whether it is one moment in the life of a key: of kind `first`, `last` or `set`."""
        return self.last is not None or self.is_anchor

    @property
    def is_anchor(self) -> bool:
        """Whether deadlines and other states may run from it: of kind `first` or `set`, not by lane."""
        return (self.first is not None or self.set is not None) and not self.is_by_lane

    @property
    def moments(self) -> tuple[str, ...]:
        """What follows `<state>_` in the names of the moments that durations can be measured between."""
        if self.is_slot:
            return ("time",)
        if self.opens is not None:
            return ("opened", "closed")
        if self.stages:
            return ("entered", "left")
        return ("started", "ended") if self.enter is not None else ()

    @property
    def is_by_lane(self) -> bool:
        """Whether each lane of a key has such a state of its own."""
        return self.per is not None and self.while_ is None and not self.takes_back and self.for_all is None

    @property
    def stays(self) -> bool:
        """Whether nothing but a record of an earlier time can change it once it is set."""
        return self.first is not None and self.unless is None and self.after is None and self.per is None

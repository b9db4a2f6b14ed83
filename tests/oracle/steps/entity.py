"""A whole entity: its lives, each with its states, and what they contribute."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from tests.oracle.events import Event
from tests.oracle.steps.holdings import Edge

Dimensions = tuple[Any, ...]


class Signed(NamedTuple):
    """A contribution (sign 1) or a withdrawal of its own (sign -1); of a level, a change by sign x value."""

    contribution: str
    time: int
    dimensions: Dimensions
    value: int
    sign: int


class Life:
    """`states`: of each part, its state. `until`: when it ends if nothing more is heard; None: never."""

    __slots__ = ("last", "states", "until")

    def __init__(self, last: int, states: tuple[Any, ...]) -> None:
        self.last = last
        self.until: int | None = None
        self.states = states


Lives = list[Life]
Out = Callable[..., Iterable[Signed]]


class EntityStep:
    """`parts`: the automata of the states. `out`: what one life contributes, given `until` and each part's state.

    `forget_after`: the silence in milliseconds after which the key starts anew; None: never.
    """

    fresh = list

    def __init__(self, parts: tuple[Any, ...], out: Out, *, forget_after: int | None) -> None:
        self._parts, self._out, self._forget_after = parts, out, forget_after

    def step(self, lives: Lives, event: Event) -> None:
        """Takes the next record of a key."""
        time, silence = event.time, self._forget_after
        if lives and (silence is None or time - lives[-1].last <= silence):
            life = lives[-1]
        else:
            life = Life(time, tuple(part.fresh() for part in self._parts))
            lives.append(life)
        life.last = time
        if silence is not None:
            life.until = time + silence
        for part, state in zip(self._parts, life.states, strict=True):
            part.step(state, event)

    def out(self, lives: Lives) -> list[Signed]:
        """All that the key contributes."""
        return [signed for life in lives for signed in self._out(life.until, *life.states)]

    def of(self, events: Iterable[Event]) -> list[Signed]:
        """All that the events of one key, in order, contribute."""
        lives: Lives = []
        for event in events:
            self.step(lives, event)
        return self.out(lives)


def level(
    name: str, edges: Iterable[Edge], dimensions: Callable[[Event], Dimensions], value: Callable[[Event], int]
) -> Iterable[Signed]:
    """The changes of a level."""
    return (Signed(name, time, dimensions(event), value(event), sign) for time, sign, event in edges)


def carried(event: Event | None, *names: str) -> Dimensions:
    """The values of fields, null where there is no event or it has none."""
    fields: Mapping[str, Any] = {} if event is None else event.fields
    return tuple(fields.get(name) for name in names)

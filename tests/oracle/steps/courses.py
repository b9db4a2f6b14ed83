"""A state of kind `stages`, with `won` and `lost`."""

from collections.abc import Callable, Mapping

from tests.oracle.events import Event

When = Callable[[Event], object]


class Stay:
    """In one stage: all visits that are at most the horizon apart. `left`: None while in it."""

    __slots__ = ("entered", "event", "forward", "left", "spent", "stage")

    def __init__(self, stage: str, event: Event) -> None:
        self.stage, self.entered, self.event = stage, event.time, event
        self.left: int | None = None
        self.forward = False
        self.spent = 0


class Course:
    """Where it is and since when; the latest stay in each stage, and all stays."""

    __slots__ = ("here", "latest", "since", "stays")

    def __init__(self) -> None:
        self.here: str | None = None
        self.since = 0
        self.latest: dict[str, Stay] = {}
        self.stays: list[Stay] = []


class Stages:
    """`stages`: what enters them, in their order. `within`: how long after a leaving a return withdraws it."""

    fresh = Course

    def __init__(self, stages: Mapping[str, When], won: When, lost: When, *, within: int) -> None:
        self._stages = list(stages.items())
        self._place = {name: place for place, name in enumerate(stages)}
        self._won, self._lost, self._within = won, lost, within

    def step(self, state: Course, event: Event) -> None:
        """Takes the next record."""
        for name, enters in self._stages:
            if enters(event):
                if name != state.here:
                    if state.here is not None:
                        self._leave(state, event.time, forward=self._place[name] > self._place[state.here])
                    self._enter(state, name, event)
                return
        if state.here is not None:
            if self._won(event):
                self._leave(state, event.time, forward=True)
            elif self._lost(event):
                self._leave(state, event.time, forward=False)

    @staticmethod
    def _leave(state: Course, time: int, *, forward: bool) -> None:
        stay = state.latest[str(state.here)]
        stay.left, stay.forward = time, forward
        stay.spent += time - state.since
        state.here = None

    def _enter(self, state: Course, name: str, event: Event) -> None:
        state.here, state.since = name, event.time
        stay = state.latest.get(name)
        if stay is not None and stay.left is not None and event.time - stay.left <= self._within:
            stay.left, stay.event = None, event
        else:
            state.latest[name] = stay = Stay(name, event)
            state.stays.append(stay)

"""What a window's value is made of, and how something that is held is measured."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tests.oracle.events import Event

Cells = dict[tuple[Any, ...], tuple[int, int]]
"""By dimension values: of something at a moment (count, sum); of a level (just before the end, its integral)."""

Windowed = Callable[[list[Event], int, int], dict[str, Cells]]
"""The cells of each contribution, of accepted events in any order, over [start, end)."""


class Counting:
    """Adds up moments and levels in one window."""

    def __init__(self, start: int, end: int) -> None:
        self.start, self.end = start, end
        self._cells: dict[str, dict[tuple[Any, ...], list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))

    def moment(self, contribution: str, time: int, dimensions: tuple[Any, ...], value: int, sign: int = 1) -> None:
        """Counts it where it lies in the window."""
        if self.start <= time < self.end:
            cell = self._cells[contribution][dimensions]
            cell[0] += sign
            cell[1] += sign * value

    def held(self, contribution: str, time: int, dimensions: tuple[Any, ...], value: int) -> None:
        """It is held during the millisecond from `time` on."""
        if self.start <= time < self.end:
            cell = self._cells[contribution][dimensions]
            cell[1] += value
            cell[0] += value * (time == self.end - 1)

    def cells(self) -> dict[str, Cells]:
        """All that is not zero."""
        found = {
            name: {dimensions: (cell[0], cell[1]) for dimensions, cell in cells.items() if any(cell)}
            for name, cells in self._cells.items()
        }
        return {name: cells for name, cells in found.items() if cells}


def heard(life: Sequence[Event], start: int, end: int, forget_after: int | None) -> Iterable[tuple[int, list[Event]]]:
    """Each millisecond of [start, end) in which the key is known and not given up, with what was said up to then."""
    for time in range(max(start, life[0].time), end):
        said = [event for event in life if event.time <= time]
        if forget_after is None or time < said[-1].time + forget_after:
            yield time, said

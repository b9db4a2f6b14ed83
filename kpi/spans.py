"""Which panes a measure reads for a window, and up to when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from kpi.grains import Grain
from kpi.reading import Span
from kpi.tiles import tiles, tiles_before
from kpi.windows import Window, previous
from schemas.kpis import Aggregate


class Shape(Enum):
    """What is read for an aggregate: the window alone, with the one before it, or with all time before it."""

    alone = "alone"
    with_previous = "with_previous"
    held = "held"

    @classmethod
    def of(cls, aggregate: Aggregate) -> "Shape":
        """The shape of an aggregate."""
        return _SHAPES.get(aggregate, cls.alone)


_SHAPES = {
    Aggregate.overlap: Shape.with_previous,
    Aggregate.level: Shape.held,
    Aggregate.integral: Shape.held,
}


@dataclass(frozen=True, slots=True)
class Until:
    """Up to where windows are read. `now`: the end of what is known, epoch milliseconds; None: of nothing yet."""

    now: int | None

    def end_of(self, window: Window) -> int | None:
        """Where reading the window ends; None where it has not begun."""
        return None if self.now is None or self.now < window.start else min(window.end, self.now)


FOR_EVER = Until(2**62)
"""Windows are read to their end."""


def read_window(window: Window, *, shifted: bool) -> Window:
    """The window that is read where `window` is asked for: `shifted`, the one before."""
    return previous(window) if shifted else window


def span_of(
    shape: Shape, window: Window, until: Until, grains: Sequence[Grain], horizons: Mapping[str, int]
) -> Span | None:
    """The panes of a window; None where it has not begun. `horizons`: see `tiles`. Raises NotRetained."""
    end = until.end_of(window)
    if end is None:
        return None
    inside = tiles(window, grains, horizons, end)
    if shape is Shape.held:
        return Span(inside, tiles_before(window.start, grains, horizons, window.zone), window.start, end)
    if shape is Shape.with_previous:
        return Span(inside, tiles(previous(window), grains, horizons), window.start, end)
    return Span(inside, (), window.start, end)

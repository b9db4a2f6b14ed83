"""Which panes a measure reads for a window, and up to when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from kpi.grains import Grain
from kpi.plan import Group, MeasureReading, Plan
from kpi.reading import Span
from kpi.tiles import NotRetained, Tile, tiles, tiles_before
from kpi.windows import Window, previous
from schemas.kpis import Aggregate, Kpi, Measure


class Shape(Enum):
    """What is read for an aggregate: the window alone, with the one before it, or with all time before it, which goes
    into `ever` as if it were in the window.
    """

    alone = "alone"
    with_previous = "with_previous"
    held = "held"
    ever = "ever"

    @classmethod
    def of(cls, measure: Measure) -> "Shape":
        """The shape of a measure."""
        return cls.ever if measure.window == "ever" else _SHAPES.get(measure.aggregate, cls.alone)


_SHAPES = {
    Aggregate.overlap: Shape.with_previous,
    Aggregate.level: Shape.held,
    Aggregate.integral: Shape.held,
    Aggregate.lost: Shape.held,
    Aggregate.least: Shape.held,
}


@dataclass(frozen=True, slots=True)
class Until:
    """Up to where windows are read. `now`: the end of what is known, epoch milliseconds; None: of nothing yet."""

    now: int | None

    def end_of(self, window: Window) -> int | None:
        """Where reading the window ends; None where it has not begun."""
        return None if self.now is None or self.now < window.start else min(window.read_to, self.now)


FOR_EVER = Until(2**62)
"""Windows are read to their end."""
BEGINNING = -(2**62)
"""Before everything, epoch milliseconds."""


@dataclass(frozen=True, slots=True)
class Read:
    """One reading of a group, for the named measures: by place the windows read, their spans (None: there is nothing to
    read yet), and why the panes cannot answer. `shifted`: the windows are those before the ones asked for.
    """

    group: Group
    readings: Mapping[str, MeasureReading]
    windows: Sequence[Window]
    spans: Sequence[Span | None]
    refused: Sequence[NotRetained | None]
    shifted: bool


class Layout:
    """Where panes lie. `horizons`: by grain, the epoch milliseconds before which they are gone; absent: all are held.

    `until`: up to where windows are read.
    """

    def __init__(self, grains: Sequence[Grain], horizons: Mapping[str, int], until: Until) -> None:
        self._grains, self._horizons, self._until = grains, horizons, until

    def reads(self, plan: Plan, kpi: Kpi, windows: Sequence[Window]) -> list[Read]:
        """What is to be read for the KPI's own measures: of each group, each shape of spans once."""
        chosen: dict[tuple[str, Shape, bool], dict[str, MeasureReading]] = {}
        for name, measure in kpi.measures.items():
            reading = plan.readings[kpi.kpi, name]
            key = reading.group, Shape.of(measure), measure.window == "previous"
            chosen.setdefault(key, {})[name] = reading
        reads = []
        for (group, shape, shifted), readings in chosen.items():
            read_windows = [previous(window) if shifted else window for window in windows]
            spans, refused = zip(*(self._span(shape, window) for window in read_windows), strict=True)
            if shape is Shape.ever:
                read_windows = [replace(window, start=BEGINNING) for window in windows]
            reads.append(Read(plan.groups[group], readings, read_windows, spans, refused, shifted))
        return reads

    def keeps(self, window: Window) -> bool:
        """Whether all panes of a window are held."""
        try:
            tiles(window, self._grains, self._horizons)
        except NotRetained:
            return False
        return True

    def _span(self, shape: Shape, window: Window) -> tuple[Span | None, NotRetained | None]:
        end = self._until.end_of(window)
        if end is None:
            return None, None
        try:
            if shape is Shape.ever:
                return Span(tiles_before(end, self._grains, self._horizons, window.zone), (), window.start, end), None
            inside = tiles(window, self._grains, self._horizons, end)
            return Span(inside, self._before(shape, window), window.start, end), None
        except NotRetained as refusal:
            return None, refusal

    def _before(self, shape: Shape, window: Window) -> Sequence[Tile]:
        if shape is Shape.held:
            return tiles_before(window.start, self._grains, self._horizons, window.zone)
        return tiles(previous(window), self._grains, self._horizons) if shape is Shape.with_previous else ()

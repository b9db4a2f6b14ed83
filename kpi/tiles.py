"""Which panes make up a span of time: whole days where they are, then quarters of an hour, then minutes."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from kpi.grains import MINUTE, QUARTER, Grain, day_start, midnight_after
from kpi.windows import Window

MINUTES = "1m"
QUARTERS = "15m"


@dataclass(frozen=True, slots=True)
class Tile:
    """All panes of a grain that start in [start, end); `start` None: from the beginning, with what left retention."""

    grain: str
    start: int | None
    end: int


class NotRetained(Exception):
    """A span needs panes that are gone: `grain`, and `horizon`, the epoch milliseconds before which it holds none."""

    def __init__(self, grain: str, start: int, horizon: int) -> None:
        self.grain, self.start, self.horizon = grain, start, horizon
        super().__init__(
            f"panes of {grain} are kept from {_text(horizon)} on, and this window needs them from {_text(start)}: "
            "ask for a later window, or for whole days of a reporting time zone"
        )


def tiles(window: Window, grains: Sequence[Grain], horizons: Mapping[str, int], end: int | None = None) -> list[Tile]:
    """The tiles that cover a window up to `end` (by default as far as it is read), in order, without overlap.

    `horizons`: by grain, the epoch milliseconds before which its panes are gone; absent where all are held.
    Raises NotRetained.
    """
    end = window.read_to if end is None else min(end, window.read_to)
    if end <= window.start:
        return []
    day = next((grain for grain in grains if grain.has_days_of(window.zone, window.start)), None)
    if day is not None:
        first, last = midnight_after(window.start - 1, window.zone), _midnight_before(end, window.zone)
        if first < last:
            head, tail = _fine(window.start, first, horizons), _fine(last, end, horizons)
            return [*head, _kept(Tile(day.name, first, last), horizons), *tail]
    return _fine(window.start, end, horizons)


def tiles_before(end: int, grains: Sequence[Grain], horizons: Mapping[str, int], zone: str | None = None) -> list[Tile]:
    """The tiles of everything before `end`, for levels; in days of `zone` where these are kept. Raises NotRetained."""
    days = [grain for grain in grains if grain.length is None]
    day = next((grain for grain in days if grain.zone == zone), days[0])
    midnight = _midnight_before(end, day.zone)
    return [Tile(day.name, None, midnight), *_fine(midnight, end, horizons)]


def _fine(start: int, end: int, horizons: Mapping[str, int]) -> list[Tile]:
    first, last = start + -start % QUARTER, end - end % QUARTER
    if first >= last:
        parts = [Tile(MINUTES, start, end)]
    else:
        parts = [Tile(MINUTES, start, first), Tile(QUARTERS, first, last), Tile(MINUTES, last, end)]
    return [_kept(part, horizons) for part in parts if part.start != part.end]


def _kept(tile: Tile, horizons: Mapping[str, int]) -> Tile:
    horizon = horizons.get(tile.grain)
    if horizon is not None and tile.start is not None and tile.start < horizon:
        raise NotRetained(tile.grain, tile.start, horizon)
    return tile


def _midnight_before(moment: int, zone: str) -> int:
    """The last midnight of `zone` at or before `moment`."""
    return day_start(datetime.datetime.fromtimestamp(moment / 1000, ZoneInfo(zone)).date(), zone)


def _text(moment: int) -> str:
    return datetime.datetime.fromtimestamp(moment // MINUTE * 60, datetime.UTC).strftime("%Y-%m-%dT%H:%MZ")

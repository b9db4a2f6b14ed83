"""Panes that cover a window: each instant once, as coarse as they may be, and none that is gone."""

from itertools import pairwise

import pytest

from kpi.grains import DAY, grains
from kpi.tiles import NotRetained, Tile, tiles, tiles_before
from kpi.windows import Kind, window_at
from schemas.times import parse_time

BERLIN = grains(["Europe/Berlin"])


def covered(name: str, kind: Kind, at: str, zone: str, horizons: dict[str, int] | None = None) -> list[Tile]:
    return tiles(window_at(name, kind, parse_time(at), zone), BERLIN, horizons or {})


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu", "UTC"])
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("5m", Kind.rolling),
        ("24h", Kind.rolling),
        ("72h", Kind.rolling),
        ("1h", Kind.tumbling),
        ("month", Kind.calendar),
    ],
)
def test_tiles_cover_a_window_without_gap_or_overlap(name: str, kind: Kind, zone: str) -> None:
    window = window_at(name, kind, parse_time("2026-10-26T09:07:12Z"), zone)
    found = tiles(window, BERLIN, {})
    assert (found[0].start, found[-1].end) == (window.start, window.end)
    assert all(before.end == after.start for before, after in pairwise(found))


def test_a_reporting_zone_has_whole_days() -> None:
    (tile,) = covered("month", Kind.calendar, "2026-10-26T09:00:00Z", "Europe/Berlin")
    assert tile == Tile("1d:Europe/Berlin", parse_time("2026-09-30T22:00:00Z"), parse_time("2026-10-31T23:00:00Z"))


def test_another_zone_is_answered_from_quarters() -> None:
    (tile,) = covered("day", Kind.calendar, "2026-10-25T10:00:00Z", "Asia/Kathmandu")
    assert tile == Tile("15m", parse_time("2026-10-24T18:15:00Z"), parse_time("2026-10-25T18:15:00Z"))


def test_edges_are_minutes_and_quarters() -> None:
    found = covered("72h", Kind.rolling, "2026-10-28T09:07:00Z", "Europe/Berlin")
    assert [tile.grain for tile in found] == ["1m", "15m", "1d:Europe/Berlin", "15m", "1m"]
    assert found[2].end - (found[2].start or 0) == 2 * DAY


def test_panes_that_are_gone_are_refused() -> None:
    horizons = {"1m": parse_time("2026-10-27T00:00:00Z"), "15m": parse_time("2026-10-01T00:00:00Z")}
    at = "2026-10-26T09:07:00Z"
    with pytest.raises(NotRetained, match="1m are kept from 2026-10-27T00:00Z on"):
        covered("5m", Kind.rolling, at, "Europe/Berlin", horizons)
    assert covered("1h", Kind.tumbling, at, "Europe/Berlin", horizons)
    with pytest.raises(NotRetained) as refusal:
        covered("day", Kind.calendar, "2026-09-20T09:00:00Z", "UTC", horizons)
    assert (refusal.value.grain, refusal.value.horizon) == ("15m", horizons["15m"])
    assert covered("day", Kind.calendar, "2026-09-20T09:00:00Z", "Europe/Berlin", horizons)


def test_everything_before_a_moment() -> None:
    found = tiles_before(parse_time("2026-10-25T10:07:00Z"), BERLIN, {})
    midnight = parse_time("2026-10-24T22:00:00Z")
    quarter = parse_time("2026-10-25T10:00:00Z")
    assert found == [
        Tile("1d:Europe/Berlin", None, midnight),
        Tile("15m", midnight, quarter),
        Tile("1m", quarter, quarter + 7 * 60_000),
    ]

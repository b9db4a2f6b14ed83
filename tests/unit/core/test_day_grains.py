"""Days are kept once for each distinct midnight of the reporting zones."""

import datetime

import polars as pl
import pytest

from kpi.grains import Grain, day_start, grains
from kpi.tiles import NotRetained, Tile, tiles
from kpi.windows import Kind, window_at
from schemas.times import parse_time


def days(*zones: str) -> dict[str, tuple[str, ...]]:
    return {grain.name: grain.sharing for grain in grains(zones) if grain.length is None}


def day_of(zone: str, at: str, among: tuple[Grain, ...], horizons: dict[str, int] | None = None) -> list[Tile]:
    return tiles(window_at("day", Kind.calendar, parse_time(at), zone), among, horizons or {})


def test_zones_of_one_midnight_share_a_grain() -> None:
    assert days("UTC", "Europe/Berlin", "Africa/Abidjan", "Europe/Paris", "Europe/London", "Europe/Berlin") == {
        "1d:UTC": ("Africa/Abidjan",),
        "1d:Europe/Berlin": ("Europe/Paris",),
        "1d:Europe/London": (),
    }


def test_zones_that_differ_on_one_day_are_two() -> None:
    # Cairo and Johannesburg are both at +02:00 in winter; Moscow and Istanbul differed until 2016.
    assert len(days("Africa/Cairo", "Africa/Johannesburg", "Europe/Moscow", "Europe/Istanbul")) == 4


def test_readers_find_the_shared_day() -> None:
    held = grains(["Europe/Berlin", "Europe/Paris"])
    start, end = parse_time("2026-10-24T22:00:00Z"), parse_time("2026-10-25T23:00:00Z")
    assert day_of("Europe/Paris", "2026-10-25T10:00:00Z", held) == [Tile("1d:Europe/Berlin", start, end)]


def test_before_they_were_the_same_each_zone_has_its_own_days() -> None:
    held = grains(["Europe/Berlin", "Europe/Paris"])
    # In July 1978 Paris had summer time and Berlin had not.
    assert {tile.grain for tile in day_of("Europe/Berlin", "1978-07-01T10:00:00Z", held)} == {"1d:Europe/Berlin"}
    assert {tile.grain for tile in day_of("Europe/Paris", "1978-07-01T10:00:00Z", held)} == {"15m"}


def test_a_zone_that_is_not_reported_is_answered_while_quarters_are_kept() -> None:
    held = grains(["Europe/Berlin"])
    assert {tile.grain for tile in day_of("Europe/Paris", "2026-10-25T10:00:00Z", held)} == {"15m"}
    with pytest.raises(NotRetained, match="for whole days of a reporting time zone"):
        day_of("Europe/Paris", "2026-10-25T10:00:00Z", held, {"15m": parse_time("2026-11-01T00:00:00Z")})


@pytest.mark.parametrize("zone", ["Europe/Paris", "Africa/Cairo", "Asia/Kathmandu", "America/Toronto"])
def test_writers_and_readers_know_the_same_midnights(zone: str) -> None:
    (grain,) = (grain for grain in grains([zone]) if grain.length is None)
    first = datetime.date(2026, 1, 1)
    starts = [day_start(first + datetime.timedelta(days=place), zone) for place in range(366)]
    moments = pl.DataFrame({"time": [moment for start in starts for moment in (start - 1, start)]})
    found = moments.select(grain.start_of("time"))["time"].to_list()
    assert found[1::2] == starts
    assert found[2::2] == starts[:-1]
    assert [grain.end_of(start) for start in starts[:-1]] == starts[1:]

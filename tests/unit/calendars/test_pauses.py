"""Pauses are taken from open time in open time: what was paused at night was not open anyway."""

import random
from pathlib import Path

import pytest

from schemas.times import parse_time
from tests.cases.declared import kpi
from tests.oracle.calendars import MINUTE, Desk, elapsed
from tests.pipeline import Pipeline, catalogue_of

UNITS = """
stream: plant.unit
key: unit_id
partitions: 1
clock: replay
lateness: 7d
fields:
  unit_id: string
  action: {enum: [started, paused, resumed, waiting, delivered, finished]}
---
calendar: shifts
zone: America/New_York
hours: {mon: [06:00-14:00], tue: [06:00-14:00, 22:00-24:00], wed: [00:00-06:00], sun: [00:30-03:30]}
---
entity: unit
of: {plant.unit: unit_id}
forget_after: 30d
states:
  started: {first: action = 'started'}
  finished: {first: action = 'finished', after: started}
  paused: {enter: action = 'paused', leave: action = 'resumed'}
  waiting: {enter: action = 'waiting', leave: action = 'delivered'}
durations:
  cycle: {from: started_time, to: finished_time, calendar: shifts, less: [paused, waiting]}
contributions:
  cycle: {at: finished_time, value: cycle}
""" + kpi("cycle_time", "{all: {from: unit.cycle, aggregate: sum}}", "all", windows="{calendar: [year]}")
SHIFT = ((6, 0), (14, 0))
DESK = Desk(
    "America/New_York",
    {
        0: [SHIFT],
        1: [SHIFT, ((22, 0), (24, 0))],
        2: [((0, 0), (6, 0))],
        6: [((0, 30), (3, 30))],
    },
)


def minutes_apart(start: int, end: int, pauses: list[tuple[int, int]]) -> int:
    """The open milliseconds of the minutes that lie in no pause."""
    return sum(
        elapsed([DESK], minute, minute + MINUTE)
        for minute in range(start, end, MINUTE)
        if not any(begin <= minute < stop for begin, stop in pauses)
    )


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_it_equals_the_open_minutes_in_no_pause(tmp_path: Path, seed: int) -> None:
    """Over the end of summer time, in an order that is not that of time."""
    chosen = random.Random(seed)
    start = parse_time("2026-10-30T12:00:00Z") + chosen.randrange(0, 1000) * MINUTE
    end = start + chosen.randrange(4000, 6000) * MINUTE
    pauses, said = [], [(start, "started"), (end, "finished")]
    for begins, ends in (("paused", "resumed"), ("waiting", "delivered")):
        edges = sorted(chosen.sample(range(start // MINUTE - 500, end // MINUTE + 500), 8))
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            pause = (first * MINUTE, min(last, first + 500) * MINUTE)
            pauses.append(pause)
            said += [(pause[0], begins), (pause[1], ends)]
    chosen.shuffle(said)
    made = Pipeline(catalogue_of(tmp_path, UNITS))
    for time, action in said:
        made.send("plant.unit", {"time": time, "unit_id": "one", "action": action})
    found = made.value("cycle_time", "year", "2026-06-01T00:00:00Z")
    made.view.close()

    whole = elapsed([DESK], start, end)
    assert found.value == minutes_apart(start, end, pauses)
    assert 0 < (found.value or 0) < whole, "another seed: these pauses show nothing"

"""What is lost in a window: the levels at its start of the keys that have none at its end."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.times import parse_time
from tests.pipeline import Pipeline, catalogue_of

DAY = 86_400_000
START = parse_time("2026-03-02T00:00:00Z")
WEEK = ("week", "2026-03-04T00:00:00Z")

CLUB = """
reporting: default
most_keys: 64
---
stream: club.member
key: name
partitions: 1
clock: replay
disorder: 0s
lateness: 20d
fields: {name: string, action: {enum: [joined, left, moved]}, town: string, fee: int64, currency: string}
---
entity: member
of: {club.member: name}
forget_after: never
states:
  here:
    enter: action = 'joined'
    leave: action = 'left'
    renew: action = 'moved'
    carrying: [name, town, fee, currency]
contributions:
  here: {level: here, dimensions: &of {name: here_name, town: here_town}}
  paying: {level: here, value: here_fee, currency: here_currency, dimensions: *of}
---
kpi: lost_members
title: Lost members
sentence: How many of the members at the start are gone at the end.
department: sales
unit: members
direction: down
kind: lagging
owner: nobody
measures:
  lost: {from: member.here, aggregate: lost, key: name}
  before: {from: member.here, aggregate: level, window: previous}
formula: lost
also: {before: before}
dimensions: [town]
windows: {calendar: [week]}
serve: [complete]
---
kpi: lost_fees
title: Lost fees
sentence: What those paid who were members at the start and are gone at the end.
department: sales
unit: money
direction: down
kind: lagging
owner: nobody
measures:
  lost: {from: member.paying, aggregate: lost, key: name}
formula: lost
dimensions: [town]
windows: {calendar: [week]}
serve: [complete]
"""


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Pipeline]:
    pipeline = Pipeline(catalogue_of(tmp_path, CLUB))
    yield pipeline
    pipeline.view.close()


def said(name: str, day: float, action: str, town: str = "york", fee: int = 1000) -> dict[str, object]:
    time = START + round(day * DAY)
    return {"time": time, "name": name, "action": action, "town": town, "fee": fee, "currency": "EUR"}


def over(made: Pipeline, kpi: str, **where: str) -> float | None:
    return made.value(kpi, "week", "2026-03-09T00:00:00Z", **where).value


def told(made: Pipeline, *events: dict[str, object]) -> None:
    made.send("club.member", *events, said("clock", 40, "left"))


def test_who_is_gone_at_the_end_is_lost_and_nobody_else(made: Pipeline) -> None:
    told(
        made,
        *(said(name, -3, "joined") for name in ("gone", "back", "stays", "early")),
        said("early", -1, "left"),
        said("gone", 1, "left"),
        said("back", 1, "left"),
        said("back", 2, "joined"),
        said("new", 2, "joined"),
        said("new", 3, "left"),
        said("stays", 7, "left"),
    )
    value = made.value("lost_members", "week", "2026-03-09T00:00:00Z")
    assert (value.value, value.also) == (1, {"before": 3})
    assert over(made, "lost_fees") == 10


def test_who_leaves_as_the_window_begins_was_there_before_it(made: Pipeline) -> None:
    told(made, said("a", -1, "joined"), said("a", 0, "left"))
    assert over(made, "lost_members") == 1


def test_who_moved_is_not_lost_to_where_he_was(made: Pipeline) -> None:
    told(
        made,
        *(said(name, -1, "joined") for name in ("moves", "goes")),
        said("moves", 1, "moved", town="hull"),
        said("goes", 1, "moved", town="hull", fee=5000),
        said("goes", 2, "left", town="hull"),
    )
    assert over(made, "lost_members", town="york") == 1
    assert over(made, "lost_members", town="hull") == 0, "nobody was there before"
    assert over(made, "lost_fees", town="york") == 10, "what was paid at the start"
    (york,) = made.values("lost_members", "week", "2026-03-09T00:00:00Z", by=("town",))
    assert (york.dimensions, york.value) == ({"town": "york"}, 1)


def test_a_late_record_gives_back_who_was_lost(made: Pipeline) -> None:
    made.send("club.member", said("a", -1, "joined"), said("a", 1, "left"), said("clock", 10, "left"))
    lost = made.value("lost_members", "week", "2026-03-09T00:00:00Z")
    made.send("club.member", said("a", 2, "joined"))
    found = made.value("lost_members", "week", "2026-03-09T00:00:00Z")
    assert (lost.value, found.value, found.revision) == (1, 0, lost.revision + 1)


def test_a_sample_of_many_keys_gives_bounds(made: Pipeline) -> None:
    chance = random.Random("lost")
    names = [f"{chance.getrandbits(40):x}" for _ in range(600)]
    told(made, *(said(name, -1, "joined") for name in names), *(said(name, 1, "left") for name in names[:400]))
    value = made.value("lost_members", "week", "2026-03-09T00:00:00Z")
    assert value.also == {"before": 600}, "a level is counted, whoever it is of"
    assert value.bounds is not None
    assert value.bounds.low < 400 < value.bounds.high

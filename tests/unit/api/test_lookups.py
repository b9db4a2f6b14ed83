"""Attributes that are looked up for events, as values: of plain events, entities and joins."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline import Pipeline, catalogue_of

ABOUT = "title: t\nsentence: s\ndepartment: sales\nunit: things\ndirection: up\nkind: leading\nowner: me\n"
DESK = f"""
stream: desk.call
key: call_id
partitions: 1
clock: replay
disorder: 0s
lateness: 5d
corrections: 2d
fields: {{call_id: string, rep_id: string?, extension: int32?, customer: string}}
attributes:
  team: {{in: reps, by: rep_id}}
  floor: {{by: extension, values: {{"11": ground, "21": first}}}}
contributions:
  made: {{where: team is not null, dimensions: {{unit: "upper(team)"}}}}
---
stream: desk.order
partitions: 1
clock: replay
disorder: 0s
lateness: 5d
fields: {{customer: string, rep_id: string}}
attributes: {{seller: {{in: reps, by: rep_id, take: team}}}}
---
lookup: reps
key: rep
file: reps.csv
---
entity: customer
of: {{desk.call: customer, desk.order: customer}}
forget_after: 90d
states:
  called: {{first: {{desk.call: "team = 'north'"}}, carrying: [team]}}
  ordered: {{first: {{desk.order: "seller = 'south'"}}, after: called, carrying: [seller]}}
contributions:
  won: {{at: ordered_time, dimensions: {{team: called_team, seller: ordered_seller}}}}
---
kpi: calls
{ABOUT}measures:
  calls: {{from: desk.call, aggregate: count}}
  upstairs: {{from: desk.call, aggregate: count, where: floor = 'first'}}
formula: calls
also: {{upstairs: upstairs}}
dimensions: [team]
reach: 2d
windows: {{calendar: [day]}}
---
kpi: made
{ABOUT}measures: {{made: {{from: desk.call.made, aggregate: count}}}}
formula: made
dimensions: [unit]
reach: 2d
windows: {{calendar: [day]}}
---
kpi: won
{ABOUT}measures: {{won: {{from: customer.won, aggregate: count}}}}
formula: won
dimensions: [team, seller]
reach: 2d
windows: {{calendar: [day]}}
"""
DAY, TABLE = "2026-03-02T12:00:00Z", "rep,team\nann,north\nbob,south\ncat,\n"
Event = dict[str, Any]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Pipeline]:
    (tmp_path / "reps.csv").write_text(TABLE)
    pipeline = Pipeline(catalogue_of(tmp_path, DESK.replace("string?", '"string?"').replace("int32?", '"int32?"')))
    yield pipeline
    pipeline.view.close()


def call(name: str, rep: str | None, hour: int, **more: Any) -> Event:
    event = {"id": name, "call_id": name, "time": f"2026-03-02T{hour:02}:00:00Z", "rep_id": rep, "customer": name[0]}
    return {**event, **more}


def by(pipeline: Pipeline, kpi: str, *dimensions: str) -> dict[tuple[str | None, ...], object]:
    found = pipeline.values(kpi, "day", DAY, by=dimensions)
    return {tuple(value.dimensions[name] for name in dimensions): value.value for value in found}


def test_events_are_counted_by_what_is_looked_up(made: Pipeline) -> None:
    made.send(
        "desk.call",
        call("a1", "ann", 8, extension=21),
        call("a2", "bob", 9, extension=11),
        # What an event says by the name of an attribute is an unknown field.
        call("b1", "ann", 10, team="south"),
        call("b2", "cat", 11),
        call("c1", "dan", 12, extension=31),
        call("c2", None, 13),
    )

    assert by(made, "calls", "team") == {("north",): 2, ("south",): 1, (None,): 3}
    assert made.value("calls", "day", DAY).also == {"upstairs": 1}
    assert by(made, "made", "unit") == {("NORTH",): 2, ("SOUTH",): 1}


def test_a_correction_moves_an_event_to_what_is_looked_up_for_it(made: Pipeline) -> None:
    made.send("desk.call", call("a1", "ann", 8), call("a2", "bob", 9))
    made.send("desk.call", call("a1+", "bob", 10, call_id="a1", corrects="a1"))
    assert by(made, "calls", "team") == {("south",): 2}
    assert by(made, "made", "unit") == {("SOUTH",): 2}

    made.send("desk.call", call("a2+", "bob", 11, call_id="a2", voids="a2"))
    assert by(made, "calls", "team") == {("south",): 1}


def test_entities_of_several_streams_read_what_is_looked_up(made: Pipeline) -> None:
    order = {"time": "2026-03-02T14:00:00Z", "customer": "a"}
    made.send("desk.call", call("a1", "ann", 8), call("b1", "bob", 8))
    made.send("desk.order", {**order, "rep_id": "ann"}, {**order, "rep_id": "bob"})
    made.send("desk.order", {**order, "customer": "b", "rep_id": "bob"})
    made.send("desk.call", call("z1", "bob", 20))
    made.send("desk.order", {**order, "time": "2026-03-02T20:00:00Z", "customer": "z", "rep_id": "dan"})

    assert by(made, "won", "team", "seller") == {("north", "south"): 1}


def test_another_table_is_another_definition(tmp_path: Path, made: Pipeline) -> None:
    made.send("desk.call", call("a1", "ann", 8))
    (tmp_path / "reps.csv").write_text(TABLE.replace("ann,north", "ann,west"))
    text = (tmp_path / "catalogue.yaml").read_text().replace("'north'", "'west'")
    again = made.restarted(catalogue_of(tmp_path, text))
    again.send("desk.call", call("a2", "ann", 9))

    value = again.value("calls", "day", DAY, team="west")
    assert (value.value, value.reason) == (None, "before_start")
    again.view.close()

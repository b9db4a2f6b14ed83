"""What streams contribute by dates of their own: the rows are those of one look at all records, however they came."""

import datetime
from collections import Counter
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from schemas.kpis import Catalogue
from services.runtime.catalogue import load
from tests.oracle.dated import first_instant, hour_of_week, in_time, shares, standing
from tests.property.bodies.settings import MANY
from tests.property.core.simulation import Served, Simulated

BERLIN, STREAM = "Europe/Berlin", "book.entry"
HOUR, DAY = 3_600_000, 86_400_000
T0 = first_instant(datetime.date(2026, 3, 27), "UTC")
"""Two days before the clocks change in Berlin."""
WITHIN, CORRECTIONS = 4 * DAY, 3 * DAY
BOOKS = """
stream: book.entry
key: centre
partitions: 1
clock: replay
disorder: 0s
lateness: 90d
corrections: 3d
fields: {centre: string, amount: int32, effective: date?, until: date?}
contributions:
  posted: {at: {day: effective, zone: Europe/Berlin}, within: 4d, value: amount, dimensions: {centre: centre}}
  daily:
    spread: {from: effective, to: until, zone: Europe/Berlin}
    within: 4d
    value: amount
    where: amount <> 3
    dimensions: {centre: centre}
  entered: {dimensions: {hour: {hour_of_week: time, zone: Europe/Berlin}}}
---
kpi: posted
measures: {total: {from: book.entry.posted, aggregate: sum}}
formula: total
dimensions: [centre]
reach: 7d
---
kpi: daily
measures: {total: {from: book.entry.daily, aggregate: sum}}
formula: total
dimensions: [centre]
reach: 7d
---
kpi: entered
measures: {total: {from: book.entry.entered, aggregate: count}}
formula: total
dimensions: [hour]
reach: 3d
---
reporting: default
zones: [Europe/Berlin, UTC]
"""
Rows = Counter[tuple[int, object]]


@cache
def catalogue() -> Catalogue:
    about = "title: t\nsentence: s\ndepartment: d\nunit: points\ndirection: up\nkind: lagging\nowner: me\n"
    text = BOOKS.replace("formula: total\n", f"formula: total\nwindows: {{calendar: [day]}}\n{about}")
    with TemporaryDirectory() as folder:
        (Path(folder) / "books.yaml").write_text(text.replace("date?", '"date?"'))
        return load([Path(folder)], default=False)


def dates(draw: st.DrawFn) -> dict[str, Any]:
    day = datetime.date(2026, 3, 27) + datetime.timedelta(days=draw(st.integers(-5, 6)))
    until = day + datetime.timedelta(days=draw(st.sampled_from([0, 0, 1, 2, 30])))
    if draw(st.integers(0, 9)) == 0:
        return {"effective": None, "until": str(until)}
    return {"effective": str(day), "until": None if draw(st.integers(0, 9)) == 0 else str(until)}


@st.composite
def logs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Entries, what corrects and voids them, and repetitions, in any order."""
    log: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 30))):
        body = {"centre": draw(st.sampled_from("ab")), "amount": draw(st.integers(-7, 7)), **dates(draw)}
        record = {"id": f"{number:02}", "time": T0 + draw(st.integers(0, 5 * 24)) * HOUR, **body}
        plain = [each["id"] for each in log if "corrects" not in each and "voids" not in each]
        if plain and draw(st.integers(0, 2)) == 0:
            record[draw(st.sampled_from(["corrects", "voids"]))] = draw(st.sampled_from(plain))
        log.append(record)
    again = [draw(st.sampled_from(log)) for _ in range(draw(st.integers(0, 4)))]
    return list(draw(st.permutations([*log, *again])))


STEPS = st.lists(
    st.tuples(st.sampled_from(["take", "take", "flush", "tear", "zombie", "start"]), st.integers(1, 9)), max_size=15
)


def first_of(record: dict[str, Any]) -> int | None:
    effective = record["effective"]
    return None if effective is None else first_instant(datetime.date.fromisoformat(effective), BERLIN)


def wanted(log: list[dict[str, Any]]) -> dict[str, Rows]:
    """By KPI, the total of each (moment, dimension value)."""
    once = {record["id"]: record for record in log}.values()
    accepted = [r for r in once if (first := first_of(r)) is None or in_time(r, first, WITHIN, CORRECTIONS)]
    found: dict[str, Rows] = {"posted": Rows(), "daily": Rows(), "entered": Rows()}
    for event in standing(accepted, CORRECTIONS):
        found["entered"][event["time"], hour_of_week(event["time"], BERLIN)] += 1
        if event["effective"] is None:
            continue
        day = datetime.date.fromisoformat(event["effective"])
        found["posted"][first_instant(day, BERLIN), event["centre"]] += event["amount"]
        if event["until"] is not None and event["amount"] != 3:
            for each, share in shares(event["amount"], day, datetime.date.fromisoformat(event["until"])):
                found["daily"][first_instant(each, BERLIN), event["centre"]] += share
    return found


def summed(rows: Rows, zone: str) -> Rows:
    """By the day of a zone, which is found without the start of a day."""
    days = Rows()
    for (moment, value), total in rows.items():
        day = datetime.datetime.fromtimestamp(moment / 1000, ZoneInfo(zone)).date()
        days[first_instant(day, zone), value] += total
    return Rows({place: total for place, total in days.items() if total})


def served(simulated: Simulated, grain: str) -> dict[str, Rows]:
    found = {}
    records = Served(simulated.plan, list(simulated.settled().values()))
    for kpi, dimension, column in (
        ("posted", "centre", "value"),
        ("daily", "centre", "value"),
        ("entered", "hour", "count"),
    ):
        rows = Rows()
        for names, columns in records.rows(kpi, "total", grain, 0, 2**62):
            rows[columns["start"], names[dimension]] += columns[column]
        found[kpi] = Rows({place: total for place, total in rows.items() if total})
    return found


@MANY
@given(log=logs(), steps=STEPS)
def test_rows_are_those_of_the_records_that_stand(log: list[dict[str, Any]], steps: list[tuple[str, int]]) -> None:
    simulated = Simulated(catalogue(), STREAM, 0, f"{STREAM}.v1", log)
    for step, size in steps:
        simulated.act(step, size)
    simulated.drain()

    found = wanted(log)
    assert served(simulated, f"1d:{BERLIN}") == {name: summed(rows, BERLIN) for name, rows in found.items()}
    assert served(simulated, "1d:UTC") == {name: summed(rows, "UTC") for name, rows in found.items()}

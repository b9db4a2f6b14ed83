"""Closed days: what is late is what the log before it says, and what all have closed never changes."""

import datetime
from collections import Counter
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kpi.accepting.closings import closed_by_all
from schemas.kpis import Catalogue
from services.runtime.catalogue import load
from tests.oracle import closings as oracle
from tests.oracle.dated import first_instant
from tests.property.bodies.settings import MANY
from tests.property.core.simulation import Served, Simulated

STREAM, ZONE = "book.entry", "America/New_York"
T0 = first_instant(datetime.date(2026, 3, 7), "UTC")
"""The day before the clocks change in New York."""
BOOKS = """
stream: book.entry
key: who
partitions: 1
clock: replay
disorder: 0s
lateness: 90d
fields: {who: string, amount: int32, day: "date?", closes: boolean}
closing: {where: closes, per: who, through: day, zone: America/New_York, of: OF}
contributions:
  posted:
    at: {day: day, zone: America/New_York}
    value: amount
    where: not closes
---
kpi: posted
title: t
sentence: s
department: d
unit: points
direction: up
kind: lagging
owner: me
measures: {total: {from: book.entry.posted, aggregate: sum}}
formula: total
windows: {calendar: [day]}
---
reporting: default
zones: [America/New_York]
"""
OF = ((), ("a", "b"))


@cache
def catalogue(of: tuple[str, ...]) -> Catalogue:
    with TemporaryDirectory() as folder:
        (Path(folder) / "books.yaml").write_text(BOOKS.replace("OF", f"[{', '.join(of)}]"))
        return load([Path(folder)], default=False)


@st.composite
def logs(draw: st.DrawFn) -> list[dict[str, Any]]:
    log = []
    for number in range(draw(st.integers(1, 25))):
        day = datetime.date(2026, 3, 4) + datetime.timedelta(days=draw(st.integers(0, 8)))
        body = {"who": draw(st.sampled_from("abc")), "amount": 1 << number, "closes": draw(st.integers(0, 2)) == 0}
        told = None if draw(st.integers(0, 11)) == 0 else str(day)
        log.append({"id": f"{number}", "time": T0 + draw(st.integers(0, 40)), "day": told, **body})
    return log


STEPS = st.lists(
    st.tuples(st.sampled_from(["take", "take", "flush", "tear", "zombie"]), st.integers(1, 9)), max_size=15
)


def totals(simulated: Simulated) -> Counter[int]:
    """By day what is posted."""
    found: Counter[int] = Counter()
    served = Served(simulated.plan, list(simulated.settled().values()))
    for _, columns in served.rows("posted", "total", f"1d:{ZONE}", 0, 2**62):
        found[columns["start"]] += columns["value"]
    return found


@MANY
@given(log=logs(), steps=STEPS, of=st.sampled_from(OF))
def test_what_is_late_follows_from_the_log_and_closed_days_stay(
    log: list[dict[str, Any]], steps: list[tuple[str, int]], of: tuple[str, ...]
) -> None:
    simulated = Simulated(catalogue(of), STREAM, 0, f"{STREAM}.v1", log)
    final: dict[int, int] = {}
    for step, size in [*steps, ("drain", 0)]:
        simulated.act(step, size)
        found, progress = totals(simulated), simulated.progress()
        assert {day: found[day] for day in final} == final
        closed = None if progress is None else closed_by_all(progress.closed.get(f"{STREAM}.v1", {}).values())
        if closed is not None:
            through = datetime.datetime.fromtimestamp(closed / 1000, datetime.UTC).date()
            days = [datetime.date(2026, 3, 1) + datetime.timedelta(days=number) for number in range(20)]
            final = {first_instant(day, ZONE): found[first_instant(day, ZONE)] for day in days if day <= through}

    accepted = oracle.in_time(log, of)
    wanted: Counter[int] = Counter()
    for record in accepted:
        if not record["closes"] and record["day"] is not None:
            wanted[first_instant(datetime.date.fromisoformat(record["day"]), ZONE)] += record["amount"]
    assert totals(simulated) == wanted
    progress = simulated.progress()
    assert progress is not None
    fates = progress.topics[f"{STREAM}.v1"].fates
    assert (fates["late"], fates["aggregated"]) == (len(log) - len(accepted), len(accepted))
    told = oracle.closed_by_all(accepted, of)
    closed = closed_by_all(progress.closed.get(f"{STREAM}.v1", {}).values())
    assert closed == (None if told is None else first_instant(datetime.date.fromisoformat(told), "UTC"))

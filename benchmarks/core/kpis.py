"""What an event costs a task, from its bytes to the flushed panes: with more KPIs on its stream, and more groups."""

import time
from collections.abc import Iterator, Sequence

import numpy as np
import orjson

from benchmarks.core.loads import START
from benchmarks.core.tables import Row
from kpi.planning import plan
from kpi.tasks.source import RawBatch
from kpi.tasks.task import Task
from schemas.kpis import Catalogue
from schemas.topics import stream_topic
from services.aggregator.root import look_for_cycles_seldom

BY_KPIS = ("KPIs", "measures", "CPU µs an event", "times the first")
BY_COMBINATIONS = ("combinations", "rows of a minute an event", "CPU µs an event", "µs a row of a minute")
KPIS = (1, 10, 60, 100)
COMBINATIONS = (1_000, 10_000, 100_000)
STREAM = "bench.sale"
FLUSH = 5
"""Batches between two flushes."""
_AGGREGATES = ("count", "sum", "mean", "min", "max")
_FIELDS = ("amount", "items", "discount", "seconds")


def _stream() -> dict[str, object]:
    names = dict.fromkeys(("customer", "team"), "string") | dict.fromkeys(_FIELDS, "int64")
    return {"stream": STREAM, "clock": "replay", "partitions": 1, "fields": names}


def _kpi(number: int, dimension: str) -> dict[str, object]:
    """One of the KPIs: 20 measures, and formulas of one or two of them."""
    places = (number % 20, (number * 7 + 3) % 20) if number >= 20 else (number,)
    measures = {}
    for place in places:
        aggregate, name = _AGGREGATES[place % 5], _FIELDS[place // 5]
        measures[f"m{place}"] = {"from": STREAM, "aggregate": aggregate}
        if aggregate != "count":
            measures[f"m{place}"]["value"] = name
    said = dict.fromkeys(("title", "sentence", "department", "unit", "owner"), "a")
    return {
        **said,
        "kpi": f"k{number}",
        "direction": "up",
        "kind": "leading",
        "measures": measures,
        "formula": " + ".join(measures),
        "dimensions": [dimension],
        "windows": {"rolling": ["5m"], "calendar": ["day"]},
    }


def _catalogue(kpis: int, dimension: str) -> Catalogue:
    names = {f"k{number}": _kpi(number, dimension) for number in range(kpis)}
    return Catalogue.model_validate(
        {
            "streams": {STREAM: _stream()},
            "entities": {},
            "targets": {},
            "kpis": names,
            "reporting": {"reporting": "default", "most_groups": 10_000_000},
        }
    )


def _batches(events: int, size: int, groups: int, minutes: int) -> list[RawBatch]:
    """Events of so many customers in turns of chance, in order of time; those of one flush lie in `minutes` minutes."""
    chance = np.random.default_rng(7)
    customers = chance.integers(0, groups, events)
    numbers = chance.integers(0, 10_000, (events, len(_FIELDS)))
    times = START + np.arange(events) * 60_000 * minutes // (size * FLUSH)
    values = [
        orjson.dumps(
            {
                "id": f"sale-{place:09}",
                "time": int(times[place]),
                "customer": f"C{customers[place]:08}",
                "team": f"t{customers[place] % 10}",
                **dict(zip(_FIELDS, numbers[place].tolist(), strict=True)),
            }
        )
        for place in range(events)
    ]
    return [
        RawBatch(values[first : first + size], np.arange(first, first + size), [int(times[-1])] * size)
        for first in range(0, events, size)
    ]


def _cost(catalogue: Catalogue, batches: Sequence[RawBatch]) -> tuple[float, float]:
    """CPU seconds an event, and rows of a minute that one event makes; the first flush does not count."""
    planned = plan(catalogue)
    task = Task(catalogue, planned, planned.units[STREAM], 0, "one")
    spent, counted, started = 0.0, 0, time.process_time()
    look_for_cycles_seldom()
    for number, batch in enumerate(batches, 1):
        task.take(stream_topic(STREAM), batch)
        if number % FLUSH == 0:
            task.flush(START)
            if number == FLUSH:
                started = time.process_time()
            else:
                counted += FLUSH * len(batch.values)
    spent = time.process_time() - started
    return spent / counted, task.row_count / sum(len(batch.values) for batch in batches)


def by_kpis(events: int, size: int) -> Iterator[Row]:
    """200 groups; what many KPIs read is reduced once."""
    batches = _batches(events, size, 200, 1)
    first = 0.0
    for count in KPIS:
        catalogue = _catalogue(count, "customer")
        (group,) = plan(catalogue).groups.values()
        cost, _ = _cost(catalogue, batches)
        first = first or cost
        yield (f"{count}", f"{len(group.columns)}", f"{cost * 1e6:.2f}", f"{cost / first:.2f}")


def by_combinations(events: int, size: int) -> Iterator[Row]:
    """One minute a flush; and, as a control, few groups in as many rows of more minutes."""
    catalogue = _catalogue(10, "customer")
    for groups, minutes in (*((count, 1) for count in COMBINATIONS), (COMBINATIONS[0], 100)):
        cost, _ = _cost(catalogue, _batches(events, size, groups, minutes))
        expected = groups * minutes * (1 - (1 - 1 / (groups * minutes)) ** (size * FLUSH)) / (size * FLUSH)
        title = f"{groups:,}" if minutes == 1 else f"{groups:,}, in {minutes} minutes a flush"
        yield (title, f"{expected:.3f}", f"{cost * 1e6:.2f}", f"{cost / expected * 1e6:.1f}")

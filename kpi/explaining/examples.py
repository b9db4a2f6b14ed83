"""The worked example of a KPI as a table of events, and what it comes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kpi.explaining.words import amount, listed, plain, quoted, sentence
from schemas.examples import Example
from schemas.kpis import Catalogue, Kpi
from schemas.streams import Stream
from schemas.times import parse_time, to_datetime

_TOLD_OTHERWISE = frozenset({"id", "source", "time"})


@dataclass(frozen=True, slots=True)
class Table:
    """Events of one stream in the order in which they arrive: `columns`, and a row of texts for each."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(catalogue: Catalogue, example: Example) -> tuple[Table, ...]:
    """The events of the example, a table for each stream. What all of them say alike is left out."""
    by_stream: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for place, (stream, event) in enumerate(example.told(), 1):
        by_stream.setdefault(stream, []).append((place, event))
    return tuple(_table(catalogue.streams[name], events) for name, events in by_stream.items())


def _table(stream: Stream, events: list[tuple[int, dict[str, Any]]]) -> Table:
    names = [name for name in (*stream.fields, "corrects", "voids") if name not in _TOLD_OTHERWISE]
    shown = [name for name in names if len({_text(event.get(name)) for _, event in events}) > 1 or name == stream.key]
    rows = [(str(place), _time(event["time"]), *(_text(event.get(name)) for name in shown)) for place, event in events]
    return Table(stream.title or stream.stream, ("no.", "time", *map(plain, shown)), tuple(rows))


def alike(catalogue: Catalogue, example: Example) -> tuple[str, ...]:
    """What all events of a stream say alike, in sentences."""
    by_stream: dict[str, list[Mapping[str, Any]]] = {}
    for name, event in example.told():
        by_stream.setdefault(name, []).append(event)
    found = []
    for name, events in by_stream.items():
        stream = catalogue.streams[name]
        same = [
            f"{plain(field)} {_text(events[0][field])}"
            for field in stream.fields
            if field != stream.key and all(field in one and one[field] == events[0][field] for one in events)
        ]
        if same:
            found.append(sentence(f"all events of {quoted(stream.title or name)} say: {listed(same)}"))
    return tuple(found)


def asked(kpi: Kpi, example: Example) -> str:
    """What is asked, and the value."""
    moment = parse_time(example.at)
    if example.window in kpi.windows.rolling:
        window = f"the {example.window} up to {_time(example.at)}"
    elif example.window == "day":
        window = f"{to_datetime(moment):%-d %B %Y}"
    else:
        window = f"the {example.window} of {to_datetime(moment):%-d %B %Y}"
    zone = "" if example.time_zone == "UTC" else f" in {example.time_zone}"
    only = listed(f"{plain(name)} {quoted(value)}" for name, value in example.where.items())
    where = f", {only} alone" if example.where else ""
    clock = "" if example.clock is None else f", as known at {_time(example.clock)}"
    further = [f"{plain(name)} {amount(value, kpi.unit)}" for name, value in example.also.items()]
    also = f" (and {listed(further)})" if further else ""
    return sentence(f"the value of {window}{zone}{where}{clock} is {amount(example.value, kpi.unit)}{also}")


def _time(text: str) -> str:
    at = to_datetime(parse_time(text))
    return f"{at:%Y-%m-%d %H:%M:%S}" if at.second else f"{at:%Y-%m-%d %H:%M}"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else str(value)

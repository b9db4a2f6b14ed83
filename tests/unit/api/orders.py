"""Orders in a shop, for the tests of values: plain events, and KPIs made of them as needed."""

from typing import Any

import orjson

from schemas.times import parse_time

DAY = 86_400_000
START = parse_time("2026-03-02T00:00:00Z")
"""A Monday."""
NOW = "2026-03-20T00:00:00Z"

ORDERS: dict[str, Any] = {
    "stream": "shop.order",
    "partitions": 2,
    "clock": "replay",
    "disorder": "0s",
    "lateness": "30d",
    "fields": {"customer": "string", "team": "string?", "amount": "int64"},
}


def kpi(name: str, measures: dict[str, dict[str, Any]], formula: str, **more: Any) -> dict[str, Any]:
    """A KPI over these measures, by team."""
    about = {"title": name, "sentence": f"{name}.", "department": "sales", "unit": "things", "direction": "up"}
    windows = {"rolling": ["14d"], "tumbling": ["3h"], "calendar": ["day", "week"]}
    stated = {**about, "kind": "lagging", "owner": "head of sales", "dimensions": ["team"], "windows": windows, **more}
    return {"kpi": name, **stated, "measures": measures, "formula": formula}


def measure(aggregate: str, of: str | None = None, **more: Any) -> dict[str, Any]:
    """An aggregate of the orders, of the values of a field."""
    return {"from": "shop.order", "aggregate": aggregate, **({"value": of} if of else {}), **more}


def order(moment: int, customer: str, team: str | None = None, amount: int = 1) -> dict[str, Any]:
    """An event, `moment` milliseconds after the start."""
    return {"time": START + moment, "customer": customer, "team": team, "amount": amount}


def declared(*documents: dict[str, Any]) -> str:
    """The documents of a catalogue. JSON is YAML."""
    return "\n---\n".join(orjson.dumps(document).decode() for document in documents)

"""Numbers, sparklines and changes as the terminal shows them."""

import pytest

from schemas.answers import Value
from services.cli.rendering import amount, better, change_of, duration, sparkline, target_of

STATED = {
    "kpi": "k",
    "value": 1,
    "unit": "count",
    "reason": None,
    "window": {"name": "5m", "start": "2026-11-22T14:00:00Z", "end": "2026-11-22T14:05:00Z", "time_zone": "UTC"},
    "dimensions": {},
    "events": 1,
    "watermark": None,
    "completeness": 1,
    "state": "final",
    "revision": 1,
    "definition_version": "6f1c09ab42de",
    "target": None,
    "attainment": None,
    "status": None,
    "direction": "up",
    "previous": None,
    "change": None,
    "as_of": "2026-11-22T14:05:01.000Z",
    "lag_seconds": None,
}


def value(**fields: object) -> Value:
    return Value.model_validate({**STATED, **fields})


@pytest.mark.parametrize(
    ("number", "unit", "currency", "shown"),
    [
        (None, "seconds", None, "-"),
        (312.4, "seconds", None, "5m 12s"),
        (0.08, "ratio", None, "8.0 %"),
        (817860.05, "money", "USD", "817,860.05 USD"),
        (21350, "count", None, "21,350"),
        (2.3216, "pizzas", None, "2.32 pizzas"),
    ],
)
def test_amount_carries_its_unit(number: float | None, unit: str, currency: str | None, shown: str) -> None:
    assert amount(number, unit, currency) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.42, "0.4s"), (59.4, "59s"), (60, "1m"), (12_000, "3h 20m"), (187_200, "2d 4h"), (-75, "-1m 15s")],
)
def test_duration_keeps_two_units(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_sparkline_spans_lowest_to_highest_and_leaves_gaps() -> None:
    assert sparkline([0, None, 7, 3.5]) == "▁ █▅"
    assert sparkline([4, 4]) == "▁▁"
    assert sparkline([None]) == ""


def test_change_is_signed_and_judged_by_the_favourable_direction() -> None:
    slower = value(unit="seconds", change=14.4, direction="down")
    assert change_of(slower) == "+14s"
    assert better(slower) is False
    assert better(value(change=-3, direction="down")) is True
    assert better(value(change=-3, direction="none")) is None


def test_target_may_be_a_range() -> None:
    assert target_of(value(target={"min": 10, "max": 20})) == "10 to 20"
    assert target_of(value(target=None)) == "-"

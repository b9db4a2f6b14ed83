"""T16: a promise that is not kept counts when its day is over, although nothing more is heard."""

import pytest

from tests.cases.declared import Made, kpi
from tests.cases.shipped import shipped
from tests.pipeline import Pipeline

ORDERS = """
stream: supply.order
key: order_id
partitions: 1
clock: live
disorder: 30s
lateness: 1d
idle_timeout: 10m
fields:
  order_id: string
  line_id: string
  action: {enum: [placed, shipped, delivered]}
  promised: date?
  original_promised: date?
  zone: string
---
reporting: default
zones: [Europe/Berlin]
---
entity: order
of: {supply.order: order_id}
forget_after: 365d
states:
  placed: {first: action = 'placed', carrying: [original_promised, zone, line_id]}
  delivered: {first: action = 'delivered', after: placed}
deadlines:
  promise: {after: placed, day: original_promised, zone: zone}
contributions:
  kept:
    at: case when delivered_time <= promise then delivered_time else promise end
    value: case when delivered_time <= promise then 1 else 0 end
    dimensions: {line: placed_line_id}
""" + kpi(
    "on_time_delivery",
    "{kept: {from: order.kept, aggregate: sum}, due: {from: order.kept, aggregate: count}}",
    "kept / nullif(due, 0)",
    windows="{calendar: [day, week]}",
    more="dimensions: [line]",
)


def tell(made: Pipeline, name: str, action: str, time: str, promised: str = "2026-03-06") -> None:
    event = {"time": f"2026-03-{time}:00Z", "order_id": name, "line_id": "one", "action": action, "promised": promised}
    made.send("supply.order", {**event, "original_promised": "2026-03-06", "zone": "Europe/Berlin"})


def until_the_silence(made: Pipeline) -> None:
    for name in ("O1", "O2", "O3", "O4"):
        tell(made, name, "placed", "01T09:00")
    tell(made, "O3", "shipped", "04T09:00", promised="2026-03-10")
    tell(made, "O1", "delivered", "05T09:00")
    tell(made, "O2", "delivered", "06T11:00")


def share(made: Pipeline, window: str, day: str) -> tuple[float | None, int | None]:
    found = made.value("on_time_delivery", window, f"2026-03-{day}T12:00:00Z")
    return found.value, found.events


def test_t16_deadline_in_silence(pipeline: Made) -> None:
    made = pipeline(ORDERS)
    until_the_silence(made)
    made.idle("order/0", "2026-03-06T22:50:00Z")
    assert share(made, "week", "05") == (1, 2)
    made.idle("order/0", "2026-03-06T23:15:00Z")
    week, day = (made.value("on_time_delivery", window, "2026-03-06T12:00:00Z") for window in ("week", "day"))
    assert (week.value, week.events, week.watermark) == (0.5, 4, "2026-03-06T23:04:30Z"), "without a new record"
    assert (day.value, day.events, day.revision) == (1 / 3, 3, 1), "the misses were there ahead"
    assert (day.window.start, day.window.end) == ("2026-03-05T23:00:00Z", "2026-03-06T23:00:00Z")
    assert share(made, "day", "07") == (None, 0), "no miss is dated at midnight"
    made.idle("order/0", "2026-03-07T06:00:00Z")
    tell(made, "O4", "delivered", "06T20:00")
    day = made.value("on_time_delivery", "day", "2026-03-06T12:00:00Z")
    assert (day.value, day.events, day.revision) == (2 / 3, 3, 2)
    assert share(made, "week", "05") == (0.75, 4)
    assert share(made, "day", "05") == (1, 1)
    tell(made, "O3", "delivered", "09T08:00")
    assert share(made, "week", "05") == (0.75, 4), "what was promised first counts, and is missed"
    following = made.value("on_time_delivery", "week", "2026-03-11T12:00:00Z")
    assert (following.value, following.reason, following.events) == (None, "no_data", 0)
    assert made.fates("supply.order") == {"consumed": 9, "aggregated": 9}


def test_t16_a_replay_does_not_hear_the_silence(pipeline: Made) -> None:
    made = pipeline(ORDERS.replace("clock: live", "clock: replay"))
    until_the_silence(made)
    made.idle("order/0", "2026-03-06T23:15:00Z")
    # What is dated ahead is read up to the watermark's last whole minute: O2's own is 30 s behind it.
    assert share(made, "week", "05") == (1, 1)
    tell(made, "O5", "placed", "06T11:05")
    made.idle("order/0", "2026-03-06T23:15:00Z")
    assert share(made, "week", "05") == (1, 2), "and no more, until something is heard"


@pytest.mark.parametrize(("second", "kept"), [("22:59:59.999", 1), ("23:00:00.000", 0)])
def test_t16_the_promise_is_kept_until_the_end_of_its_day(pipeline: Made, second: str, kept: int) -> None:
    made = pipeline(ORDERS)
    tell(made, "O1", "placed", "01T09:00")
    event = {"time": f"2026-03-06T{second}Z", "order_id": "O1", "line_id": "one", "action": "delivered"}
    made.send("supply.order", {**event, "zone": "Europe/Berlin"})
    made.idle("order/0", "2026-03-06T23:15:00Z")
    assert share(made, "day", "06") == (kept, 1)


OF_CUSTOMERS = {"line_id": "one", "direction": "outbound", "party_id": "acme", "qty": 1, "ordered_qty": 1}


def tell_shipped(made: Pipeline, name: str, action: str, time: str, **more: object) -> None:
    event = {"time": f"2026-03-{time}:00Z", "order_id": name, "action": action, "zone": "Europe/Berlin", **OF_CUSTOMERS}
    made.send("supply.order", {**event, "original_promised": "2026-03-06", "promised": "2026-03-06", **more})


@pytest.mark.parametrize("name", ["on_time_delivery", "on_time_in_full", "supplier_on_time"])
def test_t16_of_what_ships(pipeline: Made, name: str) -> None:
    text = shipped(name, zones=("Europe/Berlin",), clock="live", disorder="30s", idle_timeout="10m")
    made = pipeline(text)
    more = {"direction": "inbound"} if name == "supplier_on_time" else {}

    def found(window: str, day: str) -> tuple[float | None, int | None, int]:
        value = made.value(name, window, f"2026-03-{day}T12:00:00Z")
        return value.value, value.events, value.revision

    for order in ("O1", "O2", "O3", "O4"):
        tell_shipped(made, order, "placed", "01T09:00", **more)
    tell_shipped(made, "O3", "shipped", "04T09:00", promised="2026-03-10", **more)
    tell_shipped(made, "O1", "delivered", "05T09:00", **more)
    tell_shipped(made, "O2", "delivered", "06T11:00", **more)
    made.idle("supply/0", "2026-03-06T22:50:00Z")
    assert found("week", "05") == (1, 2, 1)
    made.idle("supply/0", "2026-03-06T23:15:00Z")
    assert found("week", "05") == (0.5, 4, 1)
    assert found("day", "06") == (1 / 3, 3, 1)
    assert found("day", "07") == (None, 0, 1)
    made.idle("supply/0", "2026-03-07T06:00:00Z")
    tell_shipped(made, "O4", "delivered", "06T20:00", **more)
    assert found("week", "05") == (0.75, 4, 1)
    assert found("day", "06") == (2 / 3, 3, 2)
    tell_shipped(made, "O3", "delivered", "09T08:00", **more)
    assert found("week", "05") == (0.75, 4, 1)
    assert found("week", "11") == (None, 0, 1)

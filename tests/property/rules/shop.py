"""A ticket and a plain event through whole tasks: declarations, logs in minutes, and what the panes of a minute say."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from kpi.grains import MINUTE
from schemas.kpis import Catalogue
from services.runtime.catalogue import load
from tests.property.core.oracle import Event
from tests.property.core.simulation import Served, Simulated

T0 = 1_767_225_600_000  # 2026-01-01T00:00Z
TICKETS, ORDERS = "desk.ticket.v1", "shop.order.v1"

DECLARATIONS = """
stream: desk.ticket
key: ticket_id
partitions: 1
disorder: 0s
lateness: 6m
fields:
  ticket_id: string
  action: {enum: [opened, replied, resolved, note]}
---
stream: shop.order
partitions: 1
disorder: 0s
lateness: 2m
corrections: 10m
fields: {amount: int32}
---
target: answer
values: [{value: 540, from: 2020-01-01}]
---
entity: ticket
of: {desk.ticket: ticket_id}
forget_after: 20m
states:
  open: {enter: action = 'opened', leave: action = 'resolved', within: 7m}
  opened: {first: action = 'opened'}
  replied: {first: action = 'replied', after: opened}
deadlines: {due: {after: opened, target: answer}}
contributions:
  resolution: {each: open, at: open_ended, value: open_ended - open_started}
  answer: {at: "coalesce(replied_time, due)", value: case when replied_time <= due then 1 else 0 end}
---
kpi: resolution
title: Resolution
sentence: Resolved tickets.
owner: desk
department: desk
kind: lagging
unit: tickets
direction: up
windows: {calendar: [day]}
reach: 7m
measures: {n: {from: ticket.resolution, aggregate: count}}
formula: n
---
kpi: answers
title: Answers
sentence: Tickets answered in time.
owner: desk
department: desk
kind: lagging
unit: tickets
direction: up
windows: {calendar: [day]}
measures: {n: {from: ticket.answer, aggregate: sum, value: value}}
formula: n
---
kpi: orders
title: Orders
sentence: What was ordered.
owner: shop
department: shop
kind: lagging
unit: pieces
direction: up
windows: {calendar: [day]}
reach: 10m
measures: {n: {from: shop.order, aggregate: sum, value: amount}}
formula: n
"""


def loaded(text: str = DECLARATIONS) -> Catalogue:
    """The catalogue of a text alone."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "all.yaml").write_text(text)
        return load([Path(folder)], default=False)


@cache
def catalogue() -> Catalogue:
    """The catalogue of `DECLARATIONS`."""
    return loaded()


def ticket(identifier: str, minute: int, action: str, key: str = "a") -> Event:
    """A record of a ticket, so many minutes after T0."""
    return {"id": identifier, "time": T0 + minute * MINUTE, "ticket_id": key, "action": action}


def order(identifier: str, minute: int, amount: int = 1, **named: str) -> Event:
    """An order, or what voids or corrects one."""
    return {"id": identifier, "time": T0 + minute * MINUTE, "amount": amount, **named}


def of_tickets(log: Sequence[Event]) -> Simulated:
    """A task over a log of tickets."""
    return Simulated(catalogue(), "ticket", 0, TICKETS, log)


def of_orders(log: Sequence[Event]) -> Simulated:
    """A task over a log of orders."""
    return Simulated(catalogue(), "shop.order", 0, ORDERS, log)


def stepped(simulated: Simulated, batch: int = 1) -> Simulated:
    """Takes all of the log, so many records at a time, and flushes after each."""
    for _ in range(0, len(simulated.raws), batch):
        simulated.take(batch)
        simulated.flush()
    return simulated


def minutes(simulated: Simulated, kpi: str) -> dict[int, tuple[int, int]]:
    """By minute after T0: how many there are of a KPI's measure, and their sum."""
    found = {}
    served = Served(simulated.plan, list(simulated.settled().values()))
    for _, columns in served.rows(kpi, "n", "1m", 0, 2**62):
        minute = (columns["start"] - T0) // MINUTE
        assert minute not in found
        found[minute] = (columns["count"], columns.get("value", 0))
    return found


def resolved_at(log: Sequence[Event], *, batch: int) -> list[int]:
    """The minutes of the resolutions."""
    return sorted(minutes(stepped(of_tickets(log), batch), "resolution"))

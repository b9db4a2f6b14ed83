"""What panes must hold, computed at once from the accepted events. Shares no code with the core.

A pane's row is by (grain, start, dimension values or key): (count, sum) of totals, (count,) of keys, (sum of changes,
sum of changes x milliseconds since the start) of levels.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tests.oracle.events import Event, by_key, lives
from tests.oracle.windows.tickets import standing
from tests.property.simulation.declared import ABANDONED_AFTER, FORGET_AFTER, LENGTHS

Cells = dict[tuple[Any, ...], tuple[int, ...]]


class Counted(NamedTuple):
    """One contribution: when, for which dimension values or key, and how much."""

    time: int
    names: tuple[Any, ...]
    value: int


def turnover(events: Iterable[Event], corrections: int) -> list[Counted]:
    """The deals of one partition as they stand, whoever they are of."""
    stands = standing([event._replace(key=()) for event in events], corrections)
    return [Counted(event.time, (event.fields["action"],), event.fields["amount"]) for event in stands]


def contacts(events: Iterable[Event]) -> list[Counted]:
    """Every record of a lead, by the lead."""
    return [Counted(event.time, (event.fields["lead_id"],), 1) for event in events]


def backlog(events: Iterable[Event]) -> list[Counted]:
    """Leads that are created and not closed, until they were silent for too long."""
    found = []
    for history in by_key(events).values():
        for life in lives(history, ABANDONED_AFTER):
            region = None
            for event in life:
                if event.fields["action"] == "created" and region is None:
                    region = event.fields["region"]
                    found.append(Counted(event.time, (region,), 1))
                elif event.fields["action"] == "closed" and region is not None:
                    found.append(Counted(event.time, (region,), -1))
                    region = None
            if region is not None:
                found.append(Counted(life[-1].time + ABANDONED_AFTER, (region,), -1))
    return found


def conversion(events: Iterable[Event], corrections: int) -> list[Counted]:
    """Each created lead, and whether a deal was won with it later in the same life."""
    found = []
    for history in by_key(events).values():
        leads = [event for event in history if event.stream == "shop.lead"]
        # An id is unique in its stream only.
        deals = standing([event for event in history if event.stream == "shop.deal"], corrections)
        for life in lives(sorted(leads + deals, key=_order), FORGET_AFTER):
            created = [e for e in life if e.stream == "shop.lead" and e.fields["action"] == "created"]
            if created:
                first = created[0]
                won = [e for e in life if e.stream == "shop.deal" and e.fields["action"] == "won"]
                is_won = any(_order(e) > _order(first) for e in won)
                found.append(Counted(first.time, (first.fields["region"],), int(is_won)))
    return found


def _order(event: Event) -> tuple[object, ...]:
    return *event.order, event.stream


def totals(counted: Iterable[Counted], retained: Mapping[str, int]) -> Cells:
    """Count and sum by pane, of the panes that begin at or after what `retained` says of their grain."""
    cells: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    for time, names, value in counted:
        for grain, length in LENGTHS.items():
            start = time // length * length
            if start >= retained.get(grain, start):
                cell = cells[grain, start, *names]
                cell[0] += 1
                cell[1] += value
    return {key: tuple(cell) for key, cell in cells.items()}


def keys(counted: Iterable[Counted], retained: Mapping[str, int]) -> Cells:
    """How often each key occurred, by pane."""
    return {key: (count,) for key, (count, _) in totals(counted, retained).items()}


def levels(counted: Iterable[Counted], retained: Mapping[str, int]) -> Cells:
    """The edges by pane; under `base`, those of all earlier panes together."""
    cells: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    for time, names, change in counted:
        for grain, length in LENGTHS.items():
            start = time // length * length
            if start >= retained.get(grain, start):
                cell = cells[grain, start, *names]
                cell[0] += change
                cell[1] += change * (time - start)
            else:
                cells[grain, "base", *names][0] += change
    return {key: tuple(cell) for key, cell in cells.items() if any(cell)}

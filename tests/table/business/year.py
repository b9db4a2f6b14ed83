"""The whole year: what happened, what is said twice, what is said far too late, and in which order it arrives."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tests.table.business.clock import HOUR, MOMENT
from tests.table.business.customers import customers
from tests.table.business.events import Event
from tests.table.business.finance import after_closing, budgets, finance
from tests.table.business.inventory import inventory
from tests.table.business.marketing import marketing, social
from tests.table.business.markets import markets
from tests.table.business.people import people
from tests.table.business.plans import plans
from tests.table.business.production import hours, production
from tests.table.business.projects import projects
from tests.table.business.rates import rates
from tests.table.business.resources import resources
from tests.table.business.sales import sales
from tests.table.business.supply import supply
from tests.table.business.support import desk_hours, support
from tests.table.business.surveys import surveys
from tests.table.business.web import web

ALLOWANCE = 30_000 + HOUR
"""How far behind a record may lie and still count, in milliseconds: disorder and lateness of every stream."""

_NAMES = (
    "lead_id",
    "deal_id",
    "ticket_id",
    "visit_id",
    "visitor_id",
    "respondent_id",
    "order_id",
    "customer_id",
    "unit_id",
    "assignment_id",
    "goal_id",
    "milestone_id",
    "task_id",
    "risk_id",
    "post_id",
)
"""Fields that name what an event is about, the narrowest first."""


@dataclass(frozen=True, slots=True)
class Year:
    """`events`: what happened, in order of time. `repeated`: some of them, to be sent once more. `late`: things that
    nobody hears of until long after the year, or until it is closed.
    """

    seed: str
    events: tuple[Event, ...]
    repeated: tuple[Event, ...]
    late: tuple[Event, ...]

    def arrivals(self, *, shuffled: bool) -> tuple[list[Event], list[Event]]:
        """What arrives while the year runs, and after that; each with its repetitions."""
        chance = random.Random(f"{self.seed}/arrivals")
        parts = []
        for running in (True, False):
            keyed = [
                (event.time + (chance.randrange(ALLOWANCE) if shuffled else 0), number, event)
                for number, event in enumerate(self.events)
                if (event.time < MOMENT) == running
            ]
            # A repetition comes later than the first one, whatever the order.
            first = {event.body["id"]: at for at, _, event in keyed}
            keyed += [
                (first[event.body["id"]] + chance.randrange(1, 5 * HOUR), -1 - number, event)
                for number, event in enumerate(self.repeated)
                if event.body["id"] in first
            ]
            parts.append([event for _, _, event in sorted(keyed, key=lambda each: each[:2])])
        return parts[0], parts[1]


def year(seed: str) -> Year:
    """The year that follows from a seed."""
    told = [
        *sales(seed),
        *plans(seed),
        *markets(seed),
        *web(seed),
        *marketing(seed),
        *social(seed),
        *support(seed),
        *desk_hours(seed),
        *surveys(seed),
        *customers(seed),
        *finance(seed),
        *budgets(seed),
        *production(seed),
        *hours(seed),
        *resources(seed),
        *people(seed),
        *projects(seed),
        *rates(seed),
        *supply(seed),
        *inventory(seed),
    ]
    events = sorted(told, key=lambda event: (event.time, event.body["id"]))
    chance = random.Random(f"{seed}/year")
    repeated = [event for event in events if chance.random() < 0.01]
    return Year(seed, tuple(events), tuple(repeated), (*_late(events, chance), *after_closing(seed)))


def _late(events: Sequence[Event], chance: random.Random) -> list[Event]:
    """Some of what happened, again and under other names."""
    found = []
    chosen: dict[str, bool] = {}
    for event in events:
        names = {name: event.body[name] for name in _NAMES if name in event.body}
        about = next(iter(names.values()), event.body["id"])
        if chosen.setdefault(about, chance.random() < 0.02):
            others = {name: f"{value}-late" for name, value in names.items()}
            found.append(Event(event.stream, {**event.body, **others, "id": f"{event.body['id']}-late"}))
    # Of a stream of few events chance may choose none.
    first = {event.stream: event for event in reversed(list(events))}
    missing = [event for stream, event in first.items() if stream not in {one.stream for one in found}]
    return found + [Event(one.stream, {**one.body, "id": f"{one.body['id']}-late"}) for one in missing]

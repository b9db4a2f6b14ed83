"""The bodies that are measured: what happens to their entities, and which fields their records have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from benchmarks.core.declared import EVENTS, bodies, shipped
from benchmarks.core.loads import SOURCE, Course, Log, Moves, log, moves, with_corrections
from schemas.kpis import Catalogue

Fields = Callable[[Moves], dict[str, pl.Series]]


@dataclass(frozen=True, slots=True)
class Body:
    """`title`: as in docs/engine.md. `name`: of the entity, or `events`. `streams`: with the actions of each, all for
    none. `key`: the fields that tell entities apart.
    """

    title: str
    name: str
    course: Course
    fields: Fields
    streams: Mapping[str, tuple[str, ...]]
    key: tuple[str, ...]
    is_shipped: bool = field(default=False)

    @property
    def catalogue(self) -> Catalogue:
        """Where it is declared."""
        return shipped() if self.is_shipped else bodies()

    def log(self, entities: int, events: int, size: int, **times: int) -> Log:
        """A log of its records. `times`: `life`, `spread` and `first` of `loads.moves`."""
        found = moves(self.course, entities, events, **times)
        return log(found, self.fields(found), self.streams, size)


def _ticket(found: Moves) -> dict[str, pl.Series]:
    return {"ticket_id": found.named("T-"), "team": found.teams()}


def _shipped(found: Moves) -> dict[str, pl.Series]:
    priorities, channels = pl.Series(["high", "normal", "low"]), pl.Series(["email", "phone", "chat", "web"])
    entity = pl.Series(found.entity)
    return {
        "ticket_id": found.named("T-"),
        "team": found.teams(),
        "actor": found.one_of(["agent", "agent", "customer", "bot"]),
        "public": pl.Series(found.chance.random(len(found.entity)) < 0.9),
        "priority": priorities[entity % 3],
        "channel": channels[entity % 4],
        "tier": pl.Series(["free", "paid"])[entity % 2],
        "kind": pl.Series(["question", "complaint", "fault"])[entity % 3],
    }


def _amended(found: Moves) -> dict[str, pl.Series]:
    count = len(found.entity)
    named = pl.DataFrame(
        {"source": pl.Series([SOURCE]).new_from_index(0, count), "id": found.named("e", np.arange(count))}
    )
    return _ticket(found) | with_corrections(named, found.entity, found.chance)


def _lead(found: Moves) -> dict[str, pl.Series]:
    return {"lead_id": found.named("L-"), "team": found.teams(), "amount": _number(found, 100_000)}


def _deal(found: Moves) -> dict[str, pl.Series]:
    return {"deal_id": found.named("D-"), "team": found.teams()}


def _order(found: Moves) -> dict[str, pl.Series]:
    return {
        "customer_id": found.named("C-", found.entity // 3),
        "order_id": found.named("O-"),
        "team": found.teams(),
        "amount": _number(found, 100_000),
    }


def _customer(found: Moves) -> dict[str, pl.Series]:
    return _order(found) | {"customer_id": found.named("C-")}


def _newcomer(found: Moves) -> dict[str, pl.Series]:
    """Each order is heard of about twice."""
    return _customer(found) | {"order_id": found.named("O-", found.entity * 100 + found.position // 2)}


def _machine(found: Moves) -> dict[str, pl.Series]:
    return {
        "machine_id": found.named("M-"),
        "project_id": found.one_of(["p0", "p1", "p2", "p3", None]),
        "state": found.action,
        "team": found.teams(),
    }


def _stock(found: Moves) -> dict[str, pl.Series]:
    return {"sku": found.named("S-"), "team": found.teams(), "value": _number(found, 1000)}


def _answer(found: Moves) -> dict[str, pl.Series]:
    return {"respondent_id": found.named("R-"), "team": found.teams(), "score": _number(found, 11)}


def _number(found: Moves, below: int) -> pl.Series:
    return pl.Series(found.chance.integers(0, below, len(found.entity)))


_END = ("resolved",), ("note",) * 9 + ("reopened",)
_TICKET = Course((("opened",), ("replied", "note")), ("replied", "note"), _END)
_MOVED = Course(_TICKET.start, ("note", "note", "replied", "moved"), _END)
_DESK = Course(
    (("opened",), ("replied",)),
    ("replied", "replied", "held", "released", "replied", "held", "released", "reclassified"),
    (("resolved",), ("replied",) * 9 + ("reopened",)),
)
_LEAD = Course((("created",),), ("contacted", "won", "lost", "contacted"))
_DEAL = Course((("first",),), ("second", "third", "note", "second", "first"), (("won", "lost"), ("note", "reverted")))
_ORDER = Course((("placed",),), ("note", "note", "note", "cancelled", "placed"))
_LEADS = {"bench.lead": ("created", "contacted"), "bench.sale": ("won", "lost")}
_TICKETS: dict[str, tuple[str, ...]] = {"bench.ticket": ()}
_DEALS: dict[str, tuple[str, ...]] = {"bench.deal": ()}
_ORDERS: dict[str, tuple[str, ...]] = {"bench.order": ()}
_STATES = Course((), ("busy", "idle", "busy", "off"))
_ANSWERS = Course((("sent",),), ("answered", "sent"))

BODIES = (
    Body("the shipped ticket", "ticket", _DESK, _shipped, {"support.ticket": ()}, ("ticket_id",), is_shipped=True),
    Body("a ticket: response, target, resolution, backlog", "desk", _MOVED, _ticket, _TICKETS, ("ticket_id",)),
    Body("first response, deadline", "response", _TICKET, _ticket, _TICKETS, ("ticket_id",)),
    Body("resolution with reopenings", "resolution", _MOVED, _ticket, _TICKETS, ("ticket_id",)),
    Body("open and closed, with moves", "backlog", _MOVED, _ticket, _TICKETS, ("ticket_id",)),
    Body("won, and reverted", "won", _DEAL, _deal, _DEALS, ("deal_id",)),
    Body("conversion, two streams", "conversion", _LEAD, _lead, _LEADS, ("lead_id",)),
    Body("answers within a time", "answers", _LEAD, _lead, _LEADS, ("lead_id",)),
    Body("first ever", "customer", _ORDER, _customer, _ORDERS, ("customer_id",)),
    Body("first ever that is not taken back", "newcomer", _ORDER, _newcomer, _ORDERS, ("customer_id",)),
    Body("stages of a course", "course", _DEAL, _deal, _DEALS, ("deal_id",)),
    Body("union of intervals", "machine", _STATES, _machine, {"bench.machine": ()}, ("machine_id",)),
    Body("by lane", "lanes", _STATES, _machine, {"bench.machine": ()}, ("machine_id",)),
    Body("level", "stock", Course((), ("read",)), _stock, {"bench.stock": ()}, ("sku",)),
    Body("last answer, fixed trailing time", "respondent", _ANSWERS, _answer, {"bench.answer": ()}, ("respondent_id",)),
    Body("counts per key, with cancellation", "order", _ORDER, _order, _ORDERS, ("customer_id", "order_id")),
    Body("the events themselves", "events", _TICKET, _amended, {EVENTS: ()}, ("id",)),
)
"""In the order of docs/engine.md, the shipped entity first."""

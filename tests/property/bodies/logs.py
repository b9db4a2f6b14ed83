"""Random logs of every body: disorder, late and repeated records, ties, idle marks."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.oracle.events import Arrival, Event, Idle, arrivals

START = 86_400_000 - 60
"""Shortly before 1970-01-02, when a target changes."""

Fields = dict[str, Any]
Record = Callable[[str, int, int, int], tuple[str, tuple[str, ...], Fields]]
"""The stream, key and fields of a record of key `key`, chosen by three small numbers."""

TEAMS = ("north", "south")


class Drawn(NamedTuple):
    """What hypothesis chooses for one record of a log."""

    kind: str
    advance: int
    back: int
    key: int
    choice: int
    left: int
    right: int


class Logged(NamedTuple):
    """A log, what of it is accepted, and the entity it is for."""

    log: list[Event | Idle]
    arrivals: list[Arrival]

    @property
    def events(self) -> list[Event]:
        """The accepted events."""
        return [arrival.event for arrival in self.arrivals]


def _acting(stream: str, key_name: str, actions: Sequence[str], other: str, values: Sequence[Any]) -> Record:
    def record(key: str, choice: int, left: int, _: int) -> tuple[str, tuple[str, ...], Fields]:
        fields = {key_name: key, "action": actions[choice % len(actions)], other: values[left % len(values)]}
        return stream, (key,), fields

    return record


def _lead(key: str, choice: int, left: int, right: int) -> tuple[str, tuple[str, ...], Fields]:
    if choice % 2:
        action = ("won", "won", "lost")[right % 3]
        return "trade.deal", (key,), {"deal_id": f"d{left}", "lead_id": key, "action": action, "score": right + 1}
    action, region = ("created", "created", "contacted")[right % 3], ("east", "west")[left % 2]
    return "trade.lead", (key,), {"lead_id": key, "action": action, "region": region}


def _sale(key: str, choice: int, left: int, right: int) -> tuple[str, tuple[str, ...], Fields]:
    """Two deals of each lead, so that one is reverted while the other stands."""
    if choice % 2:
        action = ("won", "won", "reverted", "reverted", "lost")[choice // 2 % 5]
        fields = {"deal_id": f"d{left % 2}", "lead_id": key, "action": action, "score": right + 1}
        return "trade.deal", (key,), fields
    action, region = ("created", "created", "created", "merged")[right], ("east", "west")[left % 2]
    return "trade.lead", (key,), {"lead_id": key, "action": action, "region": region}


def _order(key: str, choice: int, left: int, right: int) -> tuple[str, tuple[str, ...], Fields]:
    action = ("placed", "placed", "cancelled", "note")[choice % 4]
    order, market = f"o{left % 2}", ("home", "abroad")[right % 2]
    fields = {"customer_id": key, "order_id": order, "action": action, "market": market, "amount": left + right}
    return "trade.order", (key, order), fields


def _customer(key: str, choice: int, left: int, right: int) -> tuple[str, tuple[str, ...], Fields]:
    stream, _, fields = _order(key, choice, left, right)
    return stream, (key,), fields


def _machine(key: str, choice: int, left: int, right: int) -> tuple[str, tuple[str, ...], Fields]:
    state = ("busy", "busy", "idle", "off")[choice % 4]
    project = (None, "p", "q", "p")[left % 4]
    return "plant.state", (key,), {"machine_id": key, "project_id": project, "state": state, "team": TEAMS[right % 2]}


def _stock(key: str, choice: int, left: int, _: int) -> tuple[str, tuple[str, ...], Fields]:
    site = ("inner", "outer")[left % 2]
    return "plant.stock", (key, site), {"sku": key, "site": site, "value": choice - 2}


def _respondent(key: str, choice: int, left: int, right: int) -> tuple[str, tuple[str, ...], Fields]:
    action = ("answered", "answered", "sent")[choice % 3]
    return "panel.answer", (key,), {"respondent_id": key, "action": action, "score": right + 1, "team": TEAMS[left % 2]}


TICKET = ("opened", "replied", "resolved", "reopened", "moved", "note", "opened", "resolved")
UNIT = (
    "started",
    "paused",
    "resumed",
    "finished",
    "waiting",
    "moved",
    "paused",
    "resumed",
    "reopened",
    "finished",
    "note",
)
RECORDS: dict[str, Record] = {
    "response": _acting("desk.ticket", "ticket_id", ("opened", "replied", "note"), "team", TEAMS),
    "classified": _acting(
        "desk.ticket", "ticket_id", ("opened", "moved", "replied", "resolved", "note", "replied"), "team", TEAMS
    ),
    "resolution": _acting("desk.ticket", "ticket_id", TICKET, "team", TEAMS),
    "handled": _acting("desk.ticket", "ticket_id", (*TICKET, "resolved"), "team", TEAMS),
    "served": _acting("desk.ticket", "ticket_id", (*TICKET, "resolved"), "team", TEAMS),
    "lead": _lead,
    "contact": _lead,
    "sale": _sale,
    "customer": _customer,
    "newcomer": _customer,
    "complete": _customer,
    "basket": _customer,
    "crossing": _acting(
        "trade.course", "deal_id", ("first", "second", "third", "first", "second", "won", "lost", "note"), "team", TEAMS
    ),
    "course": _acting(
        "trade.course", "deal_id", ("first", "second", "third", "first", "second", "won", "lost", "note"), "team", TEAMS
    ),
    "machine": _machine,
    "unit": _acting("plant.unit", "unit_id", UNIT, "team", TEAMS),
    "shared": _acting("plant.unit", "unit_id", UNIT, "team", TEAMS),
    "stock": _stock,
    "order": _order,
    "respondent": _respondent,
    "amended": _acting("desk.amended", "ticket_id", TICKET, "team", TEAMS),
}
JOINED = {"lead", "contact", "sale"}
STREAMS = {name: ("trade.lead", "trade.deal") if name in JOINED else None for name in RECORDS}
CORRECTIONS = {"amended": 12}
"""How long after an event others may void or correct it, where they may."""

EDGES: dict[str, tuple[int, ...]] = {
    "response": (3, 6, 20),
    "classified": (5, 6, 7, 30),
    "resolution": (7, 30),
    "handled": (7, 30),
    "served": (30,),
    "lead": (15, 40),
    "contact": (12, 40),
    "sale": (12, 40),
    "course": (10, 40),
    "machine": (60,),
    "unit": (5, 6, 9, 15, 45),
    "shared": (5, 6, 12, 15, 45),
    "newcomer": (12,),
    "complete": (30,),
    "basket": (5, 9, 12, 30),
    "crossing": (6, 10, 40),
    "order": (12, 30),
    "respondent": (9, 40),
    "amended": (12, 25),
}
"""The time constants of a body: what lies exactly so far apart, or one further, is drawn often."""


def _drawn(body: str) -> st.SearchStrategy[Drawn]:
    edges = [edge + more for edge in EDGES.get(body, (5,)) for more in (0, 1)]
    return st.builds(
        Drawn,
        kind=st.sampled_from(["event"] * 10 + ["again", "idle"]),
        advance=st.sampled_from([0, 0, 1, 1, 2, 3, 4, *edges]),
        back=st.sampled_from([0] * 6 + list(range(1, 16))),
        key=st.sampled_from([0, 0, 0, 1, 2]),
        choice=st.integers(0, 11),
        left=st.integers(0, 3),
        right=st.integers(0, 3),
    )


def _event(body: str, number: int, drawn: Drawn, time: int, before: Sequence[Event]) -> Event:
    stream, key, fields = RECORDS[body]("abc"[drawn.key], drawn.choice, drawn.left, drawn.right)
    # The number scrambled, so that ids are not in the order of arrival.
    event = Event(time, False, "s" * (drawn.right % 2), f"{number * 7 % 100:02}", key, stream, fields)
    named = [other for other in before if other.key == key]
    if body in CORRECTIONS and drawn.choice >= 7 and named:
        target = named[drawn.left % len(named)]
        event = event._replace(said=True, source=target.source)
        return event._replace(voids=target.id) if drawn.choice >= 10 else event._replace(corrects=target.id)
    return event


def written(body: str, drawn: Sequence[Drawn], disorder: int, lateness: int) -> Logged:
    """The log of what was drawn; the clock of the sources advances with each."""
    log: list[Event | Idle] = []
    events: list[Event] = []
    now = START
    for number, one in enumerate(drawn):
        now += one.advance
        event = _event(body, number, one, max(START - 20, now - one.back), events)
        if one.kind == "idle":
            log.append(Idle(now - disorder, event.stream))
            continue
        if one.kind == "again" and events:
            earlier = events[one.choice % len(events)]
            event = event._replace(id=earlier.id, source=earlier.source, stream=earlier.stream, fields=earlier.fields)
            event = event._replace(key=earlier.key, said=earlier.said, corrects=earlier.corrects, voids=earlier.voids)
        events.append(event)
        log.append(event)
    streams = STREAMS[body] or (RECORDS[body]("a", 0, 0, 0)[0],)
    return Logged(log, arrivals(log, dict.fromkeys(streams, (disorder, lateness))))


def logs(body: str, least: int = 6, most: int = 40) -> st.SearchStrategy[Logged]:
    """Random logs of a body, with a random disorder and lateness."""
    return st.builds(
        written,
        st.just(body),
        st.lists(_drawn(body), min_size=least, max_size=most),
        disorder=st.integers(0, 4),
        lateness=st.integers(0, 10),
    )

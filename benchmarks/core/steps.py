"""The plain step of each body of `declarations.yaml`, and of the shipped ticket: one record after the other."""

from collections.abc import Callable, Iterable
from typing import Any

from tests.oracle.events import Event
from tests.oracle.steps.corrections import Corrections, Known, effective
from tests.oracle.steps.courses import Course, Stages
from tests.oracle.steps.entity import EntityStep, Signed, carried, level
from tests.oracle.steps.firsts import Firsts, Set
from tests.oracle.steps.holdings import Held, Holdings
from tests.oracle.steps.latest import Latest, Replaced
from tests.oracle.steps.pairs import Pairing, Pairs
from tests.oracle.steps.sets import Sets, Slot
from tests.oracle.steps.statements import Said, Statements
from tests.oracle.steps.taken import Placed, Taken

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
TICKET = ("team", "priority", "channel", "tier")


def _does(*actions: str) -> Callable[[Event], bool]:
    wanted = frozenset(actions)
    return lambda event: event.fields["action"] in wanted


def _one(_: Event) -> int:
    return 1


def _team(event: Event | None) -> tuple[Any, ...]:
    return carried(event, "team")


def _response(_: int | None, states: Set) -> Iterable[Signed]:
    opened, replied = states.get("opened"), states.get("replied")
    if opened is None:
        return
    due = opened.time + (15 * MINUTE if opened.fields["team"] == "t00" else HOUR)
    if replied is not None:
        yield Signed("response", replied.time, _team(replied), replied.time - opened.time, 1)
    if replied is not None and replied.time <= due:
        yield Signed("within_target", replied.time, _team(opened), 1, 1)
    else:
        yield Signed("within_target", due, _team(opened), 0, 1)


def _resolution(_: int | None, held: Held) -> Iterable[Signed]:
    for episode in held.episodes:
        if episode.ended is not None:
            yield Signed("resolution", episode.ended, _team(episode.event), episode.ended - episode.started, 1)


def _backlog(until: int | None, held: Held) -> Iterable[Signed]:
    return level("backlog", held.all_edges(until), _team, _one)


def _desk(until: int | None, states: Set, held: Held) -> Iterable[Signed]:
    yield from _response(until, states)
    yield from _resolution(until, held)
    yield from _backlog(until, held)


def _slots(name: str, dimensions: tuple[str, ...], value: Callable[[Event], int]) -> Callable[..., Iterable[Signed]]:
    def out(_: int | None, slot: Slot) -> Iterable[Signed]:
        standing = [(slot.event, 1)] if slot.event is not None and not slot.cleared else []
        for event, sign in [*standing, *((reversal, -1) for reversal in slot.reversals)]:
            yield Signed(name, event.time, carried(event, *dimensions), value(event), sign)

    return out


def _lead(_: int | None, pairs: Pairs) -> Iterable[Signed]:
    return (Signed("lead", opened.time, _team(opened), int(closed is not None), 1) for opened, closed in pairs.pairs)


def _answered(_: int | None, pairs: Pairs) -> Iterable[Signed]:
    return (Signed("answered", by.time, _team(of), by.fields["amount"], 1) for by, of in pairs.closings)


def _customer(_: int | None, states: Set) -> Iterable[Signed]:
    if (bought := states.get("bought")) is not None:
        yield Signed("new_customer", bought.time, _team(bought), 1, 1)


def _newcomer(_: int | None, placed: Placed) -> Iterable[Signed]:
    if placed:
        yield Signed("newcomer", placed[0].time, _team(placed[0]), 1, 1)


def _course(_: int | None, course: Course) -> Iterable[Signed]:
    for stay in course.stays:
        if stay.left is not None:
            yield Signed("forward", stay.left, (stay.stage, stay.event.fields["team"]), int(stay.forward), 1)


def _machine(until: int | None, said: Said) -> Iterable[Signed]:
    return level("busy", said.all_edges(until), _team, _one)


def _latest(name: str, latest: Latest, field: str) -> Callable[..., Iterable[Signed]]:
    def out(until: int | None, replaced: Replaced) -> Iterable[Signed]:
        return level(name, latest.all_edges(replaced, until), _team, lambda event: int(event.fields[field]))

    return out


def _ticket(until: int | None, states: Set, open_: Held, unresolved: Held) -> Iterable[Signed]:
    opened, replied = states.get("opened"), states.get("replied")
    if opened is not None:
        of_opening = carried(opened, *TICKET)
        due = opened.time + (15 * MINUTE if opened.fields["priority"] == "high" else HOUR)
        if replied is not None:
            dimensions = (replied.fields["team"], *of_opening[1:])
            yield Signed("response", replied.time, dimensions, replied.time - opened.time, 1)
        if replied is not None and replied.time <= due:
            yield Signed("within_target", replied.time, of_opening, 1, 1)
        else:
            yield Signed("within_target", due, of_opening, 0, 1)
    for episode in unresolved.episodes:
        if episode.ended is not None:
            dimensions = carried(episode.event, *TICKET, "kind")
            yield Signed("resolution", episode.ended, dimensions, episode.ended - episode.started, 1)
            yield Signed("first_contact", episode.ended, dimensions, int(episode.times == 1), 1)
    yield from level("backlog", open_.all_edges(until), lambda event: carried(event, *TICKET), _one)


def _replied(event: Event) -> bool:
    fields = event.fields
    return fields["action"] == "replied" and fields["actor"] == "agent" and bool(fields["public"])


class Events:
    """The events themselves: a key is an event and what was said of it."""

    fresh = dict

    def __init__(self, horizon: int) -> None:
        self.step = Corrections(horizon).step

    def out(self, known: Known) -> list[Signed]:
        """Those that stand."""
        return [Signed("events", event.time, _team(event), 1, 1) for event in effective(known)]


Step = EntityStep | Events


def _statements(*, each: bool) -> EntityStep:
    busy = Statements(lambda event: event.fields["state"] == "busy", "project_id", each=each, carrying=("team",))
    return EntityStep((busy,), _machine, forget_after=7 * DAY)


def _held(out: Callable[..., Iterable[Signed]], within: int | None) -> EntityStep:
    parts = (Holdings(_does("opened", "reopened"), _does("resolved"), renews=_does("moved"), within=within),)
    return EntityStep(parts, out, forget_after=90 * DAY)


def _firsts() -> Firsts:
    return Firsts({"opened": (_does("opened"), None), "replied": (_does("replied"), "opened")})


def _pairs(out: Callable[..., Iterable[Signed]], within: int) -> EntityStep:
    return EntityStep((Pairing(_does("created"), _does("won"), within=within),), out, forget_after=90 * DAY)


def _shipped() -> EntityStep:
    enters, leaves = _does("opened", "reopened"), _does("resolved", "merged", "deleted")
    parts = (
        Firsts({"opened": (_does("opened"), None), "replied": (_replied, "opened")}),
        Holdings(enters, leaves, renews=_does("reclassified")),
        Holdings(enters, _does("resolved"), renews=_does("reclassified"), within=7 * DAY),
    )
    return EntityStep(parts, _ticket, forget_after=90 * DAY)


_READING = Latest(lambda event: event.fields["value"] >= 0)
_ANSWER = Latest(_does("answered"), lasting=30 * DAY)
_STAGES = {"one": _does("first"), "two": _does("second"), "three": _does("third")}

STEPS: dict[str, Callable[[], Step]] = {
    "ticket": _shipped,
    "desk": lambda: EntityStep(
        (_firsts(), Holdings(_does("opened", "reopened"), _does("resolved"), renews=_does("moved"), within=7 * DAY)),
        _desk,
        forget_after=90 * DAY,
    ),
    "response": lambda: EntityStep((_firsts(),), _response, forget_after=90 * DAY),
    "resolution": lambda: _held(_resolution, 7 * DAY),
    "backlog": lambda: _held(_backlog, None),
    "won": lambda: EntityStep(
        (Sets(_does("won"), _does("reverted"), within=7 * DAY),), _slots("won", ("team",), _one), forget_after=90 * DAY
    ),
    "conversion": lambda: _pairs(_lead, 30 * DAY),
    "answers": lambda: _pairs(_answered, HOUR),
    "customer": lambda: EntityStep((Firsts({"bought": (_does("placed"), None)}),), _customer, forget_after=None),
    "newcomer": lambda: EntityStep(
        (Taken(_does("placed"), _does("cancelled"), "order_id", within=14 * DAY),), _newcomer, forget_after=None
    ),
    "course": lambda: EntityStep(
        (Stages(_STAGES, _does("won"), _does("lost"), within=DAY),), _course, forget_after=90 * DAY
    ),
    "machine": lambda: _statements(each=False),
    "lanes": lambda: _statements(each=True),
    "stock": lambda: EntityStep((_READING,), _latest("stock", _READING, "value"), forget_after=None),
    "respondent": lambda: EntityStep((_ANSWER,), _latest("scores", _ANSWER, "score"), forget_after=90 * DAY),
    "order": lambda: EntityStep(
        (Sets(_does("placed"), _does("cancelled"), within=14 * DAY),),
        _slots("orders", ("customer_id", "team"), lambda event: int(event.fields["amount"])),
        forget_after=30 * DAY,
    ),
    "events": lambda: Events(4 * HOUR),
}

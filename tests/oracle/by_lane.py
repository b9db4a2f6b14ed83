"""The plain steps of the bodies whose states each lane of a key has by itself."""

from collections.abc import Iterable

from tests.oracle.events import Event, does
from tests.oracle.steps.courses import Stages
from tests.oracle.steps.entity import Dimensions, EntityStep, Signed, carried, level
from tests.oracle.steps.episodes import Episodes
from tests.oracle.steps.firsts import Firsts, Set
from tests.oracle.steps.lanes import ByLane, Lanes
from tests.oracle.steps.latest import Latest
from tests.oracle.steps.openings import Openings
from tests.oracle.steps.pairs import Pairing
from tests.oracle.steps.sets import Sets

SAID = Latest(does("placed", "note"), lasting=9)
TOUCHES = Openings(does("second"), does("third"), within=6)


def _placed(first: Set, orders: Lanes) -> Iterable[Signed]:
    """Each order, with the market of the first order of the customer so far."""
    for slot in orders.values():
        standing = [(slot.event, 1)] if slot.event is not None and not slot.cleared else []
        for event, sign in [*standing, *((reversal, -1) for reversal in slot.reversals)]:
            dimensions = (*carried(event, "market"), *carried(_by_then(first, event), "market"))
            yield Signed("placed", event.time, dimensions, event.fields["amount"], sign)


def _by_then(first: Set, event: Event) -> Event | None:
    joined = first.get("joined")
    return joined if joined is not None and joined.time <= event.time else None


def _noted(first: Set, notes: Lanes) -> Iterable[Signed]:
    for noted in notes.values():
        if (note := noted.get("noted")) is not None:
            joined = _by_then(first, note)
            since = 0 if joined is None else joined.time
            yield Signed("noted", note.time, carried(note, "market"), note.time - since, 1)


def _order_id(event: Event) -> Dimensions:
    return carried(event, "order_id")


def _amount(event: Event) -> int:
    return int(event.fields["amount"])


def _basket(until: int | None, first: Set, *by_lane: Lanes) -> Iterable[Signed]:
    orders, notes, spells, said = by_lane
    yield from _placed(first, orders)
    yield from _noted(first, notes)
    for state in spells.values():
        for spell in state.spells:
            if spell.ended is not None:
                dimensions = (*_order_id(spell.event), str(int(spell.followed)))
                yield Signed("closed", spell.ended, dimensions, spell.counts["notes"], 1)
        yield from level("open", state.all_edges(until), _order_id, lambda _: 1)
    for state in said.values():
        yield from level("said", SAID.all_edges(state, until), lambda _: (), _amount)


def basket() -> EntityStep:
    """What each order of a customer is by itself."""
    notes = does("note")
    spells = Episodes(
        does("placed"), does("cancelled"), drops=lambda _: False, counting={"notes": notes}, follows=notes, within=5
    )
    parts = (
        Firsts({"joined": (does("placed"), None)}),
        ByLane(Sets(does("placed"), does("cancelled"), within=12), "order_id"),
        ByLane(Firsts({"noted": (notes, None)}), "order_id"),
        ByLane(spells, "order_id"),
        ByLane(SAID, "order_id"),
    )
    return EntityStep(parts, _basket, forget_after=30)


def _paired(pairs: Lanes) -> Iterable[Signed]:
    for pair in pairs.values():
        for opening, closed in pair.pairs:
            yield Signed("pair", opening.time, carried(opening, "team"), int(closed is not None), 1)
        for closing, of in pair.closings:
            if of is None:
                yield Signed("stray", closing.time, carried(closing, "team"), 1, 1)


def _crossing(_: int | None, ways: Lanes, pairs: Lanes, touches: Lanes) -> Iterable[Signed]:
    for way in ways.values():
        for stay in way.stays:
            if stay.left is not None:
                yield Signed("way", stay.left, (stay.stage, stay.event.fields["team"]), stay.spent, 1)
    yield from _paired(pairs)
    for touch in touches.values():
        for closing in touch.closings:
            opening = TOUCHES.opening(touch, closing)
            yield Signed("touch", closing.time, (), -1 if opening is None else closing.time - opening.time, 1)


def crossing() -> EntityStep:
    """Courses and pairs of each team by itself."""
    stages = {"one": does("first"), "two": does("second"), "three": does("third")}
    parts = (
        ByLane(Stages(stages, does("won"), does("lost"), within=10), "team"),
        ByLane(Pairing(does("first"), does("second"), within=6), "team"),
        ByLane(TOUCHES, "team"),
    )
    return EntityStep(parts, _crossing, forget_after=40)

"""The plain steps of the bodies whose durations leave pauses out: how long it took to make a unit."""

from collections.abc import Iterable

from tests.oracle.events import does
from tests.oracle.steps.entity import EntityStep, Signed, carried, level
from tests.oracle.steps.episodes import Episodes
from tests.oracle.steps.firsts import Firsts, Set
from tests.oracle.steps.holdings import Held, Holdings, apart_from
from tests.oracle.steps.lanes import ByLane, Lanes
from tests.oracle.steps.lasts import Lasts, Word
from tests.oracle.steps.openings import Open, Openings
from tests.oracle.steps.pairs import Pairing, Pairs
from tests.oracle.steps.sets import Sets, Slot

ATTEMPTS = Openings(does("started"), does("finished"), within=15)


def _life(firsts: Set, slot: Slot, paused: Held, waiting: Held) -> Iterable[Signed]:
    started, finished, done = firsts.get("started"), firsts.get("finished"), slot.event
    if started is not None and finished is not None:
        active = apart_from(started.time, finished.time, paused, waiting)
        yield Signed("running", finished.time, carried(started, "team"), active, 1)
    if started is not None and done is not None and not slot.cleared:
        yield Signed("standing", done.time, (), apart_from(started.time, done.time, waiting), 1)


def _episodes(work: Held, paused: Held, waiting: Held) -> Iterable[Signed]:
    for episode in work.episodes:
        if episode.ended is not None:
            yield Signed("worked", episode.ended, (), apart_from(episode.started, episode.ended, paused), 1)
    for episode in waiting.episodes:
        if episode.ended is not None:
            yield Signed("waited", episode.ended, (), episode.ended - episode.started, 1)


def _attempts(attempt: Pairs, paused: Held) -> Iterable[Signed]:
    for opening, closed in attempt.pairs:
        if closed is not None:
            yield Signed("tried", closed.time, (), apart_from(opening.time, closed.time, paused), 1)
    for closing, of in attempt.closings:
        if of is not None:
            yield Signed("finishing", closing.time, (), apart_from(of.time, closing.time, paused), 1)


def _unit(until: int | None, *parts: Set | Slot | Held | Pairs) -> Iterable[Signed]:
    match parts:
        case dict() as firsts, Slot() as slot, Held() as paused, Held() as waiting, Held() as work, Pairs() as attempt:
            yield from _life(firsts, slot, paused, waiting)
            yield from _episodes(work, paused, waiting)
            yield from _attempts(attempt, paused)
            yield from level("paused", paused.all_edges(until), lambda _: (), lambda _: 1)


def unit() -> EntityStep:
    """How long a unit took, without its pauses: in its life, each time that it was made, and each attempt."""
    parts = (
        Firsts({"started": (does("started"), None), "finished": (does("finished"), "started")}),
        Sets(does("finished"), does("reopened"), within=9),
        Holdings(does("paused"), does("resumed"), renews=does("moved")),
        Holdings(does("waiting"), does("resumed", "finished"), within=5),
        Holdings(does("started"), does("finished"), within=6),
        Pairing(does("started"), does("finished"), within=15),
    )
    return EntityStep(parts, _unit, forget_after=45)


def _firsts(firsts: Set, word: Word, rests: Lanes) -> Iterable[Signed]:
    started, finished = firsts.get("started"), firsts.get("finished")
    if started is not None and finished is not None:
        yield Signed("active", finished.time, (), apart_from(started.time, finished.time, *rests.values()), 1)
    if started is not None and word.event is not None:
        yield Signed("noted", word.event.time, (), apart_from(started.time, word.event.time, *rests.values()), 1)


def _tries(tries: Open, rests: Lanes) -> Iterable[Signed]:
    for pair in tries.pairs:
        if pair.closed is not None:
            took = apart_from(pair.event.time, pair.closed.time, *rests.values())
            yield Signed("trying", pair.closed.time, (), took, 1)
    for closing in tries.closings:
        if (of := ATTEMPTS.opening(tries, closing)) is not None:
            yield Signed("achieved", closing.time, (), apart_from(of.time, closing.time, *rests.values()), 1)


def _shared(until: int | None, firsts: Set, word: Word, tries: Open, *by_team: Lanes) -> Iterable[Signed]:
    rests, works = by_team
    yield from _firsts(firsts, word, rests)
    yield from _tries(tries, rests)
    for work in works.values():
        for spell in work.spells:
            if spell.ended is not None:
                yield Signed("working", spell.ended, (), apart_from(spell.started, spell.ended, *rests.values()), 1)
    for rest in rests.values():
        for spell in rest.spells:
            if spell.ended is not None:
                value = 100 * spell.counts["moves"] + spell.ended - spell.started
                yield Signed("rested", spell.ended, (), value, 1)
        yield from level("resting", rest.all_edges(until), lambda _: (), lambda _: 1)


def shared() -> EntityStep:
    """What several teams make: nothing counts while any of them rests."""
    rests = Episodes(
        does("paused"), does("resumed"), drops=does("reopened"), counting={"moves": does("moved")}, within=5
    )
    works = Episodes(does("started"), does("finished"), drops=lambda _: False, counting={}, within=6)
    parts = (
        Firsts({"started": (does("started"), None), "finished": (does("finished"), "started")}),
        Lasts(does("note"), until=lambda started: started.time + 12, sets=does("started")),
        ATTEMPTS,
        ByLane(rests, "team"),
        ByLane(works, "team"),
    )
    return EntityStep(parts, _shared, forget_after=45)

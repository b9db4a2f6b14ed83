"""The log of entities: what of it counts for a new owner, and that it does not grow."""

from collections.abc import Callable, Iterable

import numpy as np
import pytest

from kpi.entities.histories import Integers, Mask
from kpi.entities.journal import Consolidation, Journal
from kpi.entities.ranges import Ranges
from kpi.entities.recovering import Recovered
from schemas.wire import EntityBlock
from tests.oracle.events import Arrival
from tests.property.bodies.blocklog import SMALL
from tests.property.bodies.engine import Driven
from tests.property.bodies.tallies import stepped, tally
from tests.property.rules.breaking import broken
from tests.property.rules.desk import accepted, of_order

KEYS = tuple(f"o{number}" for number in range(12))


def _orders() -> list[Arrival]:
    """Twelve orders, placed one after the other; after that each is placed and cancelled again now and then."""
    log = [of_order(number, f"p{number}", "placed", number, key=key) for number, key in enumerate(KEYS)]
    for number in range(len(KEYS), 90):
        action = "cancelled" if number % 3 == 0 else "placed"
        log.append(of_order(number, f"m{number}", action, number, key=KEYS[number * 7 % len(KEYS)]))
    return accepted(log, 5)


def _at_every_flush(consolidation: Consolidation | None = SMALL, *, cleans: bool = False) -> Driven:
    """Flushed after each record and taken over after each flush; what was contributed is always what the step says."""
    driven = Driven("order", _orders(), consolidation=consolidation)
    for _ in driven.arrivals:
        driven.take(1)
        driven.forget()
        driven.flush()
        if cleans:
            driven.log.clean()
        driven.start()
        assert tally(driven.signed) == tally(stepped("order", driven.events))
    return driven


def _each_record_once() -> None:
    """Of what a new owner reads back while nothing settles."""
    driven = Driven("order", _orders())
    for _ in driven.arrivals:
        driven.take(1)
        driven.flush()
        driven.start()
        keeping = driven.store._keeping
        _, places = keeping.ranges(0, 0, 1)[0]
        found = keeping.texts.of(keeping.rows(places)[0]["text"])
        assert sorted(map(str, found)) == sorted(f"{event.source}\0{event.id}" for event in driven.events)


def every_arrival(arrived: Mask, flush: Integers, latest: Integers) -> Mask:
    """Whether its range was written since or not."""
    counts: Mask = arrived | (flush == latest)
    return counts


def at_the_same_flush(_: Mask, flush: Integers, latest: Integers) -> Mask:
    """What arrived before a range was written is in it."""
    counts: Mask = flush >= latest
    return counts


def whatever_was_written(_: Mask, flush: Integers, *__: Integers) -> Mask:
    """A range that was written again since is there twice."""
    return np.ones(len(flush), bool)


def one_flush_too_early(ranges: Ranges) -> int:
    return int(ranges.flushes.min()) + 1


@pytest.mark.parametrize("cleans", [False, True])
@pytest.mark.parametrize("consolidation", [None, SMALL, Consolidation(keys=1, arrivals=0), Consolidation(3, 4096)])
def test_a_new_owner_has_what_the_log_amounts_to(consolidation: Consolidation | None, *, cleans: bool) -> None:
    driven = _at_every_flush(consolidation, cleans=cleans)
    parts = [block.part for block in driven.log.blocks() if block.body]
    assert any("/" in part for part in parts) == (consolidation is not None)


BREAKS: list[tuple[str, Callable[..., object]]] = [
    ("kpi.entities.recovering._counting", every_arrival),
    ("kpi.entities.recovering._counting", at_the_same_flush),
    ("kpi.entities.recovering._counting", whatever_was_written),
]


@pytest.mark.parametrize(("place", "variant"), BREAKS, ids=[variant.__name__ for _, variant in BREAKS])
def test_what_counts_twice_is_found(place: str, variant: Callable[..., object]) -> None:
    _each_record_once()
    with broken((place, variant)):
        _each_record_once()


def test_arrivals_that_go_one_flush_too_early_are_found() -> None:
    with broken(("kpi.entities.ranges.Ranges.oldest", property(one_flush_too_early))):
        _at_every_flush()


@pytest.mark.parametrize("consolidation", [SMALL, Consolidation(keys=4, arrivals=8192)])
def test_the_log_does_not_grow(consolidation: Consolidation) -> None:
    """With as many entities at the end as at the beginning, whatever is added and taken over meanwhile."""
    log = [
        of_order(100 * turn + number, f"e{turn}-{number}", ("placed", "cancelled")[turn % 2], turn, key=key)
        for turn in range(60)
        for number, key in enumerate(KEYS)
    ]
    driven = Driven("order", accepted(log, 5), consolidation=consolidation)
    alive = []
    for turn in range(60):
        for _ in range(len(KEYS) // 2):
            driven.take(2)
            driven.forget()
            driven.flush()
        if turn % 7 == 0:
            driven.start()
        alive.append(driven.log.alive)
    assert max(alive[40:]) <= max(alive[5:25]) + 2
    assert tally(driven.signed) == tally(stepped("order", driven.events))


def _changed_and_changed_back(consolidation: Consolidation | None) -> None:
    """Another definition counts for a while: what the first one left has a gap, and is not taken over again."""
    driven = Driven("order", _orders(), consolidation=consolidation)
    first = driven.entity
    other = first.model_copy(update={"most": first.most + 1})
    for entity in (first, other, first):
        driven.entity = entity
        driven.start()
        if driven.number:
            assert len(driven.store) == 0
        for _ in range(10):
            driven.take(1)
            driven.flush()


@pytest.mark.parametrize("consolidation", [SMALL, None])
def test_a_definition_that_returns_begins_anew(consolidation: Consolidation | None) -> None:
    _changed_and_changed_back(consolidation)


def test_a_first_flush_that_is_forgotten_is_found() -> None:
    def of_any_flush(
        journal: Journal, blocks: Iterable[EntityBlock], _: int, restore: Callable[..., Recovered] = Journal.restore
    ) -> Recovered:
        return restore(journal, blocks, 0)

    with broken(("kpi.entities.journal.Journal.restore", of_any_flush)):
        _changed_and_changed_back(None)


def test_all_of_it_anew_takes_the_place_of_what_was_there() -> None:
    driven = Driven("order", _orders())
    for _ in driven.arrivals[:60]:
        driven.take(1)
        driven.flush()
    before = {block.part for block in driven.log.blocks() if block.body}
    driven.log.write(driven.store.flush("rebuild", 61, whole=True), driven.store.consolidated)
    after = {block.part: block.flush for block in driven.log.blocks() if block.body}
    assert any(part.startswith("+") for part in before)
    assert not any(part.startswith("+") for part in after)
    assert set(after.values()) == {61}
    driven.number, driven.flushed, driven.durable = 61, driven.position, list(driven.signed)
    driven.start()
    driven.take(len(driven.arrivals))
    assert tally(driven.signed) == tally(stepped("order", driven.events))


def test_what_was_settled_is_not_due_at_once_for_a_new_owner() -> None:
    log = [of_order(0, f"e{number}", "placed", 1, key=f"o{number}") for number in range(20)]
    driven = Driven("order", accepted([*log, of_order(25, "last", "placed", 1, key="last")], 5))
    driven.take(21)
    driven.forget()
    driven.log.write(driven.store.flush("first", 1, whole=True), driven.store.consolidated)
    driven.start()
    assert len(driven.store) == 21
    assert not len(driven.store._keeping.overdue(driven.arrivals[-1].horizon))


def test_words_that_are_compacted_between_taking_and_flushing_are_written_as_they_were() -> None:
    """A thousand names are let go of while what came with others waits."""
    log = [of_order(number, f"p{number}", "placed", 1, f"m{number}", key=f"o{number}") for number in range(1200)]
    log += [of_order(40_000 + number, f"l{number}", "placed", 1, f"n{number}", key=f"l{number}") for number in range(9)]
    log += [of_order(40_009, f"c{number}", "cancelled", 1, f"n{number}", key=f"l{number}") for number in range(9)]
    driven = Driven("order", accepted(log, 9))
    driven.take(1200)
    driven.flush()
    driven.take(9)
    words = driven.store._keeping.words
    before = words.count
    driven.forget()
    assert words.count < before / 2
    driven.flush()
    driven.start()
    driven.take(9)
    assert tally(driven.signed) == tally(stepped("order", driven.events))

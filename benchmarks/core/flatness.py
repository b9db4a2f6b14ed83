"""As many events with 10^3 to 10^6 entities, all of them alive at once, and beside others that are silent."""

from collections.abc import Iterator, Sequence

from benchmarks.core.bodies import BODIES, Body
from benchmarks.core.loads import DAY, HOUR, START
from benchmarks.core.tables import Row
from benchmarks.core.vectors import BATCHES_A_FLUSH, Vectors, run

FLAT = ("ticket", "stock", "order")
HEADER = ("body", "entities", "touched an event", "µs an event", "µs a touched entity", "bytes an entity")


def rows(events: int, sizes: Sequence[int], batch: int) -> Iterator[Row]:
    """Entities that begin within an hour, live for a day, and are touched at random."""
    for body in (body for body in BODIES if body.name in FLAT):
        for entities in sizes:
            log = body.log(entities, events, batch, life=DAY, spread=HOUR)
            cost = run(Vectors(body), log)
            touched = sum(log.keys) / cost.events
            yield (
                body.title,
                f"{entities:,}",
                f"{touched:.2f}",
                f"{cost.microseconds:.2f}",
                f"{cost.microseconds / touched:.2f}",
                f"{cost.bytes_an_entity:,.0f}",
            )


SILENT_HEADER = ("body", "silent entities beside", "µs an event", "entities held", "bytes an entity")


def beside_silent(entities: int, events: int, sizes: Sequence[int], batch: int) -> Iterator[Row]:
    """The load of the first table, in a store that also holds entities that nothing happens to."""
    for body in (body for body in BODIES if body.name in FLAT):
        for silent in sizes:
            vectors = _holding(body, silent, batch)
            cost = run(vectors, body.log(entities, events, batch))
            yield (
                body.title,
                f"{silent:,}",
                f"{cost.microseconds:.2f}",
                f"{len(vectors.store):,}",
                f"{cost.bytes_an_entity:,.0f}",
            )


def _holding(body: Body, silent: int, batch: int) -> Vectors:
    vectors = Vectors(body)
    if silent:
        log = body.log(silent, silent, batch, life=1, spread=1, first=50_000_000)
        for number, each in enumerate(log.batches, 1):
            vectors.take(each)
            if number % BATCHES_A_FLUSH == 0:
                vectors.store.flush("i", number)
        vectors.store.forget(START + 1)
        vectors.store.flush("i", 0)
    return vectors

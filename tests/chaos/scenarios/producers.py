"""Producers that put keys elsewhere, and producers that send what nobody can read."""

from collections.abc import Iterator, Sequence
from itertools import count
from random import Random

from tests.chaos.arena import Arena
from tests.chaos.load import Message, anywhere, by_crc32
from tests.chaos.poison import poison
from tests.chaos.scenario import scenario
from tests.chaos.sending import TICK_SECONDS, Feed


@scenario(
    "crc32-producers", times=4, fewer=1, load={"place": by_crc32}, sentence="Producers place keys by another hash."
)
def crc32_producers(arena: Arena) -> None:
    """Most records lie on a wrong partition and are moved; workers are killed while they are on their way."""
    _kill_some(arena)


@scenario("any-producers", times=4, fewer=1, load={"place": anywhere}, sentence="Producers place each record anywhere.")
def any_producers(arena: Arena) -> None:
    """Also the records of one key lie on different partitions."""
    _kill_some(arena)


@scenario(
    "declared-crc32",
    times=4,
    fewer=1,
    load={"place": by_crc32},
    streams={"partitioner": "crc32"},
    sentence="The streams declare the other hash, and most records are where it says.",
)
def declared_crc32(arena: Arena) -> None:
    """What is moved is moved by that hash; a join's copies go by the usual one."""
    _kill_some(arena)


@scenario(
    "declared-any",
    times=4,
    fewer=1,
    load={"place": anywhere},
    streams={"partitioner": "any"},
    sentence="The streams declare that records may lie anywhere, and they do.",
)
def declared_any(arena: Arena) -> None:
    """Records of keys meet all the same."""
    _kill_some(arena)


@scenario("poison", times=4, fewer=1, load={"invalid": 0.1}, sentence="Each batch has a record that nobody can read.")
def poisoned(arena: Arena) -> None:
    """Beside the load, every tick of its producer brings something for each partition."""
    ticks = int(arena.size.seconds / TICK_SECONDS / 2)
    messages = list(_poison(arena.load.live, ticks, arena.random))
    beside = Feed(arena.kafka, messages, arena.size.seconds)
    beside.start()
    _kill_some(arena)
    beside.finish()
    arena.count(messages)


def _poison(live: Sequence[Message], ticks: int, random: Random) -> Iterator[Message]:
    """So many times, for each partition, the last record before in a form that cannot be read."""
    last: dict[tuple[str, int], Message] = {}
    step, numbers = len(live) / ticks, count()
    for tick in range(ticks):
        for message in live[int(tick * step) : int((tick + 1) * step)]:
            if message.value is not None and message.value.endswith(b"}"):
                last[message.topic, message.partition] = message
        for message in last.values():
            yield message._replace(value=poison(random, message.value or b"", next(numbers)))


def _kill_some(arena: Arena) -> None:
    for _ in arena.faults():
        worker = arena.pick()
        arena.sleep(arena.random.uniform(0, arena.gap() / 2))
        worker.kill()
        arena.note(f"kill -9 of {worker}")
        arena.replace(worker)

"""All workers start again on a panes topic of which nothing is left but the last record of each key."""

from collections import Counter
from functools import partial

from kpi.topology import PANES_PARTITIONS
from schemas.topics import PANES
from tests.brokers.compaction import until_compacted
from tests.chaos.arena import Arena
from tests.chaos.reading import Panes, read_panes
from tests.chaos.scenario import scenario

NOBODYS_CLAIM = b'["c","nobody/0"]'
READY_SECONDS = 60.0
SHOWN = 300


@scenario(
    "compacted-restart", times=2, fewer=1, sentence="All workers stop, the panes topic is compacted, and all start."
)
def compacted_restart(arena: Arena) -> None:
    """Half of the workers are killed, so that there are transactions without an end in what is compacted."""
    for _ in arena.faults():
        arena.sleep(arena.gap() * arena.random.uniform(0.3, 0.6))
        for number, worker in enumerate(arena.workers):
            if number % 2:
                worker.kill()
            else:
                worker.terminate()
        before = read_panes(arena.kafka)
        records, left = until_compacted(arena.kafka, PANES, PANES_PARTITIONS, NOBODYS_CLAIM)
        arena.note(f"all workers ended, and of {records} records of the panes topic {left} are left")
        after = read_panes(arena.kafka)
        said, still = Counter(_said(before)), Counter(_said(after))
        if differing := sorted(((said - still) + (still - said)).elements()):
            arena.checks.append(partial(_told, differing))
        for worker in list(arena.workers):
            arena.replace(worker).until_ready(READY_SECONDS)


def _told(differing: list[str]) -> list[str]:
    return [f"the compacted panes topic says something else: {one[:SHOWN]}" for one in differing]


def _said(panes: Panes) -> list[str]:
    """All that a reader takes from it, in an order of its own."""
    return sorted(map(repr, (*panes.rows, *panes.progress.values(), *panes.marks, *panes.blocks)))

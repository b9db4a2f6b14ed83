"""A join of which one stream stands still."""

from collections.abc import Sequence

from tests.chaos.arena import Arena
from tests.chaos.declared import DEALS, HOUR, JOINED, LEADS, MINUTE
from tests.chaos.scenario import scenario

SPAN = HOUR
STOPPED = (0.6, 0.6 + 10 * MINUTE / SPAN)
AHEAD = 5 * MINUTE
UNIT = "lead/"


@scenario(
    "stopped-stream",
    times=4,
    fewer=2,
    load={"span": SPAN, "preloaded": 0.3, "late": 0.0, "taken_back": 0.0, "withheld": {DEALS: STOPPED}},
    sentence="One of two joined streams stands still for ten minutes of event time.",
)
def stopped_stream(arena: Arena) -> None:
    """The join waits for it, however far the other one is, also across the death of workers."""
    furthest = 0
    for _ in arena.faults():
        worker = arena.pick()
        for _ in range(10):
            arena.sleep(arena.gap() / 20)
            furthest = max(furthest, _ahead(arena))
        worker.kill()
        arena.note(f"kill -9 of {worker}; leads are {furthest / MINUTE:.1f} minutes ahead at the most")
        arena.replace(worker)

    def waited() -> Sequence[str]:
        told = [] if furthest >= AHEAD else [f"leads were never {AHEAD / MINUTE} minutes ahead: nothing had to wait"]
        late = {topic: _late(arena, topic) for topic in (LEADS, DEALS)}
        return [*told, *(f"{count} records of {topic} were dropped as late" for topic, count in late.items() if count)]

    arena.checks.append(waited)


def _ahead(arena: Arena) -> int:
    """By how many milliseconds the join has heard more of leads than of deals, where it has heard the most."""
    found = [0]
    for task, progress in dict(arena.follower.progress).items():
        if task.startswith(UNIT):
            leads, deals = (progress.topics.get(JOINED[topic]) for topic in (LEADS, DEALS))
            if leads and deals and leads.watermark is not None and deals.watermark is not None:
                found.append(leads.watermark - deals.watermark)
    return max(found)


def _late(arena: Arena, topic: str) -> int:
    standings = [progress.topics[topic] for progress in arena.follower.progress.values() if topic in progress.topics]
    return sum(standing.fates["late"] for standing in standings)

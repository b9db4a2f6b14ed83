"""Workers whose clocks are wrong, and partitions that are silent for so long that clocks matter."""

import time
from collections.abc import Mapping
from typing import Any

from tests.chaos.arena import Arena, Size
from tests.chaos.declared import CALLS, DEALS, SECOND
from tests.chaos.reading import read_panes
from tests.chaos.scenario import scenario

HOUR_MS = 3_600_000
READY_SECONDS = 60.0


@scenario("clocks", times=6, fewer=2, sentence="The clocks of workers are an hour ahead and an hour behind.")
def clocks(arena: Arena) -> None:
    """Tasks move between right clocks and wrong ones."""
    for number in arena.faults():
        worker = arena.pick()
        worker.kill()
        ahead = HOUR_MS if number % 2 == 0 else -HOUR_MS
        fresh = arena.replace(worker, CHAOS_CLOCK=str(ahead))
        arena.note(f"{worker} is followed by one whose clock is {ahead // 60_000} minutes ahead")
        fresh.until_ready(READY_SECONDS)


def _at_the_pace_of_time(size: Size) -> Mapping[str, Any]:
    """Event time is the time of day, and two streams are silent twice."""
    span = int(2 * size.seconds * SECOND)
    return {
        "start": int(time.time() * SECOND) - span // 2,
        "span": span,
        "withheld": {CALLS: (0.55, 0.8), DEALS: (0.7, 0.95)},
    }


@scenario(
    "silence",
    times=6,
    fewer=2,
    load=_at_the_pace_of_time,
    streams={"idle_timeout": "1s"},
    sentence="Streams are silent for so long that they count as idle, while clocks are wrong and workers are killed.",
)
def silence(arena: Arena) -> None:
    """What silence does to a watermark stands in the log before it counts, whatever clock it was measured with."""

    def none() -> list[str]:
        return [] if read_panes(arena.kafka).marks else ["nothing ever counted as idle"]

    arena.checks.append(none)
    for number in arena.faults():
        worker = arena.pick()
        worker.until_ready(READY_SECONDS)
        worker.kill()
        ahead = 20 * SECOND if number % 2 == 0 else -20 * SECOND
        arena.replace(worker, CHAOS_CLOCK=str(ahead))
        arena.note(f"{worker} is followed by one whose clock is {ahead // SECOND} seconds ahead")

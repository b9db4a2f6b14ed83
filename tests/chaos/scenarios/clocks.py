"""Workers whose clocks are wrong."""

from tests.chaos.arena import Arena
from tests.chaos.scenario import scenario

HOUR_MS = 3_600_000


@scenario("clocks", times=6, fewer=2, sentence="The clocks of workers are an hour ahead and an hour behind.")
def clocks(arena: Arena) -> None:
    """Tasks move between right clocks and wrong ones."""
    for number in arena.faults():
        worker = arena.pick()
        worker.kill()
        ahead = HOUR_MS if number % 2 == 0 else -HOUR_MS
        arena.replace(worker, CHAOS_CLOCK=str(ahead))
        arena.note(f"{worker} is followed by one whose clock is {ahead // 60_000} minutes ahead")

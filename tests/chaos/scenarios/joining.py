"""Workers that come and go."""

from tests.chaos.arena import Arena
from tests.chaos.scenario import scenario

READY_SECONDS = 60.0


@scenario("joining", times=8, fewer=2, sentence="A third worker joins and leaves all the time.")
def joining(arena: Arena) -> None:
    """Every other time it is killed, else told to stop; not before it has tasks."""
    for number in arena.faults():
        third = arena.spawn()
        third.until_ready(READY_SECONDS)
        arena.sleep(arena.random.uniform(0, arena.gap() / 4))
        if number % 2:
            third.kill()
        else:
            third.terminate()
        arena.note(f"{third} joined, and {'was killed' if number % 2 else 'left'}")

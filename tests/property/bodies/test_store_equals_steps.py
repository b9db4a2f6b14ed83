"""The store of entities has contributed, at every flush, what the plain step says of all records up to there.

Whatever the order, the batches, the crashes, and the moments at which it settles and forgets.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.entities.journal import USUAL, Consolidation
from tests.oracle.bodies import STEPS
from tests.oracle.windows.bodies import WINDOWS
from tests.property.bodies.blocklog import SMALL
from tests.property.bodies.engine import Driven
from tests.property.bodies.logs import START, Logged, logs
from tests.property.bodies.settings import MANY
from tests.property.bodies.tallies import cells, stepped, tally

Schedule = list[tuple[str, int]]
SCHEDULES = st.lists(
    st.tuples(
        st.sampled_from(["take", "take", "take", "take", "forget", "forget", "flush", "flush", "crash", "clean"]),
        st.integers(1, 8),
    ),
    max_size=30,
)
CONSOLIDATIONS = st.sampled_from([SMALL, SMALL, Consolidation(keys=1, arrivals=0), USUAL, None])


def equals_at_every_flush(
    body: str, logged: Logged, schedule: Schedule, consolidation: Consolidation | None = SMALL
) -> None:
    """Runs the schedule, takes what is left, and compares whenever something was made durable."""
    driven = Driven(body, logged.arrivals, consolidation=consolidation)
    remaining = ("take", len(logged.arrivals))
    for what, count in [*schedule, remaining, ("forget", 1), ("flush", 1), ("crash", 1), ("forget", 1), ("flush", 1)]:
        if what == "take":
            driven.take(count)
        elif what == "settle":
            for _ in range(count):
                driven.take(1)
                driven.forget()
        elif what == "forget":
            driven.forget()
        elif what == "crash":
            driven.start()
        elif what == "clean":
            driven.log.clean()
        else:
            driven.flush()
            assert tally(driven.signed) == tally(stepped(body, driven.events))
    start, end = START - 30, START + 900
    assert cells(driven.signed, start, end) == WINDOWS[body](driven.events, start, end)


@pytest.mark.parametrize("body", STEPS)
def test_the_store_equals_the_step_at_every_flush(body: str) -> None:
    @MANY
    @given(logs(body), SCHEDULES, CONSOLIDATIONS)
    def holds(logged: Logged, schedule: Schedule, consolidation: Consolidation | None) -> None:
        equals_at_every_flush(body, logged, schedule, consolidation)

    holds()

"""The plain step of each body comes, in every window, to what the batch job of that window says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracle.bodies import STEPS
from tests.oracle.windows.bodies import WINDOWS
from tests.property.bodies.catalogue import declared
from tests.property.bodies.logs import START, Logged, logs
from tests.property.bodies.settings import MANY
from tests.property.bodies.tallies import cells, stepped


@pytest.mark.parametrize("body", STEPS)
def test_the_step_equals_the_batch_job_of_every_window(body: str) -> None:
    @MANY
    @given(logs(body), st.integers(-25, 120), st.integers(1, 60))
    def holds(logged: Logged, first: int, length: int) -> None:
        events = logged.events
        signed = stepped(body, events)
        for start, end in ((START + first, START + first + length), (START - 30, START + 900)):
            assert cells(signed, start, end) == WINDOWS[body](events, start, end), (start - START, end - START)

    holds()


def test_the_declarations_are_all_run() -> None:
    assert declared().entities.keys() == WINDOWS.keys()

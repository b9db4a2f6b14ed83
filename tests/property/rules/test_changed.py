"""What did not change is not contributed again, and leaving it out changes nothing."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi.entities.evaluated import Evaluated
from kpi.entities.histories import Integers
from tests.oracle.bodies import STEPS
from tests.oracle.events import Arrival
from tests.property.bodies.engine import Driven
from tests.property.bodies.logs import Logged, logs
from tests.property.bodies.tallies import Tally, tally
from tests.property.rules.breaking import broken
from tests.property.rules.desk import accepted, at

CHANGED = Evaluated.changed
PLACE = "kpi.entities.evaluated.Evaluated.changed"
LOG = accepted([at(0, "1", "opened"), at(1, "2", "resolved"), at(3, "3", "reopened"), at(5, "4", "note")], 9)


def everything(_: Evaluated, rows: Integers, __: Sequence[Integers] = ()) -> Integers:
    return np.arange(len(rows))


def by_its_record(evaluated: Evaluated, rows: Integers, _: Sequence[Integers] = ()) -> Integers:
    """The same record is taken for the same thing."""
    return CHANGED(evaluated, rows)


def run(body: str, arrivals: Sequence[Arrival], batch: int) -> tuple[list[Tally], int]:
    """What has changed in all after each batch, and how many rows said so."""
    driven, after = Driven(body, arrivals), []
    for _ in range(0, len(arrivals), batch):
        driven.take(batch)
        driven.forget()
        after.append(tally(driven.signed))
    return after, len(driven.signed)


def same_as_everything(body: str, arrivals: Sequence[Arrival], batch: int) -> tuple[int, int]:
    """How many rows there are, without what did not change and with it."""
    found, fewer = run(body, arrivals, batch)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(PLACE, everything)
        whole, all_of_them = run(body, arrivals, batch)
    assert found == whole
    return fewer, all_of_them


@pytest.mark.parametrize("body", STEPS)
def test_leaving_out_what_is_equal_changes_nothing(body: str) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(logs(body), st.integers(1, 8))
    def holds(logged: Logged, batch: int) -> None:
        fewer, all_of_them = same_as_everything(body, logged.arrivals, batch)
        assert fewer <= all_of_them

    holds()


def test_a_record_that_changes_nothing_is_not_contributed_again() -> None:
    def check() -> None:
        fewer, all_of_them = same_as_everything("resolution", LOG, 1)
        assert fewer < all_of_them

    check()
    with broken((PLACE, everything)):
        check()


def test_what_is_left_out_is_told_by_all_that_it_says() -> None:
    same_as_everything("resolution", LOG, 1)
    with broken((PLACE, by_its_record)):
        same_as_everything("resolution", LOG, 1)

"""The target that stands, by a plain look at all that was recorded: segment, days, correction, void, repetition."""

import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.entries import TARGETS, Ledger
from kpi.goals import Aim, goal_for
from kpi.windows import Kind, window_at
from schemas.kpis import Kpi
from schemas.times import parse_date
from tests.property.values.goals import Said, stands

KPI: dict[str, Any] = {
    "kpi": "speed", "title": "Speed", "sentence": "Speed.", "department": "service", "unit": "points",
    "direction": "up", "kind": "lagging", "owner": "nobody", "formula": "1", "dimensions": ("team", "site"),
    "windows": {"calendar": ("day", "month")},
}  # fmt: skip
SCOPES = st.dictionaries(st.sampled_from(["team", "site"]), st.sampled_from(["a", "b"]), max_size=2)
DAYS = st.integers(1, 28).map(lambda day: f"2026-02-{day:02}")
NAMES = st.sampled_from(["x", "y", "z", "w"])
SAID = st.builds(
    Said, id=NAMES, names=st.none() | NAMES, voids=st.booleans(), time=st.integers(0, 5), scope=SCOPES, start=DAYS,
    review=st.none() | DAYS, window=st.sampled_from([None, None, "day", "month"]), value=st.integers(1, 99),
)  # fmt: skip
DECLARED = st.lists(
    st.builds(
        lambda value, where, since, window: {"value": value, "where": where, "from": since, "window": window},
        st.integers(101, 199), SCOPES, DAYS, st.sampled_from([None, "day"]),
    ),
    max_size=3,
)  # fmt: skip


@settings(max_examples=500)
@given(st.lists(SAID, max_size=8), DECLARED, st.tuples(SCOPES, DAYS, st.sampled_from(["day", "month"])), st.booleans())
def test_the_target_that_stands(
    said: list[Said], declared: list[dict[str, Any]], about: tuple[dict[str, str], str, str], grows: bool
) -> None:
    asked, at, window = about
    kpi = Kpi.model_validate({**KPI, "targets": declared})
    held = window_at(window, Kind.calendar, parse_date(at), "UTC")
    now = parse_date("2026-02-20")
    ledger = Ledger.of((TARGETS, one.event()) for one in said)
    found = goal_for(kpi, ledger.targets.get("speed", ()), Aim(dict(asked), held, now, None, lambda: grows))
    first = datetime.date.fromisoformat(at if window == "day" else "2026-02-01")
    days = [first + datetime.timedelta(days=each) for each in range(1 if window == "day" else 28)]
    expected = stands(said, declared, asked, (window, days), datetime.date(2026, 2, 20), grows=grows)
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert found.target.value is not None
        assert abs(found.target.value - expected[0]) < 1e-9
        assert (None if found.entry is None else found.entry.body["id"]) == expected[1]

"""Differences go to every grain that holds the pane; what is older goes nowhere, but for levels into the base.

The smallest logs that tell are in `tests/property/rules`.
"""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.grains import DAY, MINUTE
from tests.property.panes.panes import LEVEL, T0, Panes, minute

GRAINS = ("1m", "15m", "1d:UTC")


edges = st.lists(
    st.tuples(
        st.integers(0, 5 * 24 * 60),
        st.sampled_from([1, 1, 2, -1]),
        st.sampled_from("ab"),
        st.booleans(),
        st.sampled_from(["wait", "flush", "crash"]),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(edges=edges)
def test_levels_at_every_grain(edges: list[tuple[int, int, str, bool, str]]) -> None:
    """Base and panes add up to the level and its integral, from each grain's horizon on."""
    panes = Panes(LEVEL)
    watermark = T0
    told: list[tuple[int, int, str]] = []
    for at, change, team, advance, after in edges:
        moment = T0 + at * MINUTE + 7_000
        told.append((moment, change, team))
        panes.add([{"start": minute(moment), "team": team, "s0": change, "s1": change * 7_000}])
        watermark = max(watermark, moment) if advance else watermark
        if after != "wait":
            panes.flush(watermark)
        if after == "crash":
            panes.crash()
    panes.flush(watermark)
    for grain in GRAINS:
        horizon = panes.store.retained.get(grain, T0)
        base = Counter[str]()
        for record in panes.log.bases():
            if record.grain == grain:
                base.update(
                    dict(zip(map(str, record.dimensions["team"]), map(int_of, record.columns["s0"]), strict=True))
                )
        rows = [(int(str(key[0])), key[1], int_of(s0), int_of(s1)) for key, (s0, s1) in panes.contents(grain).items()]
        assert all(start >= horizon for start, *_ in rows)
        end = T0 + 6 * DAY
        for team in "ab":
            level = base[team]
            integral = level * (end - horizon)
            for start, owner, s0, s1 in rows:
                if owner == team:
                    level += s0
                    integral += s0 * (end - start) - s1
            mine = [(moment, change) for moment, change, owner in told if owner == team]
            assert level == sum(change for _, change in mine)
            assert integral == sum(change * (end - max(moment, horizon)) for moment, change in mine)


def int_of(value: int | None) -> int:
    assert value is not None
    return value

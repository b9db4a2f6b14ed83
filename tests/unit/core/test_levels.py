"""Levels as change edges: exact at any moment and over any window, at every grain, also after panes left retention."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.grains import HOUR, MINUTE, QUARTER, Grain
from kpi.panes.changes import Moment
from kpi.panes.reduction import Reducer
from kpi.panes.state import GrainState
from kpi.plan import Column, Family, Group, Merge

LEVEL = Group(
    "g", "u", "u.level", Family.level, ("team",), tuple(Column(n, Merge.sum, None, None) for n in ("s0", "s1"))
)
T0 = 1_767_225_600_000
edges_of_teams = st.lists(
    st.tuples(st.integers(0, 5 * HOUR // 1000), st.sampled_from([1, 1, -1]), st.sampled_from(["a", "b"])),
    min_size=1,
    max_size=30,
)


def level_and_integral(states: list[pl.DataFrame], base: int, start: int, end: int) -> tuple[int, int]:
    """The level before `end`, and its integral over [start, end), as a reader takes them from rows (entities: S0,
    S1).
    """
    rows = pl.concat(states)
    at_start = base + sum(s0 for begin, s0 in rows.select("start", "s0").rows() if begin < start)
    inside = [row for row in rows.select("start", "s0", "s1").rows() if start <= row[0] < end]
    integral = at_start * (end - start) + sum(s0 * (end - begin) - s1 for begin, s0, s1 in inside)
    return at_start + sum(s0 for _, s0, _ in inside), integral


def plain(edges: list[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    """The same, edge by edge."""
    level = sum(change for time, change in edges if time < end)
    integral = sum(change * (end - max(time, start)) for time, change in edges if time < end)
    return level, integral


@settings(max_examples=60, deadline=None)
@given(edges=edges_of_teams, keep=st.sampled_from([None, HOUR]), grain=st.sampled_from([MINUTE, QUARTER]))
def test_level_and_integral(edges: list[tuple[int, int, str]], keep: int | None, grain: int) -> None:
    state = GrainState(LEVEL, Grain("g", grain, "UTC", keep, HOUR), most_keys=10**6)
    reducer = Reducer(LEVEL, signed=True)
    at = [(T0 + second * 1000, change, team) for second, change, team in edges]
    for place, (time, change, team) in enumerate(at):
        frame = pl.DataFrame({"time": [time], "value": [1], "sign": [change], "team": [team]})
        state.apply(reducer.reduce(frame), Moment(1, None))
        if place % 5 == 4:
            state.retire(max(t for t, _, _ in at[: place + 1]))
    for team in ("a", "b"):
        mine = [(time, change) for time, change, owner in at if owner == team]
        frames = [frame.filter(pl.col("team") == team) for frame in state.rows.frames()]
        frames.append(pl.DataFrame(schema={"start": pl.Int64, "team": pl.String, "s0": pl.Int64, "s1": pl.Int64}))
        base = int(state.base.filter(pl.col("team") == team)["s0"].sum())
        first = state.retained if state.retained is not None else T0
        for end in (first + 2 * HOUR, T0 + 6 * HOUR):
            if end > first:
                assert level_and_integral(frames, base, first, end) == plain(mine, first, end)

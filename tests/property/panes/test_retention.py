"""Differences go to every grain that holds the pane; what is older goes nowhere, but for levels into the base."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.grains import DAY, HOUR, MINUTE, QUARTER
from tests.property.panes.panes import LEVEL, T0, TEAMS, Panes, minute

GRAINS = ("1m", "15m", "1d:UTC")


def test_a_coarse_row_keeps_what_its_fine_rows_lost() -> None:
    """Rule 10: recomputed from the minutes that are left, the day would say 2 instead of 3."""
    panes = Panes(TEAMS)
    for at in (0, 5, 8):
        moment = T0 + at * HOUR
        panes.add([{"start": moment, "team": "a", "n": 1}])
        panes.flush(moment + 2 * DAY - 3 * HOUR)
    assert panes.contents("1d:UTC") == {(T0, "a"): (3,)}
    assert panes.contents("1m") == {(T0 + 5 * HOUR, "a"): (1,), (T0 + 8 * HOUR, "a"): (1,)}


def test_a_withdrawal_of_a_dropped_pane_is_skipped_at_that_grain() -> None:
    """Rule 11: else it leaves a row of -1 that no sweep meets again."""
    panes = Panes(TEAMS)
    panes.add([{"start": T0, "team": "a", "n": 1}])
    panes.flush(T0)
    panes.flush(T0 + 3 * DAY)
    assert panes.contents("1m") == {}
    panes.add([{"start": T0, "team": "a", "n": -1}])
    panes.flush(T0 + 3 * DAY)
    assert [panes.contents(grain) for grain in GRAINS] == [{}, {}, {}]
    assert panes.store.row_count == 0


def test_edges_before_the_retention_go_to_the_base() -> None:
    """Rule 11, of levels: the edge of a dropped pane is not lost."""
    panes = Panes(LEVEL)
    panes.flush(T0 + 3 * DAY)
    panes.add([{"start": T0, "team": "a", "s0": 1, "s1": 30_000}])
    panes.flush(T0 + 3 * DAY)
    [base] = panes.log.bases()
    assert (base.grain, base.dimensions, base.columns["s0"]) == ("1m", {"team": ["a"]}, [1])
    assert panes.contents("1d:UTC") == {(T0, "a"): (1, 30_000)}


def test_what_leaves_retention_goes_to_the_base() -> None:
    panes = Panes(LEVEL)
    panes.add([{"start": T0, "team": "a", "s0": 2, "s1": 0}])
    panes.flush(T0)
    for days in (3, 100):
        panes.flush(T0 + days * DAY)
        panes.crash()
    assert {base.grain: base.columns["s0"] for base in panes.log.bases()} == {"1m": [2], "15m": [2]}


def test_offsets_are_rebased_on_the_coarser_pane() -> None:
    """An opening at minute 4 of a quarter lasts 11 minutes of it, not 15."""
    panes = Panes(LEVEL)
    panes.add([{"start": T0 + 4 * MINUTE, "team": "a", "s0": 1, "s1": 0}])
    panes.flush(T0)
    ((s0, s1),) = panes.contents("15m").values()
    assert s0 is not None
    assert s1 is not None
    assert s0 * QUARTER - s1 == 11 * MINUTE


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

"""Large panes in buckets: every row at one place, whatever is added, withdrawn, flushed and lost."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.grains import DAY, MINUTE, QUARTER
from kpi.panes import buckets
from tests.property.panes.panes import T0, TEAMS, Panes

GRAINS = {"1m": MINUTE, "15m": QUARTER, "1d:UTC": DAY}
batches = st.lists(
    st.tuples(
        st.lists(st.tuples(st.integers(0, 40), st.integers(0, 80), st.integers(1, 3)), min_size=1, max_size=80),
        st.sampled_from(["flush", "flush", "wait", "crash"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(batches=batches)
def test_every_row_is_written_once_and_right(batches: list[tuple[list[tuple[int, int, int]], str, bool]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buckets, "ROWS", 4)
        patch.setattr(buckets, "LARGE", 8)
        panes = Panes(TEAMS)
        want: dict[str, Counter[tuple[int, str]]] = {grain: Counter() for grain in GRAINS}
        for rows, after, back in batches:
            added: list[dict[str, Any]] = [
                {"start": T0 + at * MINUTE, "team": f"t{team}", "n": n} for at, team, n in rows
            ]
            if back:
                taken = sorted(panes_rows(want["1m"]))[::2]
                added = [{"start": start, "team": team, "n": -n} for start, team, n in taken]
            panes.add(added)
            for grain, length in GRAINS.items():
                for row in added:
                    want[grain][row["start"] // length * length, row["team"]] += row["n"]
            if after != "wait":
                panes.flush()
            if after == "crash":
                panes.crash()
        panes.flush()
        for grain, counts in want.items():
            assert panes.contents(grain) == {key: (n,) for key, n in counts.items() if n}
            held = sum(1 for n in counts.values() if n)
            assert len(panes.contents(grain)) == held
        assert panes.store.row_count == sum(1 for counts in want.values() for n in counts.values() if n)


def panes_rows(counts: Counter[tuple[int, str]]) -> list[tuple[int, str, int]]:
    return [(start, team, n) for (start, team), n in counts.items() if n]


def test_a_pane_that_grows_row_by_row_finds_each_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "ROWS", 2)
    monkeypatch.setattr(buckets, "LARGE", 4)
    panes = Panes(TEAMS)
    for again in (1, 2):
        for team in range(60):
            panes.add([{"start": T0, "team": f"t{team}", "n": 1}])
            panes.flush()
        panes.crash()
        assert panes.contents("1d:UTC") == {(T0, f"t{team}"): (again,) for team in range(60)}
    assert len(panes.log.rows("1d:UTC")) > 16


def test_a_flush_writes_the_buckets_that_it_touches() -> None:
    panes = Panes(TEAMS)
    panes.add([{"start": T0, "team": f"t{team}", "n": 1} for team in range(20_000)])
    panes.flush()
    panes.add([{"start": T0, "team": "t7", "n": 1}])
    records = panes.flush()
    assert [record.grain for record in records] == ["1m", "15m", "1d:UTC"]
    assert all(len(record.columns["n"]) < 4 * buckets.ROWS for record in records)

"""Groups beyond their cap: a dimension's values are folded, and nothing that is answered is ever a part."""

from collections import Counter
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.grains import DAY, MINUTE, QUARTER
from kpi.panes.hashes import text_hashes
from kpi.reading import OTHER
from tests.property.panes.panes import COUNTS, LEVEL, T0, Panes

GRAINS = {"1m": MINUTE, "15m": QUARTER, "1d:UTC": DAY}
MOST = 16
Row = dict[str, Any]
Kept = dict[str, set[str]]

teams = st.one_of(st.none(), st.integers(0, 60).map("t{}".format))
row = st.builds(
    lambda at, team, channel, n: {
        "start": T0 + at * MINUTE,
        "team": team,
        "channel": channel,
        "n": n,
        "amount": 10 * n,
    },
    st.integers(0, 40),
    teams,
    st.sampled_from(["mail", "phone", "chat"]),
    st.integers(1, 3),
)
flushes = st.lists(st.tuples(st.lists(row, min_size=1, max_size=40), st.booleans()), min_size=1, max_size=8)


def beyond(name: str | None, depth: int) -> bool:
    """Whether a value counts as other."""
    return name is not None and depth > 0 and int(text_hashes(pl.Series([name]))[0]) >> (64 - depth) != 0


def folded(rows: list[Row], depths: dict[str, int]) -> Counter[tuple[object, ...]]:
    """The rows summed by start, team and channel as they are to be read at these depths."""
    found: Counter[tuple[object, ...]] = Counter()
    for each in rows:
        names = [OTHER if beyond(each[d], depths.get(d, 0)) else each[d] for d in ("team", "channel")]
        found[each["start"], *names] += each["n"]
    return found


def at_grain(rows: list[Row], length: int) -> list[Row]:
    return [each | {"start": each["start"] // length * length} for each in rows]


def check(panes: Panes, told: list[Row]) -> None:
    depths = panes.store.folded.get("g", {})
    for grain, length in GRAINS.items():
        got = {key: n for key, (n, _) in panes.contents(grain).items()}
        assert got == dict(folded(at_grain(told, length), depths))
    assert len({key[1:] for key in panes.contents("1m")}) <= MOST


@settings(max_examples=40, deadline=None)
@given(flushes=flushes)
def test_totals_and_what_is_not_folded_are_exact(flushes: list[tuple[list[Row], bool]]) -> None:
    panes, steady = Panes(COUNTS, most_groups=MOST), Panes(COUNTS, most_groups=MOST)
    told: list[Row] = []
    before: dict[str, int] = {}
    for rows, crash in flushes:
        told += rows
        for each in (panes, steady):
            each.add(rows)
            each.flush()
        check(panes, told)
        depths = panes.store.folded.get("g", {})
        assert all(depths[name] >= depth for name, depth in before.items())
        before = depths
        if crash:
            panes.crash()
    assert panes.store.folded == steady.store.folded
    assert all(panes.contents(grain) == steady.contents(grain) for grain in GRAINS)


@settings(max_examples=40, deadline=None)
@given(mine=flushes, others=flushes, order=st.randoms(use_true_random=False))
def test_membership_does_not_depend_on_the_order_of_arrival(
    mine: list[tuple[list[Row], bool]], others: list[tuple[list[Row], bool]], order: Any
) -> None:
    """Read at the greatest depth of all tasks, two tasks say the same in whatever order each has heard of it."""
    shuffled = [each for rows, _ in mine for each in rows]
    order.shuffle(shuffled)
    cut = len(shuffled) // 2
    tasks = [Panes(COUNTS, most_groups=MOST) for _ in range(3)]
    for rows, _ in mine:
        tasks[0].add(rows)
        tasks[0].flush()
    for rows in (shuffled[:cut], shuffled[cut:]):
        tasks[1].add(rows)
        tasks[1].flush()
    for rows, _ in others:
        tasks[2].add(rows)
        tasks[2].flush()
    depths: dict[str, int] = {}
    for task in tasks:
        for name, depth in task.store.folded.get("g", {}).items():
            depths[name] = max(depth, depths.get(name, 0))
    for grain, length in GRAINS.items():
        first, second, third = (folded(rows_of(task, grain), depths) for task in tasks)
        assert first == second == folded(at_grain(shuffled, length), depths)
        both = [each for rows, _ in (*mine, *others) for each in rows]
        assert first + third == folded(at_grain(both, length), depths)


def rows_of(panes: Panes, grain: str) -> list[Row]:
    return [
        {"start": start, "team": team, "channel": channel, "n": n}
        for (start, team, channel), (n, _) in panes.contents(grain).items()
    ]


def test_memory_falls_and_all_grains_with_it() -> None:
    panes = Panes(COUNTS, most_groups=100)
    rows = [{"start": T0, "team": f"t{n}", "channel": "mail", "n": 1, "amount": 1} for n in range(5000)]
    panes.add(rows)
    panes.flush()
    assert panes.store.row_count <= 3 * 100
    assert [sum(n or 0 for n, _ in panes.contents(grain).values()) for grain in GRAINS] == [5000] * 3
    panes.add([{"start": T0, "team": f"u{n}", "channel": "mail", "n": 1, "amount": 1} for n in range(5000)])
    panes.flush()
    assert panes.store.row_count <= 3 * 100


def test_an_import_of_old_days_is_capped_in_its_days() -> None:
    panes = Panes(COUNTS, most_groups=MOST)
    panes.flush(T0 + 100 * DAY)
    for first in range(0, 60, 10):
        many = range(first, first + 10)
        panes.add([{"start": T0, "team": f"t{n}", "channel": "mail", "n": 1, "amount": 1} for n in many])
        panes.flush(T0 + 100 * DAY)
    assert len(panes.contents("1d:UTC")) <= MOST
    assert sum(n or 0 for n, _ in panes.contents("1d:UTC").values()) == 60


def test_combinations_of_panes_that_are_gone_do_not_count() -> None:
    panes = Panes(COUNTS, most_groups=MOST)
    for day in range(6):
        at = T0 + 4 * day * DAY
        names = [f"day {day} team {n}" for n in range(10)]
        panes.add([{"start": at, "team": name, "channel": "mail", "n": 1, "amount": 1} for name in names])
        panes.flush(at)
        panes.crash()
    assert panes.store.folded == {}


def test_the_base_of_a_level_is_folded_too() -> None:
    panes = Panes(LEVEL, most_groups=MOST)
    panes.add([{"start": T0, "team": f"t{n}", "s0": 1, "s1": 0} for n in range(12)])
    panes.flush(T0)
    panes.flush(T0 + 3 * DAY)
    panes.add([{"start": T0 + 3 * DAY, "team": f"t{n}", "s0": 1, "s1": 0} for n in range(100)])
    panes.flush(T0 + 3 * DAY)
    depth = panes.store.folded["g"]["team"]
    [base] = [base for base in panes.log.bases() if base.grain == "1m"]
    want = Counter(OTHER if beyond(f"t{n}", depth) else f"t{n}" for n in range(12))
    assert dict(zip(base.dimensions["team"], base.columns["s0"], strict=True)) == dict(want)


def test_what_an_absent_group_had_folded_is_kept() -> None:
    panes = Panes(COUNTS)
    panes.store.restore([], [], {}, {"of another catalogue": {"team": 3}})
    assert panes.store.folded == {"of another catalogue": {"team": 3}}

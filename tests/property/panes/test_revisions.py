"""Revisions: 1 + the flushes that changed a window after the flush in which the watermark passed its end."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.grains import DAY, HOUR, MINUTE, QUARTER
from kpi.tiles import Tile, tiles, tiles_before
from kpi.windows import Kind, Window
from tests.property.panes.panes import COUNTS, LEVEL, T0, TEAMS, Panes

NINE = T0 + 9 * HOUR
SECOND = 1000


def revision(panes: Panes, start: int, end: int) -> int:
    """As a reader counts it, from the records alone."""
    grains = panes.grains
    inside = tiles(Window("w", Kind.tumbling, start, end, "UTC"), grains, {})
    before = tiles_before(start, grains, {}) if panes.group is LEVEL else []
    late = _late(panes, inside, end, reaching=0) | _late(panes, before, end, reaching=end)
    return 1 + len(late)


def _late(panes: Panes, among: list[Tile], end: int, reaching: int) -> set[int]:
    found = set()
    for tile in among:
        for row in panes.log.rows(tile.grain):
            if (tile.start is None or tile.start <= row.start) and row.start < tile.end:
                for flush, watermark, *until in row.changes:
                    if watermark >= end and (not reaching or until[0] >= reaching):
                        found.add(flush)
    return found


def counted(start: int, n: int = 1) -> list[dict[str, Any]]:
    return [{"start": start - start % MINUTE, "team": "a", "n": n}]


def edge(moment: int, change: int, team: str = "a") -> dict[str, Any]:
    start = moment - moment % MINUTE
    return {"start": start, "team": team, "s0": change, "s1": change * (moment - start)}


def test_case_t1_a_withdrawal_that_leaves_nothing() -> None:
    """Resolved 10:00, reopened 11:00, resolved again 13:00: the quarter that ends 10:15 is empty at revision 2."""
    panes = Panes(TEAMS)
    ten, quarter = NINE + HOUR, (NINE + HOUR, NINE + HOUR + QUARTER)
    panes.add(counted(ten))
    panes.flush(ten)
    panes.flush(ten + 30 * MINUTE)
    assert revision(panes, *quarter) == 1
    panes.add(counted(ten, -1))
    panes.flush(ten + HOUR)
    assert panes.contents("15m") == {}
    assert revision(panes, *quarter) == 2
    panes.crash()
    panes.add(counted(ten + 3 * HOUR))
    panes.flush(ten + 3 * HOUR)
    assert revision(panes, *quarter) == 2
    # It comes back: a pane that vanished has not forgotten what was seen of it.
    panes.add(counted(ten))
    panes.flush(ten + 3 * HOUR)
    assert revision(panes, *quarter) == 3


CLICKS = ["00:10", "04:50", "05:40", "03:00", "10:40", "05:20"]  # the seventh is late


@pytest.mark.parametrize(("each", "want"), [(True, (2, 2)), (False, (1, 1))])
def test_case_t2_late_events(each: bool, want: tuple[int, int]) -> None:
    """Disorder 30 s. Flushed one by one, each closed window was seen before its late event; in one flush none was."""
    panes = Panes(TEAMS)
    highest = 0
    for text in CLICKS:
        moment = NINE + int(text[:2]) * MINUTE + int(text[3:]) * SECOND
        highest = max(highest, moment - 30 * SECOND)
        panes.add(counted(moment))
        if each:
            panes.flush(highest)
    if not each:
        panes.flush(highest)
    assert (revision(panes, NINE, NINE + 5 * MINUTE), revision(panes, NINE + 5 * MINUTE, NINE + 10 * MINUTE)) == want


def test_case_t16_misses_are_contributed_ahead() -> None:
    """Three misses dated ahead at the day's end, one of them withdrawn the next morning."""
    panes = Panes(COUNTS)
    deadline = T0 + DAY - MINUTE
    panes.add(orders(deadline, 3, 0))
    panes.flush(T0)
    panes.add([*orders(T0 + 11 * HOUR, 1, 1), *orders(deadline, -1, 0)])
    panes.flush(T0 + 11 * HOUR)
    panes.flush(T0 + DAY + HOUR)
    assert panes.contents("1d:UTC") == {(T0, "a", "mail"): (3, 1)}
    assert revision(panes, T0, T0 + DAY) == 1
    panes.add([*orders(deadline, -1, 0), *orders(T0 + 20 * HOUR, 1, 1)])
    panes.flush(T0 + DAY + 7 * HOUR)
    assert panes.contents("1d:UTC") == {(T0, "a", "mail"): (3, 2)}
    assert revision(panes, T0, T0 + DAY) == 2


def orders(start: int, n: int, kept: int) -> list[dict[str, Any]]:
    return [{"start": start, "team": "a", "channel": "mail", "n": n, "amount": kept}]


def test_the_flush_in_which_the_watermark_passes_does_not_count() -> None:
    panes = Panes(TEAMS)
    panes.add(counted(T0))
    panes.flush(T0 + MINUTE - 1)
    panes.add(counted(T0))
    panes.flush(T0 + MINUTE)
    assert revision(panes, T0, T0 + MINUTE) == 1
    panes.add(counted(T0))
    panes.flush(T0 + MINUTE)
    assert revision(panes, T0, T0 + MINUTE) == 2


def test_what_nets_to_nothing_in_a_flush_does_not_count() -> None:
    panes = Panes(TEAMS)
    panes.add(counted(T0))
    panes.flush(T0 + HOUR)
    panes.add(counted(T0, 1))
    panes.add(counted(T0, -1))
    panes.add(counted(T0 + 2 * MINUTE, 1))
    panes.add(counted(T0 + 3 * MINUTE, -1))
    panes.flush(T0 + HOUR)
    assert revision(panes, T0, T0 + QUARTER) == 1
    assert revision(panes, T0 + 2 * MINUTE, T0 + 3 * MINUTE) == 2


def test_the_last_32_flushes_and_their_number() -> None:
    panes = Panes(TEAMS)
    panes.flush(T0 + HOUR)
    for _ in range(40):
        panes.add(counted(T0))
        panes.flush(T0 + HOUR)
    [row] = panes.log.rows("1m")
    assert (len(row.changes), row.change_count) == (32, 40)
    assert row.changes[-1] == [41, T0 + HOUR]
    panes.crash()
    panes.add(counted(T0))
    panes.flush(T0 + HOUR)
    assert panes.log.rows("1m")[0].change_count == 41


def test_retention_forgets_also_what_an_empty_pane_said() -> None:
    panes = Panes(TEAMS)
    panes.add(counted(T0))
    panes.flush(T0 + HOUR)
    panes.add(counted(T0, -1))
    panes.flush(T0 + HOUR)
    assert [len(panes.log.rows(grain)) for grain in ("1m", "15m", "1d:UTC")] == [1, 1, 0]
    panes.flush(T0 + 100 * DAY)
    assert panes.log.records == {}


def test_an_edge_that_moved_changes_the_windows_that_end_between() -> None:
    """A resolution of 01:02 turns out to be of 01:32: ends in (01:02, 01:32] change, later ones do not."""
    panes = Panes(LEVEL)
    one = T0 + HOUR
    panes.add([edge(T0, 1), edge(one + 2 * MINUTE, -1)])
    panes.flush(T0 + DAY)
    panes.add([edge(one + 2 * MINUTE, 1), edge(one + 32 * MINUTE, -1)])
    panes.flush(T0 + DAY)
    ends = range(one, one + HOUR + 1, QUARTER)
    assert [revision(panes, end - QUARTER, end) for end in ends] == [1, 2, 2, 2, 1]
    # An hour later nothing is different.
    assert revision(panes, T0 + 3 * HOUR, T0 + 4 * HOUR) == 1
    panes.add([edge(one, 1)])
    panes.flush(T0 + DAY)
    assert [revision(panes, end - QUARTER, end) for end in (one, one + QUARTER, T0 + 20 * HOUR)] == [1, 3, 2]


moves = st.lists(
    st.tuples(
        st.lists(st.tuples(st.integers(0, 26 * 60), st.sampled_from([1, -1]), st.sampled_from("ab")), max_size=5),
        st.integers(0, 40),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(flushes=moves, windows=st.lists(st.tuples(st.integers(0, 110), st.integers(1, 100)), min_size=1, max_size=6))
def test_revisions_of_levels(
    flushes: list[tuple[list[tuple[int, int, str]], int]], windows: list[tuple[int, int]]
) -> None:
    """Against a plain count of the flushes after which a window's edges or the level before it were different."""
    panes = Panes(LEVEL)
    want = [1] * len(windows)
    watermark = None
    for edges, hours in flushes:
        panes.add([edge(T0 + at * MINUTE, change, team) for at, change, team in edges])
        for place, (first, length) in enumerate(windows):
            start, end = T0 + first * QUARTER, T0 + (first + length) * QUARTER
            if watermark is not None and watermark >= end:
                want[place] += differs(edges, start, end)
        watermark = max(watermark or 0, T0 + hours * HOUR)
        panes.flush(watermark)
        panes.crash()
    got = [revision(panes, T0 + first * QUARTER, T0 + (first + length) * QUARTER) for first, length in windows]
    assert got == want


def differs(edges: list[tuple[int, int, str]], start: int, end: int) -> bool:
    """Whether these edges, taken together, change anything inside the window or the level at its beginning."""
    net: dict[tuple[int, str], int] = {}
    for at, change, team in edges:
        net[T0 + at * MINUTE, team] = net.get((T0 + at * MINUTE, team), 0) + change
    inside = any(start <= moment < end and change for (moment, _), change in net.items())
    levels = {team: sum(c for (m, t), c in net.items() if t == team and m < start) for _, team in net}
    return inside or any(levels.values())

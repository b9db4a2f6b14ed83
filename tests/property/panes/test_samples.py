"""Panes of very many keys keep a sample that still merges and withdraws, and say so for as long as they are there."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.grains import DAY
from tests.property.panes.panes import KEYS, T0, Panes

MOST = 16
changes = st.lists(
    st.tuples(st.lists(st.tuples(st.integers(0, 200), st.booleans()), min_size=1, max_size=60), st.booleans()),
    min_size=1,
    max_size=6,
)
_HASHES = [random.Random(n).getrandbits(64) for n in range(201)]


def key(number: int, n: int) -> dict[str, object]:
    return {"start": T0, "team": "a", "extra": _HASHES[number], "n": n}


def depths(panes: Panes) -> dict[str, int]:
    return {grain: max([row.depth for row in panes.log.rows(grain)], default=0) for grain in ("1m", "15m", "1d:UTC")}


@settings(max_examples=40, deadline=None)
@given(flushes=changes)
def test_a_pane_is_all_of_its_keys_up_to_its_depth(flushes: list[tuple[list[tuple[int, bool]], bool]]) -> None:
    panes, steady = Panes(KEYS, most_keys=MOST), Panes(KEYS, most_keys=MOST)
    counts = [0] * 201
    before = dict.fromkeys(("1m", "15m", "1d:UTC"), 0)
    for rows, crash in flushes:
        signed = []
        for number, back in rows:
            n = -1 if back and counts[number] else 1
            counts[number] += n
            signed.append(key(number, n))
        for each in (panes, steady):
            each.add(signed)
            each.flush()
        if crash:
            panes.crash()
        now = depths(panes)
        assert all(now[grain] >= before[grain] for grain in now)
        before = now
        for grain, depth in now.items():
            want = {_HASHES[n]: c for n, c in enumerate(counts) if c and _HASHES[n] >> (64 - depth) == 0}
            assert {extra: n for (_, _, extra), (n,) in panes.contents(grain).items()} == want
            assert len(want) <= MOST
        assert panes.log.records.keys() == steady.log.records.keys()
        assert [panes.contents(grain) for grain in now] == [steady.contents(grain) for grain in now]


def test_a_pane_whose_sample_is_withdrawn_is_still_a_sample() -> None:
    """Else the keys that come next would be all, and those that the sample left out be forgotten."""
    panes = Panes(KEYS, most_keys=MOST)
    panes.add([key(n, 1) for n in range(200)])
    panes.flush()
    depth = depths(panes)["1d:UTC"]
    panes.add([key(n, -1) for n in range(100) if _HASHES[n] >> (64 - depth) == 0])
    panes.add([key(n, -1) for n in range(100, 200)])
    panes.flush()
    assert panes.contents("1d:UTC") == {}
    panes.crash()
    panes.add([key(200, 1)])
    panes.flush()
    assert depths(panes)["1d:UTC"] == depth > 0


def test_what_leaves_retention_takes_its_depth_with_it() -> None:
    panes = Panes(KEYS, most_keys=MOST)
    panes.add([key(n, 1) for n in range(200)])
    panes.flush(T0)
    panes.flush(T0 + 100 * DAY)
    assert panes.log.rows("1m") == panes.log.rows("15m") == []


def test_large_panes_are_thinned_in_all_their_buckets() -> None:
    panes = Panes(KEYS, most_keys=1000)
    generator = random.Random(1)
    hashes = [generator.getrandbits(64) for _ in range(5000)]
    for first in range(0, 5000, 900):
        panes.add([{"start": T0, "team": "a", "extra": h, "n": 1} for h in hashes[first : first + 900]])
        panes.flush()
        panes.crash()
    depth = depths(panes)["1d:UTC"]
    assert {extra for _, _, extra in panes.contents("1d:UTC")} == {h for h in hashes if h >> (64 - depth) == 0}
    assert {row.depth for row in panes.log.rows("1d:UTC")} == {depth}
    assert 250 < panes.store.row_count / 3 <= 1000

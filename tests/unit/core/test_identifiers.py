"""Remembered ids: exact over at least the horizon, and the same however the records were batched or read again."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.accepting.identifiers import HashTable, SeenIdentifiers

HORIZON = 8


def expected(ids: list[int]) -> list[bool]:
    """New unless seen since the start of the generation before its own, by plain lists."""
    out = []
    for place, identifier in enumerate(ids):
        since = max(0, (place // HORIZON - 1) * HORIZON)
        out.append(identifier not in ids[since:place])
    return out


def fed(seen: SeenIdentifiers, ids: list[int], first: int, cuts: list[int]) -> list[bool]:
    """The answers for ids[first:], given in batches cut at `cuts`."""
    fresh: list[bool] = []
    bounds = [first, *sorted({cut for cut in cuts if first < cut < len(ids)}), len(ids)]
    for start, stop in pairwise(bounds):
        hashes = np.array(ids[start:stop], np.uint64)
        fresh += seen.add(hashes, np.arange(start, stop, dtype=np.int64)).tolist()
    return fresh


@settings(max_examples=200, deadline=None)
@given(ids=st.lists(st.integers(1, 12), min_size=1, max_size=60), cuts=st.lists(st.integers(0, 60), max_size=8))
def test_an_id_is_new_once_within_the_horizon(ids: list[int], cuts: list[int]) -> None:
    assert fed(SeenIdentifiers(HORIZON), ids, 0, cuts) == expected(ids)


@settings(max_examples=200, deadline=None)
@given(ids=st.lists(st.integers(1, 12), min_size=1, max_size=60), position=st.integers(0, 60))
def test_reading_the_horizon_again_rebuilds_what_was_remembered(ids: list[int], position: int) -> None:
    position = min(position, len(ids))
    rebuilt = SeenIdentifiers(HORIZON)
    since = rebuilt.rebuild_from(position)
    if since < position:
        rebuilt.add(np.array(ids[since:position], np.uint64), np.arange(since, position, dtype=np.int64))
    assert fed(rebuilt, ids, position, []) == expected(ids)[position:]


def test_the_table_is_exact_while_it_grows() -> None:
    chance = np.random.default_rng(1)
    table, held = HashTable(4), set[int]()
    for _ in range(10):
        hashes = chance.integers(1, 2**63, 100, dtype=np.uint64)
        hashes[50:] = hashes[:50]
        first = table.add(hashes)
        assert first.tolist() == [True] * 50 + [False] * 50
        held |= set(hashes.tolist())
    others = chance.integers(1, 2**63, 5000, dtype=np.uint64)
    assert table.contains(np.array(sorted(held), np.uint64)).all()
    assert table.contains(others).tolist() == [other in held for other in others.tolist()]

"""Remembered ids: exact over at least the horizon, and the same however the records were batched or read again."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.accepting.hash_table import HashTable
from kpi.accepting.identifiers import SeenIdentifiers, content_digests

HORIZON = 8


def expected(records: list[tuple[int, int]]) -> list[tuple[bool, bool]]:
    """(new, conflicting) of (id, content): new unless seen since the start of the generation before its own;
    conflicting where the content is not that of the first sighting since then. By plain lists.
    """
    out = []
    for place, (identifier, content) in enumerate(records):
        since = max(0, (place // HORIZON - 1) * HORIZON)
        before = [told for other, told in records[since:place] if other == identifier]
        out.append((not before, bool(before) and before[0] != content))
    return out


def columns(records: list[tuple[int, int]]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
    return np.array([i for i, _ in records], np.uint64), np.array([content for _, content in records], np.uint32)


def fed(seen: SeenIdentifiers, records: list[tuple[int, int]], first: int, cuts: list[int]) -> list[tuple[bool, bool]]:
    """The answers for records[first:], given in batches cut at `cuts`."""
    told: list[tuple[bool, bool]] = []
    bounds = [first, *sorted({cut for cut in cuts if first < cut < len(records)}), len(records)]
    for start, stop in pairwise(bounds):
        sighting = seen.add(*columns(records[start:stop]), np.arange(start, stop, dtype=np.int64))
        told += zip(sighting.fresh.tolist(), sighting.conflicting.tolist(), strict=True)
    return told


sightings = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 2)), min_size=1, max_size=60)


@settings(max_examples=200, deadline=None)
@given(records=sightings, cuts=st.lists(st.integers(0, 60), max_size=8))
def test_an_id_is_new_once_within_the_horizon(records: list[tuple[int, int]], cuts: list[int]) -> None:
    assert fed(SeenIdentifiers(HORIZON), records, 0, cuts) == expected(records)


@settings(max_examples=200, deadline=None)
@given(records=sightings, position=st.integers(0, 60))
def test_reading_the_horizon_again_rebuilds_what_was_remembered(records: list[tuple[int, int]], position: int) -> None:
    position = min(position, len(records))
    rebuilt = SeenIdentifiers(HORIZON)
    since = rebuilt.rebuild_from(position)
    if since < position:
        rebuilt.add(*columns(records[since:position]), np.arange(since, position, dtype=np.int64))
    assert fed(rebuilt, records, position, []) == expected(records)[position:]


def test_the_table_is_exact_while_it_grows() -> None:
    chance = np.random.default_rng(1)
    table, held = HashTable(2000, 16), dict[int, int]()
    for _ in range(20):
        hashes = chance.integers(1, 2**63, 100, dtype=np.uint64)
        hashes[50:] = hashes[:50]
        digests = chance.integers(0, 2**32, 100, dtype=np.uint32)
        first, told = table.add(hashes, digests)
        assert first.tolist() == [True] * 50 + [False] * 50
        assert told.tolist() == digests[:50].tolist() * 2
        held |= dict(zip(hashes[:50].tolist(), digests[:50].tolist(), strict=True))
    others = chance.integers(1, 2**63, 5000, dtype=np.uint64)
    found, told = table.find(np.array(list(held), np.uint64))
    assert found.all()
    assert told.tolist() == list(held.values())
    assert table.find(others)[0].tolist() == [other in held for other in others.tolist()]


def test_a_full_table_takes_twenty_bytes_an_id() -> None:
    table = HashTable(100_000)
    table.add(np.arange(1, 100_001, dtype=np.uint64), np.zeros(100_000, np.uint32))
    assert table.slots * 12 <= 21 * 100_000


def test_content_is_what_was_decoded() -> None:
    frame = pl.DataFrame(
        {
            "index": pl.Series([0, 1, 2, 3, 4, 5], dtype=pl.UInt32),
            "id": list("aaaaaa"),
            "time": [1, 1, 2, 1, 1, 1],
            "team": ["x", "x", "x", None, "", "x"],
            "amount": [1, 1, 1, 1, 1, None],
        }
    )
    digests = content_digests(frame).tolist()
    assert digests[0] == digests[1]
    assert len(set(digests)) == 5
    assert content_digests(frame[:1]).tolist() + content_digests(frame[1:].rechunk()).tolist() == digests

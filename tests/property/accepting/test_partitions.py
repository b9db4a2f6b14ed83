"""Partitions as Kafka's producers choose them, for many keys at once."""

import zlib

import polars as pl
import pytest
from aiokafka.partitioner import murmur2 as plain_murmur2
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.accepting.partitioning import crc32, murmur2, partitions_of

KEYS = st.lists(st.one_of(st.text(max_size=40), st.text("ab", max_size=3)), max_size=40)


@settings(max_examples=300, deadline=None)
@given(keys=KEYS)
def test_hashes_are_those_of_the_producers(keys: list[str]) -> None:
    series = pl.Series("key", keys, pl.String)
    assert murmur2(series).tolist() == [plain_murmur2(key.encode()) & 0xFFFFFFFF for key in keys]
    assert crc32(series).tolist() == [zlib.crc32(key.encode()) for key in keys]


def test_known_vectors() -> None:
    """Of Kafka's own test of murmur2, and the check value of CRC-32."""
    vectors = {
        "21": -973932308,
        "foobar": -790332482,
        "a-little-bit-long-string": -985981536,
        "a-little-bit-longer-string": -1486304829,
        "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
        "abc": 479470107,
    }
    assert murmur2(pl.Series(list(vectors))).tolist() == [value & 0xFFFFFFFF for value in vectors.values()]
    assert crc32(pl.Series(["123456789", ""])).tolist() == [0xCBF43926, 0]


@pytest.mark.parametrize("partitions", [1, 4, 12, 1000])
def test_partitions(partitions: int) -> None:
    keys = pl.Series([f"ticket-{number}" for number in range(200)] + ["é" * 70_000, ""])
    murmur = [(plain_murmur2(key.encode()) & 0x7FFFFFFF) % partitions for key in keys]
    assert partitions_of(keys, "murmur2", partitions).to_list() == murmur
    assert partitions_of(keys, "crc32", partitions).to_list() == [zlib.crc32(k.encode()) % partitions for k in keys]
    assert partitions_of(keys.clear(), "crc32", partitions).to_list() == []

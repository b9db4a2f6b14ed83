"""Which partition a key belongs to, as Kafka's common producers decide it."""

import zlib
from collections.abc import Callable, Mapping

import polars as pl

_MASK = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """Kafka's murmur2 (seed 0x9747b28c), unsigned 32 bits: the default of the Java and aiokafka producers."""
    length, m = len(data), 0x5BD1E995
    h = 0x9747B28C ^ length
    whole = length & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little") * m & _MASK
        k = (k ^ (k >> 24)) * m & _MASK
        h = (h * m & _MASK) ^ k
    if rest := data[whole:]:
        h = (h ^ int.from_bytes(rest, "little")) * m & _MASK
    h = (h ^ (h >> 13)) * m & _MASK
    return h ^ (h >> 15)


PARTITIONERS: Mapping[str, Callable[[bytes, int], int]] = {
    "murmur2": lambda key, partitions: (murmur2(key) & 0x7FFFFFFF) % partitions,
    "crc32": lambda key, partitions: zlib.crc32(key) % partitions,
}


def partitions_of(keys: pl.Series, partitioner: str, partitions: int) -> pl.Series:
    """The partition of each key (String, no nulls), as Int64."""
    place = PARTITIONERS[partitioner]
    distinct = keys.unique()
    places = pl.Series([place(key.encode(), partitions) for key in distinct.to_list()], dtype=pl.Int64)
    return keys.replace_strict(distinct, places, return_dtype=pl.Int64)

"""Which partition a key belongs to, as Kafka's common producers decide it: many keys at once."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

Words = npt.NDArray[np.uint32]
_Places = npt.NDArray[np.int64]

_SEED, _MULTIPLIER = np.uint32(0x9747B28C), np.uint32(0x5BD1E995)
_REST = np.array([0, 0xFF, 0xFFFF, 0xFFFFFF], np.uint32)
_POLYNOMIAL = np.uint32(0xEDB88320)
_ONES = np.uint32(0xFFFFFFFF)
_PADDING = pl.Series(["\0" * 4])
"""Behind all keys, so that a word that begins at their end can be read."""


class _Text:
    """The UTF-8 bytes of keys, the longest key first, so that whatever is left at some depth is a prefix."""

    def __init__(self, keys: pl.Series) -> None:
        lengths = keys.str.len_bytes().to_numpy().astype(np.int64)
        # A stable sort of 16 bits is a radix sort; longer keys than that are not worth one of their own.
        short = not len(lengths) or int(lengths.max()) < 1 << 16
        self.order = np.argsort(~lengths.astype(np.uint16) if short else -lengths, kind="stable")
        self.starts = (np.cumsum(lengths) - lengths)[self.order]
        self.lengths = lengths[self.order]
        buffer: bytes = pl.concat([keys, _PADDING]).str.join("").cast(pl.Binary).item()
        self._words = np.ndarray(len(buffer) - 3, "<u4", buffer, strides=(1,))

    def prefixes(self, step: int) -> Iterator[tuple[int, int]]:
        """(depth, count) for each multiple of `step` that some keys, the first `count`, reach `step` bytes beyond."""
        whole = np.bincount(self.lengths // step)[::-1].cumsum()[::-1]
        return ((place * step, int(count)) for place, count in enumerate(whole[1:]))

    def words(self, at: _Places) -> Words:
        """The four bytes from each place on, little-endian."""
        return self._words[at]

    def restored(self, hashes: Words) -> Words:
        """Hashes in the order of the keys."""
        found = np.empty_like(hashes)
        found[self.order] = hashes
        return found


def murmur2(keys: pl.Series) -> Words:
    """Kafka's murmur2 (seed 0x9747b28c) of each key (String, no nulls): the default of the Java and aiokafka
    producers.
    """
    text = _Text(keys)
    hashes = _SEED ^ text.lengths.astype(np.uint32)
    for depth, count in text.prefixes(4):
        mixed = text.words(text.starts[:count] + depth) * _MULTIPLIER
        mixed ^= mixed >> np.uint32(24)
        mixed *= _MULTIPLIER
        hashes[:count] *= _MULTIPLIER
        hashes[:count] ^= mixed
    rest = text.lengths & 3
    last = text.words(text.starts + text.lengths - rest) & _REST[rest]
    hashes = np.where(rest != 0, (hashes ^ last) * _MULTIPLIER, hashes)
    hashes ^= hashes >> np.uint32(13)
    hashes *= _MULTIPLIER
    hashes ^= hashes >> np.uint32(15)
    return text.restored(hashes)


def _shifted(bits: int) -> Words:
    """What `bits` zero bits make of each state of a cyclic redundancy check that is so many bits wide."""
    states = np.arange(1 << bits, dtype=np.uint32)
    for _ in range(bits):
        states = (states >> np.uint32(1)) ^ np.where(states & np.uint32(1), _POLYNOMIAL, np.uint32(0))
    return states


_TWO_BYTES, _ONE_BYTE = _shifted(16), _shifted(8)


def crc32(keys: pl.Series) -> Words:
    """CRC-32 of each key (String, no nulls), as zlib has it: what librdkafka's producers use."""
    text = _Text(keys)
    states = np.full(len(text.lengths), _ONES)
    for depth, count in text.prefixes(2):
        mixed = text.words(text.starts[:count] + depth)
        mixed ^= states[:count]
        states[:count] >>= np.uint32(16)
        states[:count] ^= _TWO_BYTES[mixed & np.uint32(0xFFFF)]
    odd = np.flatnonzero(text.lengths & 1)
    last = text.words(text.starts[odd] + text.lengths[odd] - 1) ^ states[odd]
    states[odd] = (states[odd] >> np.uint32(8)) ^ _ONE_BYTE[last & np.uint32(0xFF)]
    return text.restored(states ^ _ONES)


_PARTITIONERS: Mapping[str, Callable[[pl.Series], Words]] = {
    "murmur2": lambda keys: murmur2(keys) & np.uint32(0x7FFFFFFF),
    "crc32": crc32,
}


def partitions_of(keys: pl.Series, partitioner: str, partitions: int) -> pl.Series:
    """The partition of each key (String, no nulls), as Int64. `partitioner`: `murmur2` or `crc32`."""
    hashes = _PARTITIONERS[partitioner](keys)
    return pl.Series(keys.name, (hashes % np.uint32(partitions)).astype(np.int64))

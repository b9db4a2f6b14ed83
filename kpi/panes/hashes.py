"""Hashes of rows that are the same in every process and version: what is written depends on them."""

from collections.abc import Sequence

import polars as pl
import polars_hash as plh

_TEXT = "__text"
_HASH = plh.col(_TEXT).nchash.xxh3_64()


def text_hashes(texts: pl.Series) -> pl.Series:
    """XXH3, 64 bits, of each text as UTF-8; null of null."""
    return pl.DataFrame({_TEXT: texts.cast(pl.String)}).select(_HASH)[_TEXT]


def row_hashes(frame: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """One 64-bit hash of the values of all columns, of a row; a null differs from every text."""
    if not columns:
        return pl.repeat(0, frame.height, dtype=pl.UInt64, eager=True)
    parts = [pl.col(name).cast(pl.String).fill_null("\x00") for name in columns]
    return text_hashes(frame.select(pl.concat_str(parts, separator="\x1f").alias(_TEXT))[_TEXT])

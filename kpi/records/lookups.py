"""What is looked up for records: columns beside their fields."""

import polars as pl

from schemas.lookups import Attribute
from schemas.streams import Stream


def looked_up(stream: Stream) -> list[pl.Expr]:
    """The stream's attributes, String, from its records' fields; null where a table has nothing for a value."""
    return [_column(attribute).alias(name) for name, attribute in stream.attributes.items()]


def _column(attribute: Attribute) -> pl.Expr:
    if not attribute.values:
        return pl.lit(None, pl.String)
    by = pl.col(attribute.by).cast(pl.String)
    return by.replace_strict(attribute.values, default=None, return_dtype=pl.String)

"""Dimension values that tasks have folded into `__other__`, as all who read them must fold them."""

from collections.abc import Iterable, Mapping

import polars as pl

from kpi.panes.hashes import text_hashes
from kpi.reading import OTHER
from schemas.wire import Progress

HASH_BITS = 64


def beyond(values: pl.Series, depth: int) -> pl.Series:
    """Which of the texts are folded at this depth: their hash does not begin with so many zero bits."""
    return (text_hashes(values) >= (1 << HASH_BITS - depth)) & (values != OTHER)


def is_beyond(value: str, depth: int) -> bool:
    """Whether this text is folded at this depth."""
    return bool(beyond(pl.Series([value], dtype=pl.String), depth)[0])


def deepest(progress: Iterable[Progress], groups: Iterable[str]) -> Mapping[str, int]:
    """By dimension, the greatest depth that any of these tasks has in one of these groups.

    One for all, so that a formula never sets a folded value against one that is not.
    """
    depths: dict[str, int] = {}
    wanted = frozenset(groups)
    for task in progress:
        for group in wanted & task.folded.keys():
            for name, depth in task.folded[group].items():
                depths[name] = max(depth, depths.get(name, 0))
    return depths

"""Buckets of the exponential histogram: order, error, and the rank that is answered."""

import random

import numpy as np
import polars as pl
import pytest

from kpi.aggregates.histogram import RELATIVE_ERROR, bucket_of, quantile, representative


def buckets(values: list[int | None]) -> list[int | None]:
    frame = pl.DataFrame({"v": values}, schema={"v": pl.Int64})
    return frame.select(bucket_of(pl.col("v")))["v"].to_list()


def test_each_value_is_near_what_its_bucket_stands_for() -> None:
    randomly = random.Random(1)
    values = [1, 2, 3, 4, 8, 1024, 2**53, -1, -7, *(int(10 ** randomly.uniform(0, 15)) for _ in range(2000))]
    for value, bucket in zip(values, buckets(list(values)), strict=True):
        assert bucket is not None
        assert representative(bucket) == pytest.approx(value, rel=RELATIVE_ERROR * 1.0000001)
    assert RELATIVE_ERROR < 0.01


def test_buckets_keep_the_order_of_values() -> None:
    values = [-(10**6), -1000, -2, -1, 0, 1, 2, 1000, 10**6]
    found = [bucket for bucket in buckets(list(values)) if bucket is not None]
    assert found == sorted(found)
    assert len(set(found)) == len(values)


def test_zero_and_null() -> None:
    assert buckets([0, None]) == [0, None]
    assert representative(0) == 0


@pytest.mark.parametrize("q", [0.5, 0.9, 0.95, 0.07, 0.001])
def test_quantiles_are_nearest_rank(q: float) -> None:
    values = np.random.default_rng(2).integers(1, 10**7, 1000)
    counts: dict[int, int] = {}
    for bucket in buckets(values.tolist()):
        assert bucket is not None
        counts[bucket] = counts.get(bucket, 0) + 1
    exact = np.sort(values)[round(q * 1000) - 1]
    assert quantile(counts.items(), q) == pytest.approx(float(exact), rel=0.01)


def test_a_rank_is_not_moved_by_binary_fractions() -> None:
    # 0.07 x 100 is 7.000000000000001 in binary, and the eighth value is another one.
    first, second = buckets([10, 1000])
    assert first is not None
    assert second is not None
    assert quantile([(first, 7), (second, 93)], 0.07) == representative(first)


def test_of_nothing_there_is_no_quantile() -> None:
    assert quantile([], 0.5) is None
    assert quantile([(5, 0)], 0.5) is None

"""Merging is associative and commutative, withdrawing undoes, what is written is read back; for every family."""

import dataclasses

import orjson
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.aggregates.encoding import decoded, encoded, form_of
from kpi.aggregates.families import merged, moved, withdrawn
from kpi.aggregates.rows import START, CannotWithdraw, schema
from kpi.grains import QUARTER
from kpi.panes.reduction import Reducer
from kpi.plan import Family, Group, Merge
from schemas.wire import Rows, UnknownEncoding, decode, encode
from tests.property.aggregates.declared import GROUPS, group
from tests.property.aggregates.events import T0, Event, events, reduced, same, signed_events, some_examples

families = pytest.mark.parametrize("of", GROUPS, ids=lambda of: of.id.partition("/")[0] + "-" + of.family.value)
summable = [of for of in GROUPS if all(column.merge is Merge.sum for column in of.columns)]
whole = [of for of in GROUPS if of not in summable]
either = st.one_of(events, signed_events)


def added(of: Group, *frames: pl.DataFrame) -> pl.DataFrame:
    return merged(pl.concat(frames), of).select(list(schema(of)))


def test_every_family_is_tested() -> None:
    assert {of.family for of in GROUPS} == set(Family)
    assert {of.family for of in whole} == {Family.totals, Family.first, Family.last, Family.latest}


@families
@some_examples
@given(one=either, two=either, three=either)
def test_merge_is_associative_and_commutative(
    of: Group, one: list[Event], two: list[Event], three: list[Event]
) -> None:
    a, b, c = (reduced(of, some) for some in (one, two, three))
    expected = added(of, a, b, c)
    assert same(added(of, added(of, a, b), c), expected)
    assert same(added(of, a, added(of, b, c)), expected)
    assert same(added(of, added(of, c, a), b), expected)
    assert same(added(of, b, a), added(of, a, b))


@families
@some_examples
@given(one=either, two=either)
def test_coarser_panes_are_the_same_before_and_after_merging(of: Group, one: list[Event], two: list[Event]) -> None:
    start = pl.col(START) - pl.col(START) % QUARTER
    a, b = reduced(of, one), reduced(of, two)
    fine_first = added(of, moved(added(of, a, b), of, start))
    coarse_first = added(of, added(of, moved(a, of, start)), added(of, moved(b, of, start)))
    assert same(fine_first, coarse_first)


@pytest.mark.parametrize("of", summable, ids=lambda of: of.family.value)
@some_examples
@given(one=either, two=either)
def test_withdrawing_undoes(of: Group, one: list[Event], two: list[Event]) -> None:
    a, b = reduced(of, one), reduced(of, two)
    assert same(added(of, added(of, a, b), withdrawn(b, of)), added(of, a))
    assert added(of, a, withdrawn(a, of)).is_empty()


@some_examples
@given(st.lists(st.integers(-(2**45), 2**45), min_size=1, max_size=20), st.data())
def test_a_withdrawal_leaves_what_was_never_contributed(values: list[int], data: st.DataObject) -> None:
    of = group("entity_variance")
    some = [Event(str(place), T0, "a", value, "x") for place, value in enumerate(values)]
    gone = data.draw(st.sets(st.sampled_from(some)))
    signed = [*some, *(event._replace(sign=-1) for event in gone)]
    assert same(added(of, reduced(of, signed)), added(of, reduced(of, [e for e in some if e not in gone])))


@pytest.mark.parametrize("of", whole, ids=lambda of: of.family.value)
def test_what_is_not_a_sum_cannot_be_withdrawn(of: Group) -> None:
    rows = reduced(of, [Event("1", T0, "a", 5, "x")])
    with pytest.raises(CannotWithdraw, match=f"of {of.source} cannot be withdrawn"):
        withdrawn(rows, of)
    with pytest.raises(CannotWithdraw):
        Reducer(of, signed=True)


def record(of: Group, rows: pl.DataFrame) -> Rows:
    kept = encoded(of, rows.to_dict(as_series=False))
    return Rows(
        task="t/0",
        group=of.id,
        grain="1m",
        start=T0,
        end=T0 + 60_000,
        bucket=0,
        incarnation="i",
        flush=1,
        dimensions=kept.dimensions,
        extra=kept.extra,
        columns=kept.columns,
        changes=[],
        change_count=0,
        form=kept.form,
        depth=3,
    )


@families
@some_examples
@given(some=either)
def test_what_is_written_is_read_back(of: Group, some: list[Event]) -> None:
    rows = reduced(of, some).with_columns(pl.lit(T0, pl.Int64).alias(START))
    written = record(of, rows)
    key, value = encode(written, tombstones=False)
    assert value is not None
    assert orjson.loads(value[1:])["form"] == form_of(of) == f"{of.family.value}/1"
    found = decode(key, value)
    assert isinstance(found, Rows)
    assert found.depth == 3
    assert decoded(of, [found]).equals(rows)
    assert decoded(of, [found, found]).height == 2 * rows.height


@families
def test_an_unknown_form_is_refused(of: Group) -> None:
    written = record(of, reduced(of, [Event("1", T0, "a", 5, "x")]))
    for form in (f"{of.family.value}/2", "sketch/1"):
        with pytest.raises(UnknownEncoding, match=f"have the form '{form}'.*knows '{form_of(of)}'"):
            decoded(of, [written, dataclasses.replace(written, form=form)])


@families
def test_a_sum_declared_since_is_zero(of: Group) -> None:
    written = record(of, reduced(of, [Event("1", T0, "a", 5, "x")]))
    name = next(column.name for column in of.columns if column.merge is Merge.sum)
    older = dataclasses.replace(written, columns={k: v for k, v in written.columns.items() if k != name}, form="")
    if older.columns:
        assert decoded(of, [older])[name].to_list() == [0]

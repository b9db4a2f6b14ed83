"""Random contributions, as plain values and as the frames that the core takes."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import polars as pl
from hypothesis import settings
from hypothesis import strategies as st

from kpi.aggregates.families import merged
from kpi.aggregates.rows import schema
from kpi.panes.reduction import Reducer
from kpi.plan import Group

some_examples = settings(max_examples=60, deadline=None)
"""How hard a property is tried."""

T0 = 1_767_225_600_000
HOUR = 3_600_000


class Event(NamedTuple):
    """One contribution; of an entity's `sign` says whether it is withdrawn."""

    id: str
    time: int
    team: str | None
    amount: int | None
    person: str | None
    sign: int = 1


_amounts = st.one_of(st.none(), st.integers(-3, 9), st.integers(-(2**40), 2**40))
_drawn = st.tuples(
    st.one_of(st.integers(0, 5), st.integers(HOUR, HOUR + 5), st.integers(0, 2 * HOUR - 1)),
    st.sampled_from(["a", "b", None]),
    _amounts,
    st.sampled_from(["x", "y", "z", "", None]),
)
events = st.lists(_drawn, max_size=40).map(
    lambda drawn: [
        Event(str(place), T0 + time, team, amount, person) for place, (time, team, amount, person) in enumerate(drawn)
    ]
)
"""Records of a stream, a few of them at the same moment."""

batchings = st.lists(st.integers(1, 20), min_size=1, max_size=4)
"""Sizes of batches, over and over."""

_signed = st.tuples(
    st.integers(0, 2 * HOUR - 1), st.sampled_from(["a", "b", None]), st.integers(-(2**33), 2**33), st.booleans()
)
signed_events = st.lists(_signed, max_size=30).map(
    lambda drawn: [
        Event(str(place), T0 + time, team, value, None, sign)
        for place, (time, team, value, withdrawn) in enumerate(drawn)
        for sign in ((1, -1) if withdrawn else (1,))
    ]
)
"""What an entity contributes, some of it withdrawn again."""
_owned = st.tuples(
    st.integers(0, 2 * HOUR - 1), st.integers(-1, 2), st.sampled_from(["x", "y", "z", "", None]), st.booleans()
)
owned_events = st.lists(_owned, max_size=30).map(
    lambda drawn: [
        Event(str(place), T0 + time, None, value, person, sign)
        for place, (time, value, person, withdrawn) in enumerate(drawn)
        for sign in ((1, -1) if withdrawn else (1,))
    ]
)
"""Changes of the levels of some people, which often come back to nothing; some of them withdrawn again."""


def frame(some: Sequence[Event]) -> pl.DataFrame:
    """The contributions as a frame, those of entities too."""
    columns: dict[str, list[object]] = {name: [getattr(e, name) for e in some] for name in Event._fields}
    columns |= {"source": ["test"] * len(some), "value": columns["amount"]}
    integers = dict.fromkeys(("time", "amount", "value", "sign"), pl.Int64)
    return pl.DataFrame(columns, schema={name: integers.get(name, pl.String) for name in columns})


def batches(some: Sequence[Event], sizes: Sequence[int]) -> Iterator[Sequence[Event]]:
    """The events in batches of these sizes."""
    first = place = 0
    while first < len(some):
        size = sizes[place % len(sizes)]
        yield some[first : first + size]
        first, place = first + size, place + 1


def reduced(group: Group, some: Sequence[Event]) -> pl.DataFrame:
    """The rows of one batch."""
    return Reducer(group, signed=group.entity is not None).reduce(frame(some))


def rows_of(group: Group, some: Sequence[Event], sizes: Sequence[int]) -> pl.DataFrame:
    """The rows of one minute, after all batches."""
    held = pl.DataFrame(schema=schema(group))
    for batch in batches(some, sizes):
        held = merged(pl.concat([held, reduced(group, batch)]), group).select(list(schema(group)))
    return held


def same(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    """Whether two frames have the same rows, in whatever order."""
    names = sorted(one.columns)
    return one.select(names).sort(names).equals(other.select(names).sort(names))

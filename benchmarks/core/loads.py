"""Seeded logs of accepted records, in columns and in the order of arrival."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from kpi.accepting.identifiers import identifier_hashes

Integers = npt.NDArray[np.int64]
START = 1_767_225_600_000
DAY, HOUR = 86_400_000, 3_600_000
DISORDER, LATENESS = 30_000, HOUR
SOURCE = "desk"
Batch = list[tuple[str, pl.DataFrame]]
"""A stream and its records, one after the other."""


@dataclass(frozen=True, slots=True)
class Course:
    """What happens to an entity: of each of its records the actions that are equally likely.

    `start` and `end` are its first and last records, `fill` all between them.
    """

    start: tuple[tuple[str, ...], ...]
    fill: tuple[str, ...]
    end: tuple[tuple[str, ...], ...] = ()

    def actions(self, entities: int, per: int, chance: np.random.Generator) -> pl.Series:
        """The actions of entities that have `per` records each, one entity after the other."""
        names = sorted({*self.fill, *(name for choice in (*self.start, *self.end) for name in choice)})
        found = np.zeros(entities * per, np.int64)
        for place in range(per):
            choice: Sequence[str] = self.fill
            if place < min(len(self.start), max(per - len(self.end), 1)):
                choice = self.start[place]
            elif place >= per - len(self.end):
                choice = self.end[place - per]
            codes = np.array([names.index(name) for name in choice])
            found[place::per] = codes[chance.integers(0, len(codes), len(found[place::per]))]
        return pl.Series(names)[pl.Series(found)]


@dataclass(frozen=True, slots=True)
class Moves:
    """Records in order of arrival: the number of the entity, which of its records it is, what it says, and when."""

    entity: Integers
    position: Integers
    action: pl.Series
    time: Integers
    chance: np.random.Generator

    def named(self, prefix: str, numbers: Integers | None = None) -> pl.Series:
        """A text for each number, by default that of the entity."""
        numbers = self.entity if numbers is None else numbers
        digits = pl.Series(numbers).cast(pl.String).str.zfill(8)
        return pl.select(pl.lit(prefix) + pl.lit(digits)).to_series()

    def teams(self, others: float = 0.1) -> pl.Series:
        """One of 20: that of the entity, or now and then another one."""
        strays = self.chance.random(len(self.entity)) < others
        number = np.where(strays, self.chance.integers(0, 20, len(strays)), self.entity) % 20
        return pl.Series([f"t{place:02}" for place in range(20)])[pl.Series(number)]

    def one_of(self, values: Sequence[str | None]) -> pl.Series:
        """Of each record one of the values."""
        return pl.Series(values, dtype=pl.String)[pl.Series(self.chance.integers(0, len(values), len(self.entity)))]


def moves(
    course: Course, entities: int, events: int, *, life: int = 2 * HOUR, spread: int = DAY, first: int = 0
) -> Moves:
    """`events` records of so many entities, which live for `life` and begin within `spread` (milliseconds).

    `first`: the number of the first one.
    """
    chance = np.random.default_rng(7)
    per = max(events // entities, 1)
    entity = np.repeat(np.arange(entities), per)
    position = np.tile(np.arange(per), entities)
    within = np.sort(chance.random((entities, per)), axis=1)
    within[:, 0] = 0
    begin = np.sort(chance.integers(0, spread, entities))
    time = START + begin[entity] + (within.ravel() * life).astype(np.int64)
    action = course.actions(entities, per, chance)
    order = np.argsort(time + chance.integers(0, DISORDER, len(time)), kind="stable")
    return Moves(entity[order] + first, position[order], action[pl.Series(order)], time[order], chance)


@dataclass(frozen=True, slots=True)
class Log:
    """Batches of accepted records. `keys`: by batch, how many entities it touches; `size`: records of a batch."""

    batches: list[Batch]
    keys: list[int]
    horizons: Integers
    times: Integers
    size: int

    @property
    def events(self) -> int:
        """How many records there are."""
        return len(self.times)

    def horizon(self, batch: int) -> int:
        """The time before which nothing is accepted after so many batches."""
        return int(self.horizons[min(batch * self.size, self.events) - 1])

    def waiting(self, batch: int) -> int:
        """How many records of so many batches are not older than the horizon."""
        return int(np.count_nonzero(self.times[: batch * self.size] >= self.horizon(batch)))


def log(found: Moves, fields: dict[str, pl.Series], streams: Mapping[str, tuple[str, ...]], size: int) -> Log:
    """The records with their fields. `streams`: by name the actions that are records of it; of none, all of them."""
    horizons = np.maximum.accumulate(found.time) - DISORDER - LATENESS
    count = len(found.time)
    columns: dict[str, Any] = {
        "time": found.time,
        "source": pl.Series([SOURCE]).new_from_index(0, count),
        "id": found.named("e", np.arange(count)),
        "corrects": pl.Series([None], dtype=pl.String).new_from_index(0, count),
        "voids": pl.Series([None], dtype=pl.String).new_from_index(0, count),
        "horizon": horizons,
        "index": np.arange(count),
        "action": found.action,
    }
    frame = pl.DataFrame(columns | fields)
    batches = []
    for start in range(0, count, size):
        part = frame[start : start + size]
        parts = [(name, part.filter(pl.col("action").is_in(said)) if said else part) for name, said in streams.items()]
        batches.append([(name, each.rechunk()) for name, each in parts])
    keys = [len(np.unique(found.entity[start : start + size])) for start in range(0, count, size)]
    return Log(batches, keys, horizons, found.time, size)


def with_corrections(frame: pl.DataFrame, entity: Integers, chance: np.random.Generator) -> dict[str, pl.Series]:
    """`corrects`, `voids`, `identifier` and `target`: one record in 20 is about the one before it of its entity."""
    before = frame.select(pl.col("id").shift(1).over(pl.Series(entity))).to_series()
    said = pl.Series(chance.random(frame.height) < 0.05) & before.is_not_null()
    voiding = pl.Series(chance.random(frame.height) < 0.3)
    named = frame.select("source", id=before.fill_null(""))
    hashes = pl.Series(identifier_hashes(named), dtype=pl.UInt64)
    found = pl.select(
        pl.when(said & ~voiding).then(before).alias("corrects"),
        pl.when(said & voiding).then(before).alias("voids"),
        pl.when(said).then(hashes).alias("target"),
    ).get_columns()
    return {each.name: each for each in found} | {"identifier": pl.Series(identifier_hashes(frame))}

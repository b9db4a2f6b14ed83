"""The store of entities under a log in memory: batches of any size, flushes, and crashes back to the last flush."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import polars as pl

from kpi.accepting.identifiers import identifier_hashes
from kpi.entities.journal import Consolidation
from kpi.entities.store import EntityStore
from schemas.entities import Entity
from schemas.streams import FieldType, Stream
from tests.oracle.events import Arrival, Event
from tests.oracle.steps.entity import Signed
from tests.property.bodies.blocklog import SMALL, BlockLog
from tests.property.bodies.catalogue import declared

_TEXT = {FieldType.string, FieldType.enum}


def _target(event: Event) -> str | None:
    return event.voids if event.voids is not None else event.corrects


def frame(stream: Stream, arrivals: Sequence[Arrival], first: int) -> pl.DataFrame:
    """Accepted records as the store takes them; `first`: the index of the first."""
    events = [arrival.event for arrival in arrivals]
    columns = {
        name: pl.Series(
            name, [event.fields.get(name) for event in events], dtype=pl.String if field.type in _TEXT else pl.Int64
        )
        for name, field in stream.fields.items()
    }
    named = pl.DataFrame({"source": [event.source for event in events], "id": [_target(event) for event in events]})
    own = pl.DataFrame({"source": [event.source for event in events], "id": [event.id for event in events]})
    hashes = pl.Series(identifier_hashes(named.with_columns(pl.col("id").fill_null(""))), dtype=pl.UInt64)
    target = pl.select(pl.when(named["id"].is_not_null()).then(hashes)).to_series()
    return pl.DataFrame(columns).with_columns(
        pl.Series("time", [event.time for event in events], dtype=pl.Int64),
        own["source"],
        own["id"],
        pl.Series("corrects", [event.corrects for event in events], dtype=pl.String),
        pl.Series("voids", [event.voids for event in events], dtype=pl.String),
        pl.Series("identifier", identifier_hashes(own), dtype=pl.UInt64),
        pl.Series("horizon", [arrival.horizon for arrival in arrivals], dtype=pl.Int64),
        pl.Series("index", range(first, first + len(events)), dtype=pl.Int64),
        target.alias("target"),
    )


def signed_of(contributions: Mapping[str, pl.DataFrame], entity: Entity) -> list[Signed]:
    """The rows of signed frames."""
    found: list[Signed] = []
    for name, rows in contributions.items():
        dimensions = list(entity.contributions[name].dimensions)
        selected = rows.select("time", "value", "sign", *dimensions)
        found += [Signed(name, time, tuple(by), value, sign) for time, value, sign, *by in selected.iter_rows()]
    return found


class Driven:
    """A store under a log of accepted records, and what it has contributed up to where it stands."""

    def __init__(
        self,
        body: str,
        arrivals: Sequence[Arrival],
        *,
        entity: Entity | None = None,
        consolidation: Consolidation | None = SMALL,
    ) -> None:
        self.entity = entity or declared().entities[body]
        self.arrivals = arrivals
        self.streams = {name: declared().streams[name] for name in self.entity.of}
        self.position = self.flushed = self.incarnation = self.number = 0
        self.signed: list[Signed] = []
        self.durable: list[Signed] = []
        self.consolidation, self.log = consolidation, BlockLog()
        self.start()

    def start(self) -> None:
        """A new owner reads back what the last flush left."""
        self.incarnation += 1
        self.store = EntityStore(
            "task",
            self.entity,
            self.streams,
            declared().targets,
            definition=self.entity.model_dump_json(),
            consolidation=self.consolidation,
        )
        self.store.restore(self.log.blocks(), self.log.consolidated)
        self.position, self.signed = self.flushed, list(self.durable)

    @property
    def events(self) -> list[Event]:
        """What the store has been given."""
        return [arrival.event for arrival in self.arrivals[: self.position]]

    def take(self, count: int) -> list[dict[str, Any]]:
        """The next records, in one frame for each run of records of one stream; what they changed."""
        batch = self.arrivals[self.position : self.position + count]
        frames = []
        for stream, run in groupby(batch, key=lambda arrival: arrival.event.stream):
            records = list(run)
            applied = self.store.apply(stream, frame(self.streams[stream], records, self.position))
            assert not applied.refused
            self.signed += signed_of(applied.contributions, self.entity)
            self.position += len(records)
            frames.append(dict(applied.contributions))
        return frames

    def forget(self) -> None:
        """Settles and forgets by the horizon of the last record."""
        if self.position:
            self.store.forget(self.arrivals[self.position - 1].horizon)

    def flush(self) -> None:
        """Makes durable what there is."""
        self.number += 1
        blocks = self.store.flush(f"i{self.incarnation}", self.number)
        self.log.write(blocks, self.store.consolidated)
        self.flushed, self.durable = self.position, list(self.signed)

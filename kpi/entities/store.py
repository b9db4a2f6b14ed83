"""The entities of one task: what changes when records arrive, and what may be forgotten."""

import hashlib
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import polars as pl
import polars_hash as plh

from kpi.entities.body import Body
from kpi.entities.contributions import Contributions, Frames
from kpi.entities.crowding import beyond_most
from kpi.entities.evaluated import Evaluated
from kpi.entities.histories import Integers, Mask
from kpi.entities.journal import USUAL, Consolidation, Journal
from kpi.entities.keeping import Columns, Keeping
from kpi.entities.kept import Kept
from kpi.entities.limits import Limits
from kpi.entities.order import merged
from kpi.entities.records import ORDERING, STREAM, Layout, lane_of
from kpi.entities.settling import Settling
from schemas.calendars import Calendar
from schemas.entities import Entity, NamedTarget
from schemas.streams import Stream
from schemas.wire import EntityBlock

_KEY_HASH = plh.col("key").nchash.xxh3_64()


class Applied(NamedTuple):
    """What a batch changed, by contribution; `refused`: the `index` of records beyond what one key may have."""

    contributions: Frames
    refused: list[int]


class EntityStore(Kept):
    """Every live entity of a task. Dates are event time in epoch milliseconds.

    `limited`: whether a key has at most so many records as the entity declares; a backfill, whose records may be of any
    time, has no such limit.
    """

    def __init__(
        self,
        task: str,
        entity: Entity,
        streams: Mapping[str, Stream],
        targets: Mapping[str, NamedTarget],
        *,
        definition: str,
        calendars: Mapping[str, tuple[Calendar, ...]] = MappingProxyType({}),
        limited: bool = True,
        consolidation: Consolidation | None = USUAL,
    ) -> None:
        self._limited, self._streams = limited, {stream: place for place, stream in enumerate(streams)}
        self._entity, self._body = entity, Body(entity)
        horizons = [stream.corrections for stream in streams.values() if stream.corrections is not None]
        self._corrections = max(horizons, default=None)
        layout = Layout.of(
            list(streams.values()),
            self._body.fields,
            named=self._corrections is not None,
            bits=self._body.signals.count,
        )
        keeping = Keeping(layout)
        super().__init__(keeping, Journal(keeping, task, "", definition, consolidation))
        self._contributions = Contributions(self._body, targets, calendars)
        limits = Limits(entity, layout, keeping.words, self._contributions.deadlines)
        self._settling = Settling(self._body, limits, self._corrections)
        self._selected = {stream: self._selection(stream) for stream in streams}

    def _selection(self, stream: str) -> list[pl.Expr]:
        identity, hashes = [pl.col("source"), pl.col("id")], [pl.col("identifier"), pl.col("target")]
        if len(self._entity.of) > 1:
            # An id is unique in its stream only.
            identity.append(pl.lit(stream))
            salt = int.from_bytes(hashlib.blake2b(stream.encode(), digest_size=8).digest())
            hashes = [column ^ pl.lit(salt, pl.UInt64) for column in hashes]
        selected = [
            key_of(self._entity.key_of(stream)),
            pl.concat_str(identity, separator="\x00").alias("text"),
            self._body.signals.of(stream),
        ]
        lanes = (state.per for state in self._entity.states.values() if state.per is not None)
        selected += {str(lane): lane for lane in (lane_of(one, stream) for one in lanes) if lane is not None}.values()
        if self._corrections is not None:
            selected += [pl.col("voids").is_not_null().alias("void"), *hashes]
        return selected

    def apply(self, stream: str, accepted: pl.DataFrame) -> Applied:
        """Folds accepted records of a stream: the signed differences by contribution (old withdrawn, new added).

        `accepted` has the stream's fields, `time`, `source`, `id`, and `horizon`: by record the time before which no
        record could be accepted any more. A record without a field of the key is of no entity.
        """
        frame = accepted.with_columns(self._selected[stream])
        frame = frame.with_columns(hash_of_key()).drop_nulls("key_hash")
        hashes, number = np.unique(frame["key_hash"].to_numpy(), return_inverse=True)
        places = self._keeping.assign(hashes)
        old, owner = self._keeping.rows(places)
        refused = self._refused(stream, frame, number, old, owner)
        beyond: list[int] = frame["index"].filter(pl.Series(refused)).to_list() if refused.any() else []
        if beyond:
            frame, number = frame.filter(pl.Series(~refused)), number[~refused]
        arrived = self._keeping.layout.packed(self._keeping.words, self._keeping.texts, frame)
        arrived["flags"] |= np.uint8(self._streams[stream] << STREAM)
        self._journal.note(hashes[number], arrived, frame["text"])
        both, new_owner, order = merged(old, owner, arrived, number, self._keeping.texts)
        self._keeping.write(places, new_owner, {name: column[order] for name, column in both.items()})
        owners = np.concatenate([owner, new_owner + len(places)])
        identity = np.concatenate([np.arange(len(owner)), order])
        ordering = {name: both[name][identity] for name in ORDERING if name in both}
        histories, values, whose = self._settling.histories(ordering, owners)
        evaluated = Evaluated(
            histories=histories,
            layout=self._keeping.layout,
            words=self._keeping.words,
            columns=both,
            sign=np.where(whose[histories.starts] < len(places), -1, 1),
            identity=identity[values],
            known=len(owner),
        )
        return Applied(self._contributions.of(evaluated), beyond)

    def _refused(self, stream: str, frame: pl.DataFrame, number: Integers, old: Columns, owner: Integers) -> Mask:
        if not self._limited:
            return np.zeros(frame.height, bool)
        most, corrections = self._entity.most, self._corrections or 0
        place = self._streams[stream]
        return beyond_most(frame, number, old, owner, stream=place, most=most, corrections=corrections)

    def forget(self, horizon: int) -> None:
        """Settles what is older than the horizon, and lets go of what no record at or after it can change.

        Memory only, never values. `horizon`: watermark - lateness.
        """
        settled = horizon - (self._corrections or 0)
        places = self._keeping.overdue(settled)
        if not len(places):
            return
        amount = self._settling.amount(*self._keeping.rows(places), horizon)
        due = self._settling.due(len(places), amount.owner, amount.columns, settled)
        self._keeping.texts.release(amount.released)
        self._keeping.settle(places, amount.owner, amount.columns, due)
        self._keeping.tidy(self._journal.codes)

    def restore(self, blocks: Iterable[EntityBlock], consolidated: int = 0) -> None:
        """Takes over what the log holds. `consolidated`: the first flush that counts.

        What another definition of the entity left there is not: its states mean something else, and its contributions
        stand in groups of their own.
        """
        found = self._journal.restore(blocks, consolidated)
        due = self._settling.due(len(found.keys), found.owner, found.columns, found.horizons)
        self._keeping.settle(self._keeping.assign(found.keys), found.owner, found.columns, due)


def key_of(fields: tuple[str, ...]) -> pl.Expr:
    """The text of a key; of several fields, joined. Null where one of them is absent."""
    return pl.concat_str([pl.col(field).cast(pl.String) for field in fields], separator="\x00").alias("key")


def hash_of_key() -> pl.Expr:
    """The hash of the column `key`, as `key_hash`; never 0, null where there is no key."""
    return pl.when(_KEY_HASH == 0).then(pl.lit(1, pl.UInt64)).otherwise(_KEY_HASH).alias("key_hash")

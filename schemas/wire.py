"""The records of the panes topic: keys, values and their encoding.

A key is a JSON array that starts with the kind and the task. A value is one version byte and a JSON object; that of an
`EntityBlock` is followed by a line feed and its packed body. A task is written `<unit>/<partition>`, such as
`ticket/2`. Every value but a claim names the incarnation of the task that wrote it and the number of the flush; a
flush ends with the task's progress record, and counts as a whole once that record is there.
"""

from dataclasses import dataclass, field
from typing import Any

import orjson

from schemas.progress import OriginProgress, TopicProgress, Work

VERSION = b"\x01"
COPIES = "copies"
"""What `Coverage` names, of a topic that a task re-keys to: all records that it copies there."""


class UnknownEncoding(Exception):
    """A record was written by a version of the service that this one does not know."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A new owner of the task: rows of other incarnations before it are settled, after it ignored.

    `until`: a rebuild asks that nobody else takes the task over before then (epoch milliseconds; 0: it does not).
    """

    task: str
    incarnation: str
    at: int
    until: int = 0


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of one pane of one measure group (of one hash bucket of them); replaces what the key held before.

    `dimensions`, `extra` and `columns` are columns of equal length. `extra` is the histogram bucket or the key's
    hash, else None. `changes` are the last 32 flushes, as [flush number, watermark before it], that changed the pane
    after its own end; `change_count` is their whole number. Of levels a change has a third number, the time until
    which the level after this pane differs from what it was (0: not at all): it changed the windows that hold the
    pane, and those that begin after it and end by then. `start` and `end` are epoch milliseconds. `form` says how the
    columns are meant, as `<family>/<version>`, such as `totals/1`; empty: version 1. `depth`: of keys, only those are
    here whose hash begins with so many zero bits; 0: all are. No rows: nothing is left in the pane, and where there
    are no changes and no depth either, it is gone.
    """

    task: str
    group: str
    grain: str
    start: int
    end: int
    bucket: int
    incarnation: str
    flush: int
    dimensions: dict[str, list[str | None]]
    extra: list[int] | None
    columns: dict[str, list[int | None]]
    changes: list[list[int]]
    change_count: int
    form: str = ""
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Base:
    """Of a level's grain: the sum of all edges in panes that left retention (columns as in `Rows`), and their
    horizon.
    """

    task: str
    group: str
    grain: str
    horizon: int
    incarnation: str
    flush: int
    dimensions: dict[str, list[str | None]]
    columns: dict[str, list[int | None]]


@dataclass(frozen=True, slots=True)
class EntityBlock:
    """Records of entities, many in one: what one flush added, or all that is kept of the keys of one range of hashes.

    `task` ends with `/history` for a backfill. `store`: the stream whose events are kept for corrections, empty for
    entities. `part` is `+<flush>` for what a flush added and `<bits>/<prefix>` for the keys whose hash begins with so
    many bits of that prefix; further pieces of a long one end with `.1`, `.2` and so on. `definition` names what made
    them, `form` says how `body` is packed. An empty body: there is nothing, and the key is free.
    """

    task: str
    store: str
    part: str
    incarnation: str
    flush: int
    definition: str
    form: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a task counts, and since when; written when that changes.

    `since`: by group and column the time (epoch milliseconds) from which on everything is counted; None: from the
    beginning, `NEVER`: only a rebuild can tell; for a topic that the task re-keys to, and `COPIES`, since when all is
    copied there.
    `partitions`: of the unit. `catalogue`: a digest of all declarations that tasks depend on. `grains`: by grain since
    when its panes hold everything; empty: all do from the beginning.
    """

    task: str
    incarnation: str
    flush: int
    since: dict[str, dict[str, int | None]]
    partitions: int
    catalogue: str
    grains: dict[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IdleMark:
    """The watermark of an idle partition was advanced at `offset` (before the record with that offset)."""

    task: str
    topic: str
    offset: int
    incarnation: str
    flush: int
    watermark: int


@dataclass(frozen=True, slots=True)
class Progress:
    """The end of a flush: where the task stands in each of its topics.

    `retained`: by grain the horizon before which panes are gone (epoch milliseconds). `entities`: how many it holds.
    `folded`: by group and dimension, how many zero bits the XXH3 hash of a value begins with that is not folded into
    `__other__`. `consolidated`: by task and store (`<task> <store>`) the first flush whose entity blocks count; earlier
    ones are superseded. `together`: this flush ends a rebuild, and counts once so many tasks (the number) have ended
    the rebuild of that name. `earliest`: by source (`<stream>.<contribution>`) the first date (epoch milliseconds) of
    what is not dated by its event's own time. `closed`: by topic and who closes, the date through which that is done
    (epoch milliseconds of its UTC midnight; None: heard of only).
    """

    task: str
    incarnation: str
    flush: int
    at: int
    topics: dict[str, TopicProgress]
    retained: dict[str, int] = field(default_factory=dict)
    entities: int = 0
    folded: dict[str, dict[str, int]] = field(default_factory=dict)
    consolidated: dict[str, int] = field(default_factory=dict)
    work: Work = field(default_factory=Work)
    together: tuple[str, int] | None = None
    earliest: dict[str, int] = field(default_factory=dict)
    closed: dict[str, dict[str, int | None]] = field(default_factory=dict)


Record = Claim | Rows | Base | EntityBlock | Coverage | IdleMark | Progress

_KINDS: dict[str, type[Record]] = {
    "c": Claim,
    "r": Rows,
    "b": Base,
    "s": EntityBlock,
    "k": Coverage,
    "m": IdleMark,
    "p": Progress,
}
_KEY_FIELDS: dict[str, tuple[str, ...]] = {
    "c": ("task",),
    "r": ("task", "group", "grain", "start", "bucket"),
    "b": ("task", "group", "grain"),
    "s": ("task", "store", "part"),
    "k": ("task",),
    "m": ("task", "topic", "offset"),
    "p": ("task",),
}
_WHERE_USED = ("earliest", "closed")
"""Written only where something is in them, so that a catalogue that does not need them is read by earlier versions."""
_KIND_OF = {cls: kind for kind, cls in _KINDS.items()}


def key_of(record: Record) -> bytes:
    """The record's key on Kafka."""
    kind = _KIND_OF[type(record)]
    return orjson.dumps([kind, *(getattr(record, name) for name in _KEY_FIELDS[kind])])


def encode(record: Record, *, tombstones: bool = True) -> tuple[bytes, bytes | None]:
    """(key, value) of a record. A `Rows` of a pane that is gone and an empty `EntityBlock` are tombstones (None).

    Where nothing is compacted, write them without `tombstones`: then their incarnation can be told.
    """
    key, key_fields = key_of(record), _KEY_FIELDS[_KIND_OF[type(record)]]
    empty = (isinstance(record, EntityBlock) and not record.body) or (isinstance(record, Rows) and _gone(record))
    if empty and tombstones:
        return key, None
    left_out = {*key_fields, "body", *(name for name in _WHERE_USED if not getattr(record, name, None))}
    names = [name for name in record.__dataclass_fields__ if name not in left_out]
    head = VERSION + orjson.dumps({name: getattr(record, name) for name in names})
    return key, head + b"\n" + record.body if isinstance(record, EntityBlock) else head


def _gone(pane: Rows) -> bool:
    return not (next(iter(pane.columns.values()), []) or pane.change_count or pane.depth)


def _topic(body: dict[str, Any]) -> TopicProgress:
    origins = {place: OriginProgress(**origin) for place, origin in body.pop("origins", {}).items()}
    # Written before what is read was counted apart: the fates are the opening balance, and what follows is checked.
    consumed = body.pop("consumed", sum(body["fates"].values()) + body.get("marks", 0))
    return TopicProgress(**body, consumed=consumed, origins=origins)


def decode(key: bytes, value: bytes | None) -> Record | None:
    """The record of (key, value).

    A tombstone gives a `Rows` or `EntityBlock` that is empty, with incarnation `""` and flush -1, and None for other
    kinds. Raises UnknownEncoding where the value's version or the key's kind is not known.
    """
    kind, *parts = orjson.loads(key)
    cls = _KINDS.get(kind)
    if cls is None:
        raise UnknownEncoding(
            f"a record of kind {kind!r} in the panes topic: start the version of the service that wrote it"
        )
    named = dict(zip(_KEY_FIELDS[kind], parts, strict=True))
    if value is None:
        if cls is Rows:
            return Rows(
                **named,
                end=0,
                incarnation="",
                flush=-1,
                dimensions={},
                extra=None,
                columns={},
                changes=[],
                change_count=0,
            )
        if cls is EntityBlock:
            return EntityBlock(**named, incarnation="", flush=-1, definition="", form="", body=b"")
        return None
    if value[:1] != VERSION:
        raise UnknownEncoding(
            f"encoding {value[0]} in the panes topic is not known (this is {VERSION[0]}): upgrade the service"
        )
    if cls is EntityBlock:
        head, _, packed = value[1:].partition(b"\n")
        return EntityBlock(**named, **orjson.loads(head), body=packed)
    body = orjson.loads(value[1:])
    if cls is Progress:
        body["topics"] = {name: _topic(topic) for name, topic in body["topics"].items()}
        body["work"] = Work(**body.pop("work", {}))
        together = body.pop("together", None)
        body["together"] = None if together is None else tuple(together)
    return cls(**named, **body)

"""Names of the Kafka topics, and how each of them is to be created."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

PANES: Final = "kpi.panes.v1"
IMPORTS: Final = "kpi.import.v1"
KEPT_FOREVER: Final = -1

_LEGAL_NAME = re.compile(r"[a-zA-Z0-9._-]{1,249}")


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """How a topic is to be created.

    `retention_ms` is in milliseconds; `KEPT_FOREVER` keeps every record, `None` leaves it to the broker.
    A compacted topic keeps the last record of each key instead, whatever its age. `widens`: partitions may be added,
    since nothing depends on where a record lies.
    Raises `ValueError` for a name that Kafka refuses, or fewer than one partition.
    """

    name: str
    partitions: int
    compacted: bool = False
    retention_ms: int | None = KEPT_FOREVER
    widens: bool = False

    def __post_init__(self) -> None:
        if not _LEGAL_NAME.fullmatch(self.name) or self.name in {".", ".."}:
            raise ValueError(f"{self.name!r} is no topic name: use 1 to 249 of the characters a-z A-Z 0-9 . _ -")
        if self.partitions < 1:
            raise ValueError(f"topic {self.name} needs at least one partition, not {self.partitions}")


def stream_topic(stream: str) -> str:
    """The topic that holds a stream's events, as in `sales.call.v1`."""
    return f"{stream}.v1"


def history_topic(stream: str) -> str:
    """The topic that takes a stream's backfill, beside its live events."""
    return f"{stream}.history.v1"


def late_topic(stream: str) -> str:
    """The topic that keeps a stream's events which came too late to be counted."""
    return f"{stream}.late.v1"


def dead_topic(stream: str) -> str:
    """The topic that keeps a stream's records which could not be read."""
    return f"{stream}.dead.v1"


def rekeyed_topic(stream: str, field: str) -> str:
    """The topic that holds a stream's events again, keyed by another field."""
    return f"{stream}.by.{field}.v1"

"""What leaves a task for topics other than the panes topic."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record of `stream` that could not be read: where it lay, its raw bytes, and why."""

    stream: str
    topic: str
    partition: int
    offset: int
    raw: bytes | None
    reason: str
    pointer: str


@dataclass(frozen=True, slots=True)
class LateRecord:
    """A record of `stream` that came too late: where it lay, its raw bytes, and how late it was (milliseconds behind
    the watermark).
    """

    stream: str
    topic: str
    partition: int
    offset: int
    raw: bytes
    lateness: int


@dataclass(frozen=True, slots=True)
class MovedRecord:
    """A record on the wrong partition for its key, to be written to the right one."""

    topic: str
    partition: int
    key: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class RekeyedRecord:
    """A record of a re-keyed topic; a mark has no key."""

    topic: str
    partition: int
    key: str | None
    value: bytes

"""Raw values of one stream to columns: the fast way for all, the validator's way for whatever is in doubt."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from kpi.records.columns import columns_of
from kpi.records.lookups import looked_up
from kpi.records.reading import WORTHWHILE, BatchReader
from schemas.records import Mistake, RecordValidator, parse
from schemas.streams import Stream


@dataclass(frozen=True, slots=True)
class Invalid:
    """A record that breaks a rule: its position in the batch, the first reason, and an RFC 6901 pointer to where."""

    index: int
    reason: str
    pointer: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """The records of a batch.

    `frame`, in the order of the log: `index` (UInt32, position in the batch), `id`, `source` (`""` by default), `time`
    (Int64, epoch milliseconds), `corrects`, `voids`, then each field: strings and enumerations String, integers Int64,
    booleans Boolean, decimals Int64 x 10^-scale, dates Int64 (epoch milliseconds of the UTC midnight); then what is
    looked up, String.
    `unknown_fields` counts those of the accepted records.
    """

    frame: pl.DataFrame
    invalid: list[Invalid]
    unknown_fields: int


class RecordDecoder:
    """Decodes batches of one stream; less than `worthwhile` records go one by one. Costly to make: keep it."""

    def __init__(self, stream: Stream, worthwhile: int = WORTHWHILE) -> None:
        self._columns = columns_of(stream)
        self._validator = RecordValidator(stream)
        self._reader = BatchReader(self._columns, worthwhile)
        self._looked_up = looked_up(stream)

    def decode(self, raws: Sequence[bytes | None], appended: Sequence[int]) -> Decoded:
        """Decode raw values; `appended` holds, for each, the epoch milliseconds of its append to the log."""
        reading = self._reader.read(raws, pl.Series("appended", appended, pl.Int64))
        events, invalid, unknown_fields = [], [], reading.unknown_fields
        for index in sorted(reading.doubtful):
            value = parse(raws[index])
            verdict = [value] if isinstance(value, Mistake) else self._validator.validate(value, appended[index])
            if isinstance(verdict, list):
                invalid.append(Invalid(index, verdict[0].reason, verdict[0].pointer))
            else:
                unknown_fields += self._validator.unknown_fields(value)
                events.append({"index": index, **self._columns.values(verdict)})
        frames = reading.frames
        if events or not frames:
            frames = [*frames, pl.DataFrame(events, schema=self._columns.delivered)]
        frame = frames[0] if len(frames) == 1 else pl.concat(frames).sort("index")
        return Decoded(frame.with_columns(self._looked_up) if self._looked_up else frame, invalid, unknown_fields)


class _Declared:
    """A declaration as a key: the same object, the same decoder."""

    __slots__ = ("stream",)

    def __init__(self, stream: Stream) -> None:
        self.stream = stream

    def __hash__(self) -> int:
        return id(self.stream)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Declared) and other.stream is self.stream


@functools.lru_cache(maxsize=256)
def _decoder(declared: _Declared) -> RecordDecoder:
    return RecordDecoder(declared.stream)


def decode(stream: Stream, raws: Sequence[bytes | None], appended: Sequence[int]) -> Decoded:
    """Decode one batch of a stream, as `RecordDecoder` does; the decoders of the streams last used are kept."""
    return _decoder(_Declared(stream)).decode(raws, appended)

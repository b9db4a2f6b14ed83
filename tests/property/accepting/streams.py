"""A small stream, logs of its records, and a partition's books as the core keeps them, batch by batch."""

from itertools import pairwise

import numpy as np
import orjson
import polars as pl
from hypothesis import strategies as st

from kpi.accepting.corrections import judge_corrections
from kpi.accepting.fates import judge
from kpi.accepting.hash_table import Hashes
from kpi.accepting.identifiers import SeenIdentifiers
from kpi.records import decode
from schemas.streams import Stream
from tests.property.accepting.oracle import Books, Declared, Event

T0 = 1_767_261_600_000
ARRIVED = T0 + 10_000_000
SMALL = Declared(disorder=2, lateness=5, corrections=8, remembered=6)


def stream(declared: Declared) -> Stream:
    """The stream that is so declared."""
    return Stream.model_validate(
        {
            "stream": "unit.test",
            "disorder": f"{declared.disorder}ms",
            "lateness": f"{declared.lateness}ms",
            "corrections": None if declared.corrections is None else f"{declared.corrections}ms",
            "dedup_horizon": declared.remembered,
            "fields": {"team": "string?", "amount": "int64?"},
        }
    )


@st.composite
def logs(draw: st.DrawFn, *, naming: bool = True) -> list[Event]:
    """Times advance with disorder, ids come again with the same or other content, some records name others."""
    log: list[Event] = []
    for _ in range(draw(st.integers(1, 40))):
        if log and draw(st.integers(0, 6)) == 0:
            log.append(dict(draw(st.sampled_from(log))))
            continue
        event: Event = {"id": draw(st.sampled_from("abcdefghijklmnop")), "time": T0 + draw(st.integers(0, 30))}
        if draw(st.booleans()):
            event["source"] = draw(st.sampled_from(["crm", "shop"]))
        event |= draw(st.sampled_from([{}, {"team": "x"}, {"team": ""}, {"amount": 1}, {"amount": 1, "team": "x"}]))
        if naming and draw(st.integers(0, 2)) == 0:
            named = draw(st.sampled_from([i for i in "abcdefghijklmnop" if i != event["id"]]))
            event[draw(st.sampled_from(["corrects", "voids"]))] = named
        log.append(event)
    return log


class Partition:
    """One partition's records, judged as a task does. Plain events are held until nothing can name them any more."""

    def __init__(self, declared: Declared, log: list[Event], *, sweeps: bool = False) -> None:
        self.stream, self.log, self._sweeps = stream(declared), log, sweeps
        self.seen = SeenIdentifiers(declared.remembered)
        self.books = Books(["" for _ in log])
        self._held: dict[int, int] = {}

    def _times_of(self, hashes: Hashes) -> pl.Series:
        return pl.Series([self._held.get(value) for value in hashes.tolist()], dtype=pl.Int64)

    def frame(self, start: int, stop: int) -> pl.DataFrame:
        """The decoded records [start, stop)."""
        decoded = decode(
            self.stream, [orjson.dumps(event) for event in self.log[start:stop]], [ARRIVED] * (stop - start)
        )
        assert not decoded.invalid
        return decoded.frame.with_columns(pl.Series("offset", np.arange(start, stop)))

    def take(self, start: int, stop: int) -> None:
        """Judges the records [start, stop)."""
        judged = judge(self.stream, self.frame(start, stop), self.books.watermark, self.seen)
        self.books.watermark = judged.watermark
        self.books.conflicting += judged.conflicting
        self.books.fates[start:stop] = ["duplicate"] * (stop - start)
        within = self.stream.corrections or 0
        plain, corrections, unheard = judge_corrections(judged.accepted, within, self._times_of)
        for fate, frame in (("aggregated", plain), ("correction", corrections)):
            for offset, horizon in frame.select("offset", "horizon").iter_rows():
                self.books.fates[offset], self.books.horizons[offset] = fate, horizon
        for frame in (judged.late, unheard):
            for offset, lateness in frame.select("offset", "lateness").iter_rows():
                self.books.fates[offset], self.books.late[offset] = "late", lateness
        assert judged.duplicates == self.books.fates[start:stop].count("duplicate")
        self._held.update(plain.select("identifier", "time").iter_rows())
        if self._sweeps and self.books.watermark is not None:
            horizon = self.books.watermark - self.stream.lateness
            self._held = {key: time for key, time in self._held.items() if time + within >= horizon}

    def run(self, cuts: list[int]) -> Books:
        """Judges the whole log in batches cut there."""
        bounds = [0, *sorted({cut for cut in cuts if 0 < cut < len(self.log)}), len(self.log)]
        for start, stop in pairwise(bounds):
            self.take(start, stop)
        return self.books

"""What must hold at every flush, and what the panes must be: computed from the logs alone."""

import polars as pl
import polars_hash as plh

from kpi.books import unbalanced
from kpi.tasks.task import Flush
from schemas.progress import TopicProgress
from schemas.wire import Base, IdleMark, Progress, Rows
from tests.oracle.events import Event
from tests.property.simulation import batch
from tests.property.simulation.batch import Cells
from tests.property.simulation.copies import Copies
from tests.property.simulation.declared import (
    DEALS,
    KEPT,
    LATENESS,
    LEADS,
    PARTITIONS,
    PLACES,
    Place,
    partition_of,
)
from tests.property.simulation.differences import Differs, same
from tests.property.simulation.ledger import Ledger
from tests.property.simulation.logs import KEYS, SourceLogs
from tests.property.simulation.world import Member, World

OWNERS = {LEADS: "open_lead", DEALS: "shop.deal"}


class Auditor:
    """Follows the flushes of every task with a reckoning of its own."""

    def __init__(self, world: World, sources: SourceLogs) -> None:
        self._world, self._said = world, sources.said
        self._ledgers = {place: Ledger(place, sources.said, world.corrections) for place in PLACES}
        self._copies: dict[Place, Copies] = {}
        self._before: dict[str, Progress] = {}
        self.flushes = 0

    def note(self, member: Member, flush: Flush) -> None:
        """The books of a flush that counts, and that nothing goes back."""
        self.flushes += 1
        progress = member.progress
        assert progress is not None
        for topic, standing in progress.topics.items():
            same(f"records of {topic} {member.partition} that the books do not explain", unbalanced(standing), 0)
            if member.is_second_hop:
                self._note_copies((topic, member.partition), standing)
            elif topic in LATENESS:
                self._note_source((topic, member.partition), standing, flush)
        self._note_order(progress)

    def _note_order(self, progress: Progress) -> None:
        before = self._before.get(progress.task)
        self._before[progress.task] = progress
        if before is None:
            return
        same(f"the number of a flush of {progress.task}", progress.flush, before.flush + 1)
        for topic, old in before.topics.items():
            new = progress.topics[topic]
            forward = new.position >= old.position and (old.watermark or 0) <= (new.watermark or 0)
            same(f"whether {progress.task} goes forward in {topic}", forward, True)
        for grain, horizon in before.retained.items():
            same(f"whether {progress.task} retires {grain}", progress.retained.get(grain, horizon) >= horizon, True)

    def _note_source(self, place: Place, standing: TopicProgress, flush: Flush) -> None:
        ledger = self._ledgers[place]
        late, dead = len(ledger.late), len(ledger.dead)
        marks = {
            mark.offset: mark.watermark
            for mark in flush.records
            if isinstance(mark, IdleMark) and mark.topic == place[0]
        }
        ledger.read(self._world.logs[place], standing.position, marks)
        same(f"the fates in {place}", standing.fates, ledger.fates)
        same(f"the watermark of {place}", standing.watermark, ledger.watermark)
        same(f"conflicting duplicates in {place}", standing.conflicting, ledger.conflicting)
        same(f"late records of {place}", [each.offset for each in flush.late], ledger.late[late:])
        same(f"dead letters of {place}", sorted(each.offset for each in flush.dead), ledger.dead[dead:])
        same(f"consumed in {place}", standing.consumed, standing.position)

    def _note_copies(self, place: Place, standing: TopicProgress) -> None:
        copies = self._copies.setdefault(place, Copies(self._said))
        log = self._world.logs.get(place, [])
        copies.read([each.value for each in log[copies.position : standing.position]])
        accepted = [event for event in self._events(copies) if event.said]
        number = sum(map(len, copies.places.values()))
        fates = {"duplicate": copies.repeats, "correction": len(accepted), "aggregated": number - len(accepted)}
        same(
            f"the fates in {place}",
            {fate: n for fate, n in standing.fates.items() if n},
            {f: n for f, n in fates.items() if n},
        )
        same(f"consumed in {place}", standing.consumed, standing.position)
        same(f"marks in {place}", standing.marks, copies.marks)
        heard = list(copies.watermarks.values())
        same(f"the watermark of {place}", standing.watermark, min(heard) if len(heard) == PARTITIONS else None)

    def _events(self, copies: Copies) -> list[Event]:
        return [self._copied(place, offset) for place, offsets in copies.places.items() for offset in offsets]

    def _copied(self, place: Place, offset: int) -> Event:
        # Without transactions it may be read before its own flush counts; that it was accepted is seen at the end.
        event = self._said[self._world.logs[place][offset].value]
        if event is None:
            raise Differs(f"a copy of {place} {offset}, which is no valid record")
        return event

    def check(self, member: Member) -> None:
        """The rows of every pane that the task retains, of all that it has read."""
        if member.progress is None:
            return
        number, retained, corrections = member.partition, member.progress.retained, self._world.corrections
        self._check_retention(member.progress)
        if member.unit == "shop.deal":
            events = self._ledgers[DEALS, number].accepted.values()
            self._same_rows(member, "turnover", "amount", batch.totals(batch.turnover(events, corrections), retained))
        elif member.unit == "open_lead":
            events = self._ledgers[LEADS, number].accepted.values()
            self._same_rows(member, "backlog", "open", batch.levels(batch.backlog(events), retained))
            hashed = [counted._replace(names=(HASHES[counted.names[0]],)) for counted in batch.contacts(events)]
            self._same_rows(member, "contacts", "leads", batch.keys(hashed, retained))
        else:
            heard = [
                event for place, copies in self._copies.items() if place[1] == number for event in self._events(copies)
            ]
            self._same_rows(member, "conversion", "won", batch.totals(batch.conversion(heard, corrections), retained))

    def _check_retention(self, progress: Progress) -> None:
        marks = [standing.watermark for standing in progress.topics.values() if standing.watermark is not None]
        for grain, horizon in progress.retained.items():
            same(f"whether {progress.task} retains {grain}", horizon <= min(marks) - KEPT[grain], True)

    def _same_rows(self, member: Member, kpi: str, measure: str, want: Cells) -> None:
        same(
            f"{kpi} of {member.task.name}",
            rows_of(member, kpi, measure),
            want,
        )

    def finish(self) -> None:
        """Everything was read to its end: nothing is lost between the hops, and all records are accounted for."""
        for place, ledger in self._ledgers.items():
            same(f"read of {place}", ledger.position, len(self._world.logs[place]))
            copied = {
                number: [
                    o for o, event in ledger.accepted.items() if event.key and partition_of(event.key[0]) == number
                ]
                for number in range(PARTITIONS)
            }
            for number, offsets in copied.items():
                topic = f"{place[0].removesuffix('.v1')}.by.lead_id.v1"
                heard = self._copies.get((topic, number), Copies(self._said)).places[place]
                same(f"copies of {place} in {topic} {number}", heard, offsets)


def rows_of(member: Member, kpi: str, measure: str) -> Cells:
    """The rows that a task has written of a measure, as `batch` names them."""
    reading = member.world.plan.readings[kpi, measure]
    names = [name for name in (reading.count, reading.value) if name is not None]
    found: Cells = {}
    for record in member.records():
        if not isinstance(record, Rows | Base) or record.group != reading.group:
            continue
        start = record.start if isinstance(record, Rows) else "base"
        keys = [*record.dimensions.values()]
        if isinstance(record, Rows) and record.extra is not None:
            keys.append(record.extra)  # type: ignore[arg-type]
        for place in range(len(record.columns[reading.count])):
            key = (record.grain, start, *(values[place] for values in keys))
            same("how often a row is there", key in found, False)
            found[key] = tuple(record.columns[name][place] or 0 for name in names)
    return found


def _hashes() -> dict[str, int]:
    frame = pl.DataFrame({"key": KEYS}).with_columns(plh.col("key").nchash.xxh3_64().alias("hash"))
    return dict(frame.iter_rows())


HASHES = _hashes()

"""What must become of each record of a source partition, one by one. Shares no code with the core."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.oracle.events import Event
from tests.property.simulation.declared import (
    DISORDER,
    LATENESS,
    LEADS,
    Place,
    partition_of,
)
from tests.property.simulation.logs import Stored

FATES = ("invalid", "rekeyed", "duplicate", "late", "correction", "aggregated")


@dataclass(slots=True)
class Ledger:
    """Reads one partition, as far as the task has come that owns it. `accepted`: by offset."""

    place: Place
    said: Mapping[bytes | None, Event | None]
    corrections: int
    position: int = 0
    watermark: int | None = None
    fates: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FATES, 0))
    conflicting: int = 0
    accepted: dict[int, Event] = field(default_factory=dict)
    late: list[int] = field(default_factory=list)
    dead: list[int] = field(default_factory=list)
    _known: dict[tuple[str, str], Event] = field(default_factory=dict)
    _times: dict[tuple[str, str], int] = field(default_factory=dict)

    def read(self, log: Sequence[Stored], position: int, marks: Mapping[int, int]) -> None:
        """Reads on up to `position`. `marks`: by offset, the watermark that silence brought before that record."""
        for offset in range(self.position, position):
            self._reach(marks.get(offset))
            event = self.said[log[offset].value]
            fate = "invalid" if event is None else self._fate(event)
            self.fates[fate] += 1
            if event is not None and fate in ("aggregated", "correction"):
                self.accepted[offset] = event
            elif fate in ("late", "invalid"):
                (self.late if fate == "late" else self.dead).append(offset)
        self.position = position
        self._reach(marks.get(position))

    def _reach(self, watermark: int | None) -> None:
        if watermark is not None:
            self.watermark = watermark if self.watermark is None else max(self.watermark, watermark)

    def _fate(self, event: Event) -> str:
        topic, partition = self.place
        if topic == LEADS and partition_of(event.fields["lead_id"]) != partition:
            return "rekeyed"
        self._reach(event.time - DISORDER[topic])
        identity = event.source, event.id
        if identity in self._known:
            self.conflicting += self._known[identity] != event
            return "duplicate"
        assert self.watermark is not None
        horizon = self.watermark - LATENESS[topic]
        named = event.corrects or event.voids
        heard = named is None or self._is_heard(event, (event.source, named), horizon)
        self._known[identity] = event
        if event.time < horizon or not heard:
            return "late"
        if named is not None:
            return "correction"
        self._times[identity] = event.time
        return "aggregated"

    def _is_heard(self, event: Event, target: tuple[str, str], horizon: int) -> bool:
        """What it names is at most the corrections horizon older, and not past it; or has never been seen."""
        told = self._times.get(target)
        if told is None or told + self.corrections < horizon:
            return target not in self._known
        return told <= event.time <= told + self.corrections

"""What must become of each record, one by one in plain Python. Shares no code with the core."""

from dataclasses import dataclass, field

Event = dict[str, object]
Identity = tuple[object, object]


@dataclass
class Books:
    """A partition's log after the last record: the fate of each record by offset, and what goes with some of them.

    `late` maps offsets to milliseconds, `horizons` those of accepted records to the watermark then less the lateness.
    """

    fates: list[str] = field(default_factory=list)
    conflicting: int = 0
    late: dict[int, int] = field(default_factory=dict)
    horizons: dict[int, int] = field(default_factory=dict)
    watermark: int | None = None

    def count(self, fate: str) -> int:
        return self.fates.count(fate)


@dataclass
class Declared:
    """What decides: all in milliseconds, but `remembered` in offsets."""

    disorder: int
    lateness: int
    corrections: int | None
    remembered: int


def books(log: list[Event], declared: Declared, marks: dict[int, int] | None = None) -> Books:
    """Reads the log record by record. `marks`: watermarks to which idleness advanced it before that offset."""
    out = Books()
    times: dict[Identity, list[int]] = {}
    for offset, event in enumerate(log):
        if marks and offset in marks:
            out.watermark = max(out.watermark, marks[offset]) if out.watermark is not None else marks[offset]
        time, source = int(str(event["time"])), event.get("source", "")
        reached = time - declared.disorder
        out.watermark = reached if out.watermark is None else max(out.watermark, reached)
        oldest = max(0, (offset // declared.remembered - 1) * declared.remembered)
        before = [e for e in log[oldest:offset] if (e.get("source", ""), e["id"]) == (source, event["id"])]
        if before:
            out.fates.append("duplicate")
            out.conflicting += before[0] != event
            continue
        if time < out.watermark - declared.lateness:
            out.fates.append("late")
            out.late[offset] = out.watermark - time
            continue
        horizon = out.watermark - declared.lateness
        named = event.get("corrects", event.get("voids"))
        if named is None or declared.corrections is None:
            out.fates.append("aggregated")
            out.horizons[offset] = horizon
            times.setdefault((source, event["id"]), []).append(time)
            continue
        last = times.get((source, named), [None])[-1]
        if last is not None and last + declared.corrections < horizon:
            last = None
        seen = any((e.get("source", ""), e["id"]) == (source, named) for e in log[oldest:offset])
        beyond = 0 if last is None else time - last - declared.corrections
        holds = not seen if last is None else last <= time <= last + declared.corrections
        out.fates.append("correction" if holds else "late")
        if holds:
            out.horizons[offset] = horizon
        else:
            out.late[offset] = beyond
    return out

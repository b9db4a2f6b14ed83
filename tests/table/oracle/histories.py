"""What becomes of one thing, from its records in order of time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

Body = Mapping[str, Any]
When = Callable[[Body], bool]
DAY = 86_400_000


def lives(records: Sequence[Body], silence: int) -> list[list[Body]]:
    """Its records, parted where it was silent for longer than so many milliseconds."""
    found: list[list[Body]] = []
    for record in records:
        if not found or record["time"] - found[-1][-1]["time"] > silence:
            found.append([])
        found[-1].append(record)
    return found


def kept(records: Iterable[Body], action: str, back: str, horizon: int) -> list[tuple[Body, int]]:
    """What happened, with 1, unless it was taken back within the horizon; what took it back later, with -1."""
    found: list[tuple[Body, int]] = []
    standing: Body | None = None
    for record in records:
        if record["action"] == action and standing is None:
            standing = record
        elif record["action"] == back and standing is not None:
            if record["time"] - standing["time"] <= horizon:
                standing = None
            else:
                found += [(standing, 1), (record, -1)]
                return found
    return found if standing is None else [*found, (standing, 1)]


class Episode(NamedTuple):
    """From when to when (None: not over), how often it was begun, and by what it was last begun or changed."""

    start: int
    end: int | None
    times: int
    last: Body


def episodes(
    records: Iterable[Body], *, begin: When, end: When, change: When | None = None, joined: int = -1
) -> list[Episode]:
    """All stretches between what begins and what ends; two at most `joined` apart are one."""
    found: list[Episode] = []
    for record in records:
        time = record["time"]
        last = found[-1] if found else None
        if last is not None and last.end is None:
            if end(record):
                found[-1] = last._replace(end=time)
            elif change is not None and change(record):
                found[-1] = last._replace(last=record)
        elif begin(record):
            if last is not None and last.end is not None and time - last.end <= joined:
                found[-1] = Episode(last.start, None, last.times + 1, record)
            else:
                found.append(Episode(time, None, 1, record))
    return found


class Stay(NamedTuple):
    """In a stage: until when, whether it was left forward, for how long in all, and by what it was last entered."""

    stage: str
    left: int
    forward: bool
    spent: int
    last: Body


def stays(
    records: Sequence[Body], stage_of: Callable[[Body], str | None], order: Sequence[str], horizon: int
) -> list[Stay]:
    """All stays that are over, those left out that were gone on with within the horizon.

    `stage_of`: the stage that a record enters, or `won` or `lost`, or None.
    """
    marks = [(record, place) for record in records if (place := stage_of(record)) is not None]
    visits: dict[str, list[tuple[Body, int, bool]]] = {}
    here: Body | None = None
    where = ""
    for record, place in marks:
        if place == where:
            continue
        if here is not None:
            forward = place == "won" or (place != "lost" and order.index(place) > order.index(where))
            visits.setdefault(where, []).append((here, record["time"], forward))
        here, where = (None, "") if place in ("won", "lost") else (record, place)
    found = []
    for stage, each in visits.items():
        spent = 0
        for number, (entered, left, forward) in enumerate(each):
            spent += left - entered["time"]
            returned = each[number + 1][0]["time"] if number + 1 < len(each) else None
            if returned is None and here is not None and where == stage:
                returned = here["time"]
            if returned is not None and returned - left <= horizon:
                continue
            found.append(Stay(stage, left, forward, spent, entered))
            spent = 0
    return found

"""Units that are made: how long that took, without the time in which they were paused or waited."""

from collections.abc import Sequence

from tests.oracle.events import Event, by_key, lives
from tests.oracle.windows.counting import Cells, Counting, heard


def _is_paused(said: Sequence[Event]) -> bool:
    words = [event.fields["action"] for event in said if event.fields["action"] in {"paused", "resumed"}]
    return words[-1:] == ["paused"]


def _is_waiting(said: Sequence[Event]) -> bool:
    words = [event.fields["action"] for event in said if event.fields["action"] in {"waiting", "resumed", "finished"}]
    return words[-1:] == ["waiting"]


def _is_made(said: Sequence[Event]) -> bool:
    words = [event.fields["action"] for event in said if event.fields["action"] in {"started", "finished"}]
    return words[-1:] == ["started"]


def _apart(life: Sequence[Event], start: int, end: int, *, paused: bool, waiting: bool) -> int:
    """The milliseconds of [start, end) that count; those of [end, start) against, where it ends before it starts."""
    counted = 0
    for time in range(min(start, end), max(start, end)):
        said = [event for event in life if event.time <= time]
        counted += not ((paused and _is_paused(said)) or (waiting and _is_waiting(said)))
    return counted if start <= end else -counted


def _done(life: Sequence[Event]) -> Event | None:
    """The finishing that stands: one that is reopened at most 9 ms later does not."""
    remaining = list(life)
    while (done := next((event for event in remaining if event.fields["action"] == "finished"), None)) is not None:
        later = [event for event in life if event[:4] > done[:4]]
        reopened = next((event for event in later if event.fields["action"] == "reopened"), None)
        if reopened is None or reopened.time > done.time + 9:
            return done
        remaining = [event for event in later if event[:4] > reopened[:4]]
    return None


def _episodes(life: Sequence[Event], *, work: bool, within: int) -> list[tuple[int, int]]:
    """(start, end) of what is over; holdings at most `within` apart are one."""
    is_held = _is_made if work else _is_waiting
    found: list[list[int | None]] = []
    for place, event in enumerate(life):
        before, after = is_held(life[:place]), is_held(life[: place + 1])
        if after and not before:
            last = found[-1][1] if found else None
            if last is not None and event.time - last <= within:
                found[-1][1] = None
            else:
                found.append([event.time, None])
        elif before and not after:
            found[-1][1] = event.time
    return [(start, end) for start, end in found if start is not None and end is not None]


def _lives(counting: Counting, life: Sequence[Event]) -> None:
    started = next((event for event in life if event.fields["action"] == "started"), None)
    if started is None:
        return
    finished = [event for event in life if event.fields["action"] == "finished" and event[:4] > started[:4]]
    if finished:
        active = _apart(life, started.time, finished[0].time, paused=True, waiting=True)
        counting.moment("running", finished[0].time, (started.fields["team"],), active)
    if (done := _done(life)) is not None:
        active = _apart(life, started.time, done.time, paused=False, waiting=True)
        counting.moment("standing", done.time, (), active)


def _attempts(counting: Counting, life: Sequence[Event]) -> None:
    opened: list[Event] = []
    for event in life:
        if event.fields["action"] == "started" and (not opened or event.time > opened[-1].time + 15):
            opened.append(event)
    tried = set()
    for event in life:
        mine = [one for one in opened if one[:4] < event[:4] and event.time <= one.time + 15]
        if event.fields["action"] == "finished" and mine:
            active = _apart(life, mine[-1].time, event.time, paused=True, waiting=False)
            counting.moment("finishing", event.time, (), active)
            if mine[-1][:4] not in tried:
                tried.add(mine[-1][:4])
                counting.moment("tried", event.time, (), active)


def unit(events: list[Event], start: int, end: int) -> dict[str, Cells]:
    """Without pauses: from the start to the finish, each time that it was made, and each attempt."""
    counting = Counting(start, end)
    for history in by_key(events).values():
        for life in lives(history, 45):
            _lives(counting, life)
            _attempts(counting, life)
            for began, ended in _episodes(life, work=True, within=6):
                counting.moment("worked", ended, (), _apart(life, began, ended, paused=True, waiting=False))
            for began, ended in _episodes(life, work=False, within=5):
                counting.moment("waited", ended, (), ended - began)
            for time, said in heard(life, start, end, 45):
                if _is_paused(said):
                    counting.held("paused", time, (), 1)
    return counting.cells()

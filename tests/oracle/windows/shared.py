"""Units that several teams make: how long that took, without the time in which any of them rested."""

from collections.abc import Sequence

from tests.oracle.events import Event, by_key, lives
from tests.oracle.windows.counting import Cells, Counting, heard

TEAMS = ("north", "south")


def _lane(life: Sequence[Event], team: str) -> list[Event]:
    return [event for event in life if event.fields["team"] == team]


def _saying(life: Sequence[Event], *actions: str) -> list[Event]:
    return [event for event in life if event.fields["action"] in actions]


def _resting(said: Sequence[Event]) -> int:
    """How many of the teams rest after what was said."""
    words = [_saying(_lane(said, team), "paused", "resumed", "reopened")[-1:] for team in TEAMS]
    return sum(bool(_saying(last, "paused")) for last in words)


def _active(life: Sequence[Event], start: Event, end: Event) -> int:
    times = range(start.time, end.time)
    return sum(not _resting([event for event in life if event.time <= time]) for time in times)


def _life(counting: Counting, life: Sequence[Event]) -> None:
    for started in _saying(life, "started")[:1]:
        later = [event for event in life if event[:4] > started[:4]]
        for finished in _saying(later, "finished")[:1]:
            counting.moment("active", finished.time, (), _active(life, started, finished))
        notes = [event for event in _saying(later, "note") if event.time <= started.time + 12]
        for note in notes[-1:]:
            counting.moment("noted", note.time, (), _active(life, started, note))


def _tries(counting: Counting, life: Sequence[Event]) -> None:
    started, finished = _saying(life, "started"), _saying(life, "finished")
    for one in started:
        for end in [end for end in finished if one[:4] < end[:4] and end.time <= one.time + 15][:1]:
            counting.moment("trying", end.time, (), _active(life, one, end))
    for end in finished:
        for one in [one for one in started if one[:4] < end[:4] and end.time <= one.time + 15][-1:]:
            counting.moment("achieved", end.time, (), _active(life, one, end))


def _works(counting: Counting, life: Sequence[Event], lane: Sequence[Event]) -> None:
    """Each making by one team, of which those at most 6 ms apart are one."""
    turns = _saying(lane, "started", "finished")
    began: Event | None = None
    for place, event in enumerate(turns):
        if event.fields["action"] == "started":
            began = began or event
        elif began is not None:
            again = _saying(turns[place + 1 :], "started")[:1]
            if again and again[0].time <= event.time + 6 and turns[place - 1].fields["action"] == "started":
                continue  # it goes on
            if turns[place - 1].fields["action"] == "started":
                counting.moment("working", event.time, (), _active(life, began, event))
                began = None


def _rests(counting: Counting, lane: Sequence[Event]) -> None:
    """Each rest of one team, at most 5 ms apart, with what was moved until its end; one that is reopened is none."""
    turns = _saying(lane, "paused", "resumed", "reopened")
    began: Event | None = None
    for place, event in enumerate(turns):
        action, before = event.fields["action"], [one.fields["action"] for one in turns[:place]][-1:]
        if action == "paused":
            began = began or event
            continue
        if began is None or before != ["paused"]:
            continue
        after = [one.fields["action"] for one in turns[place + 1 :] if one.time <= event.time + 5]
        after = [one for one in after if one != "resumed"]
        if action == "resumed" and after[:1] == ["paused"]:
            continue  # it goes on
        if action == "resumed" and not after:
            moves = [one for one in _saying(lane, "moved") if began[:4] < one[:4] < event[:4]]
            counting.moment("rested", event.time, (), 100 * len(moves) + event.time - began.time)
        began = None


def shared(events: list[Event], start: int, end: int) -> dict[str, Cells]:
    """Of the unit as a whole, of each team, and of each attempt."""
    counting = Counting(start, end)
    for history in by_key(events).values():
        for life in lives(history, 45):
            _life(counting, life)
            _tries(counting, life)
            for team in TEAMS:
                _works(counting, life, _lane(life, team))
                _rests(counting, _lane(life, team))
            for time, said in heard(life, start, end, 45):
                if resting := _resting(said):
                    counting.held("resting", time, (), resting)
    return counting.cells()

"""Response, resolution, backlog, and events that are voided or corrected."""

from collections.abc import Sequence

from tests.oracle.events import Event, by_key, lives
from tests.oracle.windows.counting import Cells, Counting, heard

SECOND_DAY = 86_400_000
OPENING = ("opened", "reopened")


def _first_response(life: Sequence[Event]) -> tuple[Event, Event | None] | None:
    """The opening and the first reply after it."""
    opened = next((event for event in life if event.fields["action"] == "opened"), None)
    if opened is None:
        return None
    later = [event for event in life if event[:4] > opened[:4] and event.fields["action"] == "replied"]
    return opened, (later[0] if later else None)


def response(events: list[Event], start: int, end: int) -> dict[str, Cells]:
    """A miss is dated at the deadline, whenever the reply comes; south has 3 ms, north 6, from the second day on 9."""
    counting = Counting(start, end)
    for history in by_key(events).values():
        for life in lives(history, 20):
            found = _first_response(life)
            if found is None:
                continue
            opened, reply = found
            team = opened.fields["team"]
            allowed = 3 if team == "south" else 6 if opened.time < SECOND_DAY else 9
            hit = reply is not None and reply.time - opened.time <= allowed
            if reply is not None:
                counting.moment("response", reply.time, (reply.fields["team"], team), reply.time - opened.time)
            at = reply.time if hit and reply is not None else opened.time + allowed
            counting.moment("within_target", at, (team,), int(hit))
    return counting.cells()


def _open_in(said: Sequence[Event]) -> str | None:
    """The team of a ticket that is open after what was said; None: it is closed."""
    team: str | None = None
    for event in said:
        action = event.fields["action"]
        if action == "resolved":
            team = None
        elif (action in OPENING and team is None) or (action == "moved" and team is not None):
            team = event.fields["team"]
    return team


def resolution(events: list[Event], start: int, end: int) -> dict[str, Cells]:
    """An episode counts once, at its last resolution; one that is reopened within 7 ms goes on."""
    counting = Counting(start, end)
    for history in by_key(events).values():
        for life in lives(history, 30):
            for time, said in heard(life, start, end, 30):
                if (team := _open_in(said)) is not None:
                    counting.held("backlog", time, (team,), 1)
            ends = [
                place
                for place, event in enumerate(life)
                if event.fields["action"] == "resolved" and _open_in(life[:place]) is not None
            ]
            starts = [
                place
                for place, event in enumerate(life)
                if event.fields["action"] in OPENING and _open_in(life[:place]) is None
            ]
            first = 0
            for number, resolved in enumerate(ends):
                again = starts[number + 1] if number + 1 < len(starts) else None
                if again is not None and life[again].time <= life[resolved].time + 7:
                    continue
                time, began = life[resolved].time, life[starts[first]].time
                team = _open_in(life[:resolved])
                counting.moment("resolution", time, (team,), time - began)
                counting.moment("first_contact", time, (), int(number == first))
                first = number + 1
    return counting.cells()


def standing(events: list[Event], horizon: int) -> list[Event]:
    """The events that stand once every void and correction has been heard.

    One counts if it was said at or after its event, at most `horizon` later, with the same source and key.
    """
    found = []
    for event in events:
        if event.said:
            continue
        words = [
            other
            for other in events
            if event.id in {other.voids, other.corrects}
            and (other.source, other.key) == (event.source, event.key)
            and 0 <= other.time - event.time <= horizon
        ]
        if not any(word.voids == event.id for word in words):
            last = max(words, key=lambda word: word[:4], default=None)
            found.append(event if last is None else event._replace(fields=last.fields))
    return found


def amended(events: list[Event], start: int, end: int) -> dict[str, Cells]:
    """Response and backlog of what stands."""
    counting = Counting(start, end)
    for history in by_key(standing(events, 12)).values():
        for life in lives(history, 25):
            found = _first_response(life)
            if found is not None and (reply := found[1]) is not None:
                counting.moment("response", reply.time, (reply.fields["team"],), reply.time - found[0].time)
            for time, said in heard(life, start, end, 25):
                if (team := _open_in(said)) is not None:
                    counting.held("backlog", time, (team,), 1)
    return counting.cells()

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


def _standing_reply(life: Sequence[Event]) -> Event | None:
    """The reply that no note at most 5 ms later takes back; a note that comes later leaves it for good."""
    said = [event for event in life if event.fields["action"] in {"replied", "note"}]
    while (reply := next((event for event in said if event.fields["action"] == "replied"), None)) is not None:
        later = said[said.index(reply) + 1 :]
        note = next((event for event in later if event.fields["action"] == "note"), None)
        if note is None or note.time > reply.time + 5:
            return reply
        said = later[later.index(note) + 1 :]
    return None


def _last(life: Sequence[Event], since: Event, until: int, *actions: str) -> Event | None:
    said = [event for event in life if event[:4] >= since[:4] and event.time <= until]
    return next((event for event in reversed(said) if event.fields["action"] in actions), None)


def _allowed(event: Event) -> int:
    return 3 if event.fields["team"] == "south" else 6 if event.time < SECOND_DAY else 9


def _late_notes(life: Sequence[Event], reply: Event | None) -> list[Event]:
    """What takes back a reply too late for it, or one that nobody knows."""
    found = [life[0]] if life[0].fields["action"] == "note" else []
    later = [] if reply is None else [event for event in life if event[:4] > reply[:4]]
    return found + [event for event in later if event.fields["action"] == "note"][:1]


def classified(events: list[Event], start: int, end: int) -> dict[str, Cells]:
    """The team said last, up to 7 ms after the opening; the last word up to 6 ms after a reply; the team at its end."""
    counting = Counting(start, end)
    for history in by_key(events).values():
        for life in lives(history, 30):
            opened = next((event for event in life if event.fields["action"] == "opened"), None)
            if opened is not None:
                said = _last(life, opened, opened.time + 7, "opened", "moved")
                counting.moment("classified", opened.time, (said.fields["team"] if said else None,), 1)
            reply = _standing_reply(life)
            if reply is not None:
                word = _last(life, reply, reply.time + 6, "replied", "resolved") or reply
                counting.moment("last_word", word.time, (word.fields["team"],), word.time - reply.time)
                due = reply.time + _allowed(reply)
                place = _last(life, reply, due, "moved", "resolved")
                counting.moment("placed_by", due, (place.fields["team"] if place else None,), 1)
            for note in _late_notes(life, reply):
                counting.moment("placed_by", note.time + _allowed(note), (None,), 1, -1)
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

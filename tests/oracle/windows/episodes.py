"""Tickets that are handled: counts within an episode, dropped ones left out, and a note in the 7 ms after the end."""

from collections.abc import Sequence

from tests.oracle.events import Event, by_key, lives
from tests.oracle.windows.counting import Cells, Counting, heard

OPENING, CLOSING = {"opened", "reopened"}, {"resolved", "moved"}


def _actions(life: Sequence[Event]) -> list[str]:
    return [event.fields["action"] for event in life]


def _opener(said: Sequence[Event]) -> Event | None:
    """What opened a ticket that is open after what was said."""
    found: Event | None = None
    for event in said:
        if event.fields["action"] in CLOSING:
            found = None
        elif event.fields["action"] in OPENING and found is None:
            found = event
    return found


def handled(events: list[Event], start: int, end: int) -> dict[str, Cells]:
    """An episode counts once, at its last resolution, unless it was moved by 7 ms after that."""
    counting = Counting(start, end)
    for history in by_key(events).values():
        for life in lives(history, 30):
            for time, said in heard(life, start, end, 30):
                if (opener := _opener(said)) is not None:
                    counting.held("handling", time, (opener.fields["team"],), 1)
            actions = _actions(life)
            began: int | None = None
            for place, event in enumerate(life):
                if actions[place] in OPENING and began is None:
                    began = place
                if actions[place] not in CLOSING or _opener(life[:place]) is None or began is None:
                    continue
                after = _actions([one for one in life[place + 1 :] if one.time <= event.time + 7])
                turns = [action for action in after if action in OPENING | {"moved"}]
                if actions[place] == "resolved" and turns[:1] in (["opened"], ["reopened"]):
                    continue  # it goes on
                if actions[place] == "resolved" and not turns:
                    within = actions[began : place + 1]
                    words = sum(action in {"replied", "resolved", "opened"} for action in within)
                    opener = _opener(life[:place])
                    team = opener.fields["team"] if opener is not None else None
                    followed = str(int("note" in after))
                    counting.moment("handled", event.time, (team, followed), 10 * within.count("replied") + words)
                    counting.moment("spell", event.time, (), event.time - life[began].time)
                began = None
    return counting.cells()


def served(events: list[Event], start: int, end: int) -> dict[str, Cells]:
    """From an opening to the resolution, with the team of the last reopening; one that is moved counts for nothing."""
    counting = Counting(start, end)
    for history in by_key(events).values():
        for life in lives(history, 30):
            began: int | None = None
            for place, action in enumerate(_actions(life)):
                if began is None:
                    began = place if action == "opened" else None
                elif action in CLOSING:
                    inside = life[began:place]
                    renewed = [event for event in inside[1:] if event.fields["action"] == "reopened"]
                    team = [inside[0], *renewed][-1].fields["team"]
                    if action == "resolved":
                        counting.moment("served", life[place].time, (team,), _actions(inside).count("replied"))
                    began = None
    return counting.cells()

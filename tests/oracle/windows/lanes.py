"""Orders of a customer, and a deal's course in each team: every lane looked at by itself."""

from typing import Any

from tests.oracle.events import Event, by_key, lives
from tests.oracle.windows.counting import Cells, Counting, heard
from tests.oracle.windows.trade import orders_of, stays_of


def _lanes(life: list[Event], field: str) -> dict[Any, list[Event]]:
    return {lane: [event for event in life if event.fields[field] == lane] for lane in {e.fields[field] for e in life}}


def basket(events: list[Event], start: int, end: int) -> dict[str, Cells]:
    """Each order by itself, with the market of the first order so far; a note of any order follows."""
    counting = Counting(start, end)
    for history in by_key(events).values():
        for life in lives(history, 30):
            for order, lane in _lanes(life, "order_id").items():
                _order(counting, life, order, lane)
            for time, said in heard(life, start, end, 30):
                for order, lane in _lanes(said, "order_id").items():
                    turns = [event for event in lane if event.fields["action"] in {"placed", "cancelled"}]
                    if turns and turns[-1].fields["action"] == "placed":
                        counting.held("open", time, (order,), 1)
                    words = [event for event in lane if event.fields["action"] in {"placed", "note"}]
                    if words and time - words[-1].time < 9:
                        counting.held("said", time, (), words[-1].fields["amount"])
    return counting.cells()


def _order(counting: Counting, life: list[Event], order: str, lane: list[Event]) -> None:
    placed = [event for event in life if event.fields["action"] == "placed"]
    for event, sign in orders_of(lane):
        market = placed[0].fields["market"] if placed and placed[0].time <= event.time else None
        counting.moment("placed", event.time, (event.fields["market"], market), event.fields["amount"], sign)
    notes = [event for event in lane if event.fields["action"] == "note"]
    if notes:
        since = placed[0].time if placed and placed[0].time <= notes[0].time else 0
        counting.moment("noted", notes[0].time, (notes[0].fields["market"],), notes[0].time - since)
    began: Event | None = None
    for place, event in enumerate(lane):
        if event.fields["action"] == "placed" and began is None:
            began = event
        if event.fields["action"] != "cancelled" or began is None:
            continue
        turns = [other for other in lane[:place] if other.fields["action"] != "note"]
        if turns[-1].fields["action"] == "cancelled":
            continue  # it was closed already
        again = [other for other in lane[place:] if other.fields["action"] == "placed"]
        if again and again[0].time <= event.time + 5:
            continue  # it goes on
        counted = sum(began[:4] <= note[:4] < event[:4] for note in notes)
        after = [other for other in life if event[:4] < other[:4] and other.time <= event.time + 5]
        followed = any(other.fields["action"] == "note" for other in after)
        counting.moment("closed", event.time, (order, str(int(followed))), counted)
        began = None


def crossing(events: list[Event], start: int, end: int) -> dict[str, Cells]:
    """What each team did, as if there were no other."""
    counting = Counting(start, end)
    for history in by_key(events).values():
        for life in lives(history, 40):
            for team, lane in _lanes(life, "team").items():
                for stage, left, spent in stays_of(lane):
                    counting.moment("way", left, (stage, team), spent)
                _pairs(counting, team, lane)
    return counting.cells()


def _pairs(counting: Counting, team: str, lane: list[Event]) -> None:
    opened: list[Event] = []
    for event in lane:
        if event.fields["action"] == "first" and (not opened or event.time > opened[-1].time + 6):
            opened.append(event)
    seconds = [event for event in lane if event.fields["action"] == "second"]
    for one in opened:
        closed = any(one[:4] < second[:4] and second.time <= one.time + 6 for second in seconds)
        counting.moment("pair", one.time, (team,), int(closed))
    for second in seconds:
        if not any(one[:4] < second[:4] and second.time <= one.time + 6 for one in opened):
            counting.moment("stray", second.time, (team,), 1)
    for third in lane:
        if third.fields["action"] == "third":
            before = [second for second in seconds if second[:4] < third[:4] and third.time <= second.time + 6]
            counting.moment("touch", third.time, (), third.time - before[-1].time if before else -1)

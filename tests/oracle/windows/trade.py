"""Leads, customers, courses and orders."""

from tests.oracle.events import Event, by_key, lives
from tests.oracle.windows.counting import Cells, Counting

STAGES = {"first": 1, "second": 2, "third": 3}
NAMES = {1: "one", 2: "two", 3: "three"}
WON, LOST = 9, 0


def lead(events: list[Event], start: int, end: int) -> dict[str, Cells]:
    """A lead is won by what comes at most 15 ms after its creation; another creation in that time is the same lead."""
    counting = Counting(start, end)
    for history in by_key(events).values():
        for life in lives(history, 40):
            created: list[Event] = []
            for event in life:
                if event.fields["action"] == "created" and (not created or event.time > created[-1].time + 15):
                    created.append(event)
            wins = [event for event in life if event.fields["action"] == "won"]
            for one in created:
                won = any(one[:4] < win[:4] and win.time <= one.time + 15 for win in wins)
                counting.moment("lead", one.time, (one.fields["region"],), int(won))
            for win in wins:
                mine = [one for one in created if one[:4] < win[:4] and win.time <= one.time + 15]
                if mine:
                    counting.moment("matched", win.time, (mine[0].fields["region"],), win.fields["score"])
                else:
                    counting.moment("unmatched", win.time, (), win.fields["score"])
    return counting.cells()


def customer(events: list[Event], start: int, end: int) -> dict[str, Cells]:
    """The first order ever."""
    counting = Counting(start, end)
    for history in by_key(events).values():
        placed = [event for event in history if event.fields["action"] == "placed"]
        if placed:
            first = min(placed, key=lambda event: event[:4])
            counting.moment("new_customer", first.time, (first.fields["market"],), 1)
    return counting.cells()


def newcomer(events: list[Event], start: int, end: int) -> dict[str, Cells]:
    """The first order that no cancellation of the same order, at most 12 later, takes back."""
    counting = Counting(start, end)
    for history in by_key(events).values():
        ranked = sorted(history, key=lambda event: event[:4])
        for rank, event in enumerate(ranked):
            said = [
                other.time - event.time
                for other in ranked[rank + 1 :]
                if other.fields["action"] == "cancelled" and other.fields["order_id"] == event.fields["order_id"]
            ]
            if event.fields["action"] == "placed" and not any(gap <= 12 for gap in said):
                counting.moment("newcomer", event.time, (event.fields["market"],), 1)
                break
    return counting.cells()


def complete(events: list[Event], start: int, end: int) -> dict[str, Cells]:
    """The first record at which every order that had been placed had been cancelled or noted."""
    counting = Counting(start, end)
    for history in by_key(events).values():
        for life in lives(history, 30):
            for count, event in enumerate(life, 1):
                said = [(one.fields["order_id"], one.fields["action"] == "placed") for one in life[:count]]
                placed, done = ({order for order, first in said if first is which} for which in (True, False))
                if event.fields["action"] != "placed" and placed <= done:
                    counting.moment("complete", event.time, (event.fields["market"],), 1)
                    break
    return counting.cells()


def _visits(life: list[Event]) -> list[tuple[int, Event, int | None, int]]:
    """(stage, what entered it, when it was left, the place gone to), in order; repeats of a stage are one visit."""
    runs: list[tuple[int, Event]] = []
    for event in life:
        action = event.fields["action"]
        place = {**STAGES, "won": WON, "lost": LOST}.get(action)
        if place is not None and (not runs or runs[-1][0] != place):
            over = not runs or runs[-1][0] in {WON, LOST}
            if not (over and place in {WON, LOST}):
                runs.append((place, event))
    found = []
    for number, (place, event) in enumerate(runs):
        if place in NAMES:
            after = runs[number + 1] if number + 1 < len(runs) else None
            found.append((place, event, None if after is None else after[1].time, -1 if after is None else after[0]))
    return found


def course(events: list[Event], start: int, end: int) -> dict[str, Cells]:
    """For each stage its last leaving, forward or not, with the time spent in it over visits at most 10 ms apart."""
    counting = Counting(start, end)
    for history in by_key(events).values():
        for life in lives(history, 40):
            visits = _visits(life)
            for place, name in NAMES.items():
                mine = [visit for visit in visits if visit[0] == place]
                began = 0
                for number, (_, entry, left, to) in enumerate(mine):
                    again = mine[number + 1][1].time if number + 1 < len(mine) else None
                    if number == began:
                        counting.moment("entered", entry.time, (name,), 1)
                    if left is None or (again is not None and again <= left + 10):
                        continue
                    counting.moment("forward", left, (name, entry.fields["team"]), int(to > place))
                    spent = sum(int(str(gone)) - came.time for _, came, gone, _ in mine[began : number + 1])
                    counting.moment("spent", left, (name,), spent)
                    began = number + 1
    return counting.cells()


def order(events: list[Event], start: int, end: int) -> dict[str, Cells]:
    """Orders that were not cancelled within 12 ms; a later cancellation, or of an order never seen, counts against."""
    counting = Counting(start, end)
    for history in by_key(events).values():
        for life in lives(history, 30):
            for event, sign in orders_of(life):
                dimensions = (event.fields["customer_id"], event.fields["market"])
                counting.moment("orders", event.time, dimensions, event.fields["amount"], sign)
    return counting.cells()


def stays_of(life: list[Event]) -> list[tuple[str, int, int]]:
    """(stage, its last leaving, the time spent in it), over visits at most 10 ms apart."""
    found = []
    for place, name in NAMES.items():
        mine = [visit for visit in _visits(life) if visit[0] == place]
        began = 0
        for number, (_, _, left, _) in enumerate(mine):
            again = mine[number + 1][1].time if number + 1 < len(mine) else None
            if left is None or (again is not None and again <= left + 10):
                continue
            found.append((name, left, sum(int(str(gone)) - came.time for _, came, gone, _ in mine[began : number + 1])))
            began = number + 1
    return found


def orders_of(life: list[Event]) -> list[tuple[Event, int]]:
    """The orders of a life that stand, and the cancellations that count against."""
    first = life[0]
    found = [(first, -1)] if first.fields["action"] == "cancelled" else []
    remaining = life
    while (placed := next((event for event in remaining if event.fields["action"] == "placed"), None)) is not None:
        later = [event for event in life if event[:4] > placed[:4]]
        cancelled = next((event for event in later if event.fields["action"] == "cancelled"), None)
        if cancelled is None or cancelled.time > placed.time + 12:
            found.append((placed, 1))
            return [*found, (cancelled, -1)] if cancelled is not None else found
        remaining = [event for event in later if event[:4] > cancelled[:4]]
    return found

"""Leads and deals, each by itself: whatever was won within 12 ms of a lead, and the lead that a win belongs to."""

from tests.oracle.events import Event, by_key, lives
from tests.oracle.windows.counting import Cells, Counting


def _reverted(win: Event, life: list[Event], until: int) -> bool:
    return any(
        event.fields["action"] == "reverted" and event.fields["deal_id"] == win.fields["deal_id"]
        for event in life
        if win[:4] < event[:4] and event.time <= until
    )


def _merged(lead: Event, life: list[Event]) -> bool:
    return any(
        event.fields["action"] == "merged" for event in life if lead[:4] < event[:4] and event.time <= lead.time + 12
    )


def _overlapping(
    events: list[Event], start: int, end: int, names: tuple[str, str, str], *, takes_back: bool
) -> dict[str, Cells]:
    counting = Counting(start, end)
    each, closed, closing = names
    for history in by_key(events).values():
        for life in lives(history, 40):
            created = [event for event in life if event.fields["action"] == "created"]
            wins = [event for event in life if event.fields["action"] == "won"]
            if takes_back:
                created = [lead for lead in created if not _merged(lead, life)]
            for lead in created:
                until = lead.time + 12
                mine = [win for win in wins if lead[:4] < win[:4] and win.time <= until]
                if takes_back:
                    mine = [win for win in mine if not _reverted(win, life, until)]
                counting.moment(each, lead.time, (lead.fields["region"],), int(bool(mine)))
                if mine:
                    first = min(mine, key=lambda win: win[:4])
                    counting.moment(closed, first.time, (), first.time - lead.time)
            for win in wins:
                if takes_back and _reverted(win, life, win.time + 12):
                    continue
                before = [lead for lead in created if lead[:4] < win[:4] and win.time <= lead.time + 12]
                region = before[-1].fields["region"] if before else None
                counting.moment(closing, win.time, (region,), win.fields["score"])
    return counting.cells()


def contact(events: list[Event], start: int, end: int) -> dict[str, Cells]:
    """Every lead counts, and every win."""
    return _overlapping(events, start, end, ("contact", "answered", "attributed"), takes_back=False)


def sale(events: list[Event], start: int, end: int) -> dict[str, Cells]:
    """A lead that is merged is none; a win that is reverted is none, for what is not over by then."""
    return _overlapping(events, start, end, ("sale", "sold", "credited"), takes_back=True)

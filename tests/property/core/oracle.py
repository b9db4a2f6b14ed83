"""What the panes must say, computed in plain Python from the records, one window at a time.

Shares no code with the core.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

Event = dict[str, object]
DAY = 86_400_000


@dataclass(frozen=True)
class Accepted:
    """The accepted events of one partition, how many ended otherwise, and the watermark."""

    events: list[Event]
    late: int
    duplicates: int
    watermark: int | None


def accepted(log: list[Event], disorder: int, lateness: int) -> Accepted:
    """Reads a partition's log record by record."""
    seen: set[tuple[object, object]] = set()
    good: list[Event] = []
    late = duplicates = 0
    watermark: int | None = None
    for event in log:
        time = int(str(event["time"]))
        watermark = time - disorder if watermark is None else max(watermark, time - disorder)
        identity = (event.get("source", ""), event["id"])
        if identity in seen:
            duplicates += 1
            continue
        seen.add(identity)
        if time < watermark - lateness:
            late += 1
        else:
            good.append(event)
    return Accepted(good, late, duplicates, watermark)


def by_key(events: list[Event], key: str) -> dict[object, list[Event]]:
    """Events of each key, in the order of an entity: time, source, id."""
    found: dict[object, list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda e: (int(str(e["time"])), str(e.get("source", "")), str(e["id"]))):
        found[event[key]].append(event)
    return found


def lives(events: list[Event], forget_after: int) -> list[list[Event]]:
    """One key's events, cut wherever it was silent for longer than `forget_after`."""
    out: list[list[Event]] = []
    for event in events:
        if not out or int(str(event["time"])) - int(str(out[-1][-1]["time"])) > forget_after:
            out.append([])
        out[-1].append(event)
    return out


def clicks(events: list[Event], start: int, end: int) -> Counter[tuple[object, ...]]:
    """Human clicks in [start, end) by audience and campaign."""
    return Counter(
        (e["campaign_id"], e["audience"]) for e in events if not e["is_bot"] and start <= int(str(e["time"])) < end
    )


def visitors(events: list[Event], start: int, end: int) -> int:
    """Distinct human visitors in [start, end)."""
    return len({e["visitor_id"] for e in events if not e["is_bot"] and start <= int(str(e["time"])) < end})


def responses(events: list[Event], start: int, end: int) -> dict[object, list[int]]:
    """First responses in [start, end), in milliseconds, by the priority at opening."""
    found: dict[object, list[int]] = defaultdict(list)
    for history in by_key(events, "ticket_id").values():
        for life in lives(history, 90 * DAY):
            place = next((i for i, e in enumerate(life) if e["action"] == "opened"), None)
            if place is None:
                continue
            answers = [
                int(str(e["time"]))
                for e in life[place + 1 :]
                if e["action"] == "replied" and e["actor"] == "agent" and e["public"]
            ]
            if answers and start <= answers[0] < end:
                found[life[place]["priority"]].append(answers[0] - int(str(life[place]["time"])))
    return {key: sorted(values) for key, values in found.items()}


def due(events: list[Event], start: int, end: int) -> tuple[int, int]:
    """(answered or past the deadline, answered in time), dated in [start, end) by the reply or the deadline, the
    earlier.
    """
    total = hits = 0
    for history in by_key(events, "ticket_id").values():
        for life in lives(history, 90 * DAY):
            place = next((i for i, e in enumerate(life) if e["action"] == "opened"), None)
            if place is None:
                continue
            opened = int(str(life[place]["time"]))
            deadline = opened + (900_000 if life[place]["priority"] == "high" else 3_600_000)
            answer = next(
                (
                    int(str(e["time"]))
                    for e in life[place + 1 :]
                    if e["action"] == "replied" and e["actor"] == "agent" and e["public"]
                ),
                None,
            )
            hit = answer is not None and answer <= deadline
            moment = answer if hit and answer is not None else deadline
            if start <= moment < end:
                total += 1
                hits += hit
    return total, hits


def open_tickets(events: list[Event], moment: int) -> int:
    """How many tickets are open just before `moment`."""
    count = 0
    for history in by_key(events, "ticket_id").values():
        for life in lives(history, 90 * DAY):
            is_open = False
            for event in life:
                if int(str(event["time"])) >= moment:
                    break
                if event["action"] in ("opened", "reopened"):
                    is_open = True
                elif event["action"] in ("resolved", "merged", "deleted"):
                    is_open = False
            abandoned = int(str(life[-1]["time"])) + 90 * DAY < moment
            count += is_open and not abandoned
    return count


def decided(life: list[Event]) -> tuple[Event | None, list[Event]]:
    """The win that stands at the end of one life of a deal, and the reversals that count at their own date.

    A reversal within 90 days withdraws; a later one, or one of a deal that nothing else is known of, counts by itself.
    """
    won: Event | None = None
    withdrawn = reversed_already = False
    reversals: list[Event] = []
    for place, event in enumerate(life):
        if event["action"] == "won" and (won is None or withdrawn):
            won, withdrawn = event, False
        if event["action"] != "reverted":
            continue
        if won is None:
            reversals += [event] * (place == 0)
        elif not withdrawn and not reversed_already:
            withdrawn = int(str(event["time"])) - int(str(won["time"])) <= 90 * DAY
            reversed_already = not withdrawn
            reversals += [event] * reversed_already
    return (None if withdrawn else won), reversals


def bookings(events: list[Event], start: int, end: int) -> dict[object, tuple[int, int]]:
    """(deals, amount) won in [start, end) by currency."""
    found: dict[object, list[int]] = defaultdict(lambda: [0, 0])
    for history in by_key(events, "deal_id").values():
        for life in lives(history, 365 * DAY):
            won, reversals = decided(life)
            for sign, event in [(1, won), *((-1, reversal) for reversal in reversals)]:
                if event is not None and start <= int(str(event["time"])) < end:
                    found[event["currency"]][0] += sign
                    found[event["currency"]][1] += sign * int(str(event["amount_minor"]))
    return {key: (n, amount) for key, (n, amount) in found.items() if n or amount}

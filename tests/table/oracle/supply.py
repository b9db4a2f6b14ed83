"""Whether orders are right and on time, and how long they take."""

import datetime
from zoneinfo import ZoneInfo

from tests.table.oracle.facts import Body, Books, Fact
from tests.table.oracle.histories import DAY, lives

SILENCE = 365 * DAY
ERRORS = 14 * DAY
AFTER_THE_FIRST = 90 * DAY


def _lives(books: Books, *fields: str) -> list[list[Body]]:
    return [life for each in books.by("supply.order", *fields) for life in lives(each, SILENCE)]


def _fact(record: Body, at: int, value: int) -> Fact:
    return Fact(at, {name: record[name] for name in ("direction", "party_id")}, value)


def _shipped(books: Books, within: int, *, any_return: bool = True, right_too: bool = False) -> list[Fact]:
    found = []
    for order in _lives(books, "order_id"):
        shipped = next((record for record in order if record["action"] == "shipped"), None)
        if shipped is None or shipped["direction"] != "outbound":
            continue
        wrong = [
            record
            for record in order
            if 0 <= record["time"] - shipped["time"] <= within
            and (
                (record["action"] == "inspected" and record.get("right") is False)
                or (any_return and record["action"] == "returned" and (right_too or not record.get("right", False)))
            )
        ]
        found.append(_fact(shipped, shipped["time"], int(not wrong)))
    return found


def accurate(books: Books) -> list[Fact]:
    return _shipped(books, ERRORS)


def accurate_short_of_14_days(books: Books) -> list[Fact]:
    return _shipped(books, ERRORS - 1)


def accurate_for_ever(books: Books) -> list[Fact]:
    return _shipped(books, SILENCE)


def accurate_as_inspected(books: Books) -> list[Fact]:
    return _shipped(books, ERRORS, any_return=False)


def accurate_unless_returned(books: Books) -> list[Fact]:
    return _shipped(books, ERRORS, right_too=True)


def _leads(books: Books, within: int) -> list[Fact]:
    found = []
    for order in _lives(books, "order_id"):
        placed = next((record["time"] for record in order if record["action"] == "placed"), None)
        arrived = [record for record in order if record["action"] == "delivered"]
        arrived = [record for record in arrived if record["time"] - arrived[0]["time"] <= within]
        if placed is not None and arrived and arrived[-1]["time"] >= placed:
            last = arrived[-1]
            found.append(_fact(last, last["time"], last["time"] - placed))
    return found


def leads(books: Books) -> list[Fact]:
    return _leads(books, AFTER_THE_FIRST)


def leads_short_of_90_days(books: Books) -> list[Fact]:
    return _leads(books, AFTER_THE_FIRST - 1)


def leads_to_the_first_line(books: Books) -> list[Fact]:
    return _leads(books, 0)


def leads_for_ever(books: Books) -> list[Fact]:
    return _leads(books, SILENCE)


def _promise(record: Body, field: str) -> int:
    """The last millisecond of the day, on the clock of the record's zone."""
    day = datetime.date.fromisoformat(record[field]) + datetime.timedelta(days=1)
    local = datetime.datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(record["zone"]))
    return int(local.astimezone(datetime.UTC).timestamp()) * 1000 - 1


def _due(
    books: Books,
    direction: str,
    *,
    in_full: bool = False,
    moved: bool = False,
    only_delivered: bool = False,
    as_it_begins: bool = False,
    cancelled_too: bool = False,
) -> list[Fact]:
    found = []
    for line in _lives(books, "order_id", "line_id"):
        placed = next((record for record in line if record["action"] == "placed"), None)
        if placed is None or placed["direction"] != direction:
            continue
        later = [record for record in line if record["time"] > placed["time"]]
        delivered = _first(later, "delivered", in_full=in_full)
        cancelled = _first(later, "cancelled", in_full=False)
        promise = _promise(placed, "original_promised")
        if moved:
            promise = max(_promise(record, "promised") for record in [placed, *later] if "promised" in record)
        if as_it_begins:
            promise -= DAY
        over = cancelled is not None and cancelled <= promise and (delivered is None or delivered > cancelled)
        if over and not cancelled_too:
            continue
        if delivered is not None and delivered <= promise:
            found.append(_fact(placed, delivered, 1))
        elif delivered is not None or not only_delivered:
            found.append(_fact(placed, promise, 0))
    return found


def _first(records: list[Body], action: str, *, in_full: bool) -> int | None:
    times = [
        record["time"]
        for record in records
        if record["action"] == action and (not in_full or record["qty"] >= record["ordered_qty"])
    ]
    return times[0] if times else None


def of_customers(books: Books) -> list[Fact]:
    return _due(books, "outbound")


def of_customers_as_moved(books: Books) -> list[Fact]:
    return _due(books, "outbound", moved=True)


def of_customers_if_delivered(books: Books) -> list[Fact]:
    return _due(books, "outbound", only_delivered=True)


def of_customers_as_the_day_begins(books: Books) -> list[Fact]:
    return _due(books, "outbound", as_it_begins=True)


def of_customers_with_cancelled(books: Books) -> list[Fact]:
    return _due(books, "outbound", cancelled_too=True)


def of_customers_in_full(books: Books) -> list[Fact]:
    return _due(books, "outbound", in_full=True)


def of_customers_in_full_with_cancelled(books: Books) -> list[Fact]:
    return _due(books, "outbound", in_full=True, cancelled_too=True)


def of_suppliers(books: Books) -> list[Fact]:
    return _due(books, "inbound")


def of_suppliers_as_moved(books: Books) -> list[Fact]:
    return _due(books, "inbound", moved=True)


def of_suppliers_if_delivered(books: Books) -> list[Fact]:
    return _due(books, "inbound", only_delivered=True)

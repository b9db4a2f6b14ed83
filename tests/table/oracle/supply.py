"""Whether orders are right and on time, and how long they take."""

import datetime
from zoneinfo import ZoneInfo

from tests.table.oracle.facts import Body, Books, Fact
from tests.table.oracle.histories import DAY, lives

SILENCE = 365 * DAY
ERRORS = 14 * DAY


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


def _complete(order: list[Body], *, in_full: bool = False) -> Body | None:
    """The record with which no line that was placed is waited for any more: it was delivered, or cancelled."""
    waiting: set[str] = set()
    done: set[str] = set()
    for record in order:
        ended = record["action"] == "delivered" and (not in_full or record["qty"] >= record["ordered_qty"])
        if record["action"] == "placed":
            waiting.add(record["line_id"])
        elif ended or record["action"] == "cancelled":
            done.add(record["line_id"])
            if waiting <= done:
                return record
    return None


def _leads(books: Books, *, which: int | None = None, given_up: bool = False) -> list[Fact]:
    found = []
    for order in _lives(books, "order_id"):
        placed = next((record["time"] for record in order if record["action"] == "placed"), None)
        delivered = [record for record in order if record["action"] == "delivered"]
        last = _complete(order) if which is None else delivered[which] if delivered else None
        if placed is None or last is None or last["time"] < placed:
            continue
        if last["action"] == "delivered" or given_up:
            found.append(_fact(last, last["time"], last["time"] - placed))
    return found


def leads(books: Books) -> list[Fact]:
    return _leads(books)


def leads_to_the_first_line(books: Books) -> list[Fact]:
    return _leads(books, which=0)


def leads_to_the_last_line_so_far(books: Books) -> list[Fact]:
    return _leads(books, which=-1)


def leads_until_given_up(books: Books) -> list[Fact]:
    return _leads(books, given_up=True)


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
    by_line: bool = False,
) -> list[Fact]:
    found = []
    for order in _lives(books, *(("order_id", "line_id") if by_line else ("order_id",))):
        placed = next((record for record in order if record["action"] == "placed"), None)
        if placed is None or placed["direction"] != direction:
            continue
        arrived = next((record["time"] for record in order if record["action"] == "delivered"), None)
        complete = _complete(order, in_full=in_full)
        ended = None if complete is None else complete["time"]
        promise = _promise(placed, "original_promised")
        if moved:
            promise = max(_promise(record, "promised") for record in order if "promised" in record)
        if as_it_begins:
            promise -= DAY
        in_time = ended is not None and ended <= promise
        if in_time and (arrived is None or arrived > ended) and not cancelled_too:
            continue
        if ended is not None and in_time:
            found.append(_fact(placed, ended, 1))
        elif arrived is not None or not only_delivered:
            found.append(_fact(placed, promise, 0))
    return found


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


def of_customers_by_line(books: Books) -> list[Fact]:
    return _due(books, "outbound", by_line=True)


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

"""Which accounts are active, and what becomes of them."""

from tests.table.oracle.calendar import Asked
from tests.table.oracle.facts import Body, Books, Number


def _active_at(books: Books, moment: int) -> dict[str, Body]:
    """By customer, what was last said of an account that is active just before a moment."""
    found: dict[str, Body] = {}
    for record in books.of("customer.account"):
        if record["time"] >= moment:
            break
        who, action = record["customer_id"], record["action"]
        if action in ("activated", "reactivated"):
            found.setdefault(who, record)
        elif action == "cancelled":
            found.pop(who, None)
        elif action == "moved" and who in found:
            found[who] = record
    return found


def _of(asked: Asked, record: Body) -> bool:
    return all(record.get(name) == value for name, value in asked.where.items())


def active_accounts(books: Books, asked: Asked) -> Number | None:
    end = min(asked.span[1], books.until)
    return sum(_of(asked, record) for record in _active_at(books, end).values())


def active_accounts_at_start(books: Books, asked: Asked) -> Number | None:
    return sum(_of(asked, record) for record in _active_at(books, asked.span[0]).values())


def accounts_heard_of(books: Books, asked: Asked) -> Number | None:
    """Wrong: all that there were at any time."""
    end = min(asked.span[1], books.until)
    known = {r["customer_id"]: r for r in books.of("customer.account") if r["time"] < end}
    return sum(_of(asked, record) for record in known.values())

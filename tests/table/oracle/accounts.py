"""Which accounts are active, and what becomes of them."""

from collections.abc import Iterable
from fractions import Fraction

from tests.table.oracle.calendar import Asked
from tests.table.oracle.facts import Body, Books, Number, Oracle
from tests.table.oracle.rates import day_of, in_euros, in_force, rates


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


def _ends(books: Books, asked: Asked) -> tuple[dict[str, Body], dict[str, Body]]:
    """Who is active when the window begins, in its segment, and who at its end, in any."""
    start, end = asked.span
    began = {who: record for who, record in _active_at(books, start).items() if _of(asked, record)}
    return began, _active_at(books, end)


def _paid(books: Books, records: Iterable[Body], moment: int) -> Number:
    """What they pay in cents of a euro, by the rates of the day that ends at a moment or holds it."""
    known, day = rates(books.of("fx.rate")), day_of(moment - 1)
    return sum(
        in_euros(record.get("mrr_minor", 0), record["currency"], in_force(known, record["currency"], day))
        for record in records
    )


def account_retention_rate(books: Books, asked: Asked) -> Number | None:
    began, ended = _ends(books, asked)
    return Fraction(len(began.keys() & ended), len(began)) if began else None


def churn_rate(books: Books, asked: Asked) -> Number | None:
    kept = account_retention_rate(books, asked)
    return None if kept is None else 1 - kept


def revenue_churn_rate(books: Books, asked: Asked) -> Number | None:
    began, ended = _ends(books, asked)
    lost = [record for who, record in began.items() if who not in ended]
    start = asked.span[0]
    return Fraction(_paid(books, lost, start)) / _paid(books, began.values(), start) if began else None


def share_left(books: Books, asked: Asked) -> Number | None:
    """Wrong: accounts at the end by those at the start, new ones among them."""
    began, ended = _ends(books, asked)
    return Fraction(sum(_of(asked, record) for record in ended.values()), len(began)) if began else None


def share_in_segment(books: Books, asked: Asked) -> Number | None:
    """Wrong: who moved to another segment has left."""
    began, ended = _ends(books, asked)
    stayed = [who for who in began if who in ended and _of(asked, ended[who])]
    return Fraction(len(stayed), len(began)) if began else None


def share_cancelled(books: Books, asked: Asked) -> Number | None:
    """Wrong: whoever left, whether he came back or was new."""
    (start, end), (began, _) = asked.span, _ends(books, asked)
    said = [r for r in books.of("customer.account") if r["action"] == "cancelled" and start <= r["time"] < end]
    return Fraction(sum(_of(asked, record) for record in said), len(began)) if began else None


def share_paid_at_last(books: Books, asked: Asked) -> Number | None:
    """Wrong: what all of them paid at the end is missing from what they paid."""
    began, ended = _ends(books, asked)
    start, end = asked.span
    now = _paid(books, (ended[who] for who in began if who in ended), end)
    return 1 - Fraction(now) / _paid(books, began.values(), start) if began else None


def revenue_as_if_all_were_euros(books: Books, asked: Asked) -> Number | None:
    """Wrong: minor units added up, whatever they are of."""
    began, ended = _ends(books, asked)
    lost = sum(record["mrr_minor"] for who, record in began.items() if who not in ended)
    return Fraction(lost, sum(record["mrr_minor"] for record in began.values())) if began else None


def less_than_one(oracle: Oracle) -> Oracle:
    """What is left of one."""

    def of(books: Books, asked: Asked) -> Number | None:
        value = oracle(books, asked)
        return None if value is None else 1 - value

    return of


_PERIODS_A_YEAR = {"month": 12, "quarter": 4, "year": 1}


def kept_in_a_year(oracle: Oracle) -> Oracle:
    """The share that is kept if it goes on like that for a year."""

    def of(books: Books, asked: Asked) -> Number | None:
        value = oracle(books, asked)
        return None if value is None else value ** _PERIODS_A_YEAR[asked.window]

    return of

"""What customers order."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from tests.table.oracle.calendar import Asked
from tests.table.oracle.facts import Body, Books, Fact, Facts, Number, Oracle, count, inside, ratio, total
from tests.table.oracle.histories import DAY, kept, lives

HORIZON = 90 * DAY
SILENCE = 365 * DAY
_ORDER = ("customer_id", "market_id", "campaign_id", "segment", "region")
_BACK = ("cancelled", "refunded")


def _fact(order: Body, sign: int = 1) -> Fact:
    dimensions = {name: order.get(name) for name in _ORDER}
    return Fact(order["time"], dimensions, order["net_minor"], sign, order["currency"])


def _orders(books: Books, horizon: int, back: tuple[str, ...] = _BACK) -> list[Fact]:
    found = []
    for order in books.by("customer.order", "customer_id", "order_id"):
        said = [{**record, "action": "back"} if record["action"] in back else record for record in order]
        for life in lives(said, SILENCE):
            found += [_fact(record, sign) for record, sign in kept(life, "placed", "back", horizon)]
    return found


def orders(books: Books) -> list[Fact]:
    """Orders that stand, less those that were taken back too late to be none."""
    return _orders(books, HORIZON)


def orders_for_ever(books: Books) -> list[Fact]:
    return _orders(books, -1)


def orders_unless_taken_back(books: Books) -> list[Fact]:
    return _orders(books, SILENCE)


def orders_to_the_day(books: Books) -> list[Fact]:
    return _orders(books, HORIZON - 1)


def orders_unless_cancelled(books: Books) -> list[Fact]:
    return _orders(books, HORIZON, ("cancelled",))


def orders_as_said(books: Books) -> list[Fact]:
    placed = (order for order in books.of("customer.order") if order["action"] == "placed")
    return [_fact(order) for order in placed]


order_revenue = total(orders)
average_order_value = ratio(order_revenue, count(orders))


def _times(facts: Facts, books: Books, asked: Asked) -> Counter[str]:
    """How often each customer ordered, less what was taken back: those with anything left."""
    found: Counter[str] = Counter()
    for fact in inside(facts, books, asked):
        found[str(fact.dimensions["customer_id"])] += fact.sign
    return +found


def _share(of: Counter[str], which: Callable[[str], bool]) -> Number | None:
    return Fraction(sum(map(which, of)), len(of)) if of else None


def customers_of(facts: Facts) -> Oracle:
    """How many ordered."""
    return lambda books, asked: len(_times(facts, books, asked))


def repeat_purchase_rate_of(facts: Facts) -> Oracle:
    """Of those who ordered the share that did so at least twice."""

    def of(books: Books, asked: Asked) -> Number | None:
        times = _times(facts, books, asked)
        return _share(times, lambda who: times[who] > 1)

    return of


def repurchase_rate_of(facts: Facts) -> Oracle:
    """Of those who ordered in the period before the share that ordered again."""

    def of(books: Books, asked: Asked) -> Number | None:
        times, before = (_times(facts, books, each) for each in (asked, asked.before))
        return _share(before, lambda who: who in times)

    return of


def of_this_period(books: Books, asked: Asked) -> Number | None:
    """Wrong: of those who ordered now the share that had ordered before."""
    times, before = (_times(orders, books, each) for each in (asked, asked.before))
    return _share(times, lambda who: who in before)


def who_ordered_before(books: Books, asked: Asked) -> Number | None:
    """Wrong: the customers of the period before."""
    return len(_times(orders, books, asked.before))


def again_after_midnight(books: Books, asked: Asked) -> Number | None:
    """Wrong: of those who ordered the share that did so on two days."""
    days: dict[str, set[int]] = {}
    for fact in inside(orders, books, asked):
        days.setdefault(str(fact.dimensions["customer_id"]), set()).add(fact.at // DAY)
    return Fraction(sum(len(each) > 1 for each in days.values()), len(days)) if days else None


_BOUGHT = {"customer.order": ("order_id", ("placed",), _BACK), "sales.deal": ("deal_id", ("won",), ("reverted",))}
_NEW = ("market_id", "segment", "region")


def _first_ever(books: Books, horizon: int, streams: tuple[str, ...]) -> list[Fact]:
    """Of each customer the first that was bought, unless it was taken back within the horizon."""
    bought: dict[str, list[tuple[int, int, dict[str, str | None]]]] = {}
    for stream in streams:
        name, begins, ends = _BOUGHT[stream]
        for records in books.by(stream, "customer_id", name):
            backs = [record["time"] for record in records if record["action"] in ends]
            for record in records:
                at = record["time"]
                taken_back = any(0 <= back - at <= horizon for back in backs)
                if record["action"] in begins and not taken_back:
                    dimensions = {name: record.get(name) for name in _NEW}
                    bought.setdefault(record["customer_id"], []).append((at, len(bought), dimensions))
    return [Fact(at, dimensions) for at, _, dimensions in map(min, bought.values())]


def first_ever(books: Books) -> list[Fact]:
    return _first_ever(books, HORIZON, ("customer.order", "sales.deal"))


def first_ever_for_ever(books: Books) -> list[Fact]:
    return _first_ever(books, -1, ("customer.order", "sales.deal"))


def first_ever_to_the_day(books: Books) -> list[Fact]:
    return _first_ever(books, HORIZON - 1, ("customer.order", "sales.deal"))


def first_deal(books: Books) -> list[Fact]:
    return _first_ever(books, HORIZON, ("sales.deal",))


def first_order(books: Books) -> list[Fact]:
    return _first_ever(books, HORIZON, ("customer.order",))


active_customers = customers_of(orders)
repurchase_rate = repurchase_rate_of(orders)
repeat_purchase_rate = repeat_purchase_rate_of(orders)


def revenue_each(of_whom: Oracle) -> Oracle:
    """What orders bring in for each of so many."""
    return ratio(order_revenue, of_whom)


def lifetime_value(each: Oracle, margin: Oracle, coming_back: Oracle) -> Oracle:
    """What each brings in and is left of it, until they leave. `margin` is that of all segments."""

    def of(books: Books, asked: Asked) -> Number | None:
        share = margin(books, replace(asked, where={}))
        parts = each(books, asked), share, coming_back(books, asked)
        if None in parts or parts[2] == 1:
            return None
        spent, left, staying = (Fraction(part or 0) for part in parts)
        return spent * left / (1 - staying)

    return of


def observed_customer_value(books: Books, asked: Asked) -> Number | None:
    """What those who ever ordered brought in by the end, for each of them."""
    end, wanted = min(asked.span[1], books.until), asked.where.items()
    facts = [
        fact
        for fact in books.facts(orders)
        if fact.at < end and all(fact.dimensions.get(name) == value for name, value in wanted)
    ]
    times: Counter[str] = Counter()
    for fact in facts:
        times[str(fact.dimensions["customer_id"])] += fact.sign
    return Fraction(sum(fact.sign * fact.value for fact in facts), len(+times)) if +times else None

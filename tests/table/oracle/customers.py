"""What customers order."""

from tests.table.oracle.facts import Books, Fact, count, ratio, total
from tests.table.oracle.histories import DAY, kept, lives

HORIZON = 90 * DAY
SILENCE = 365 * DAY
_ORDER = ("customer_id", "market_id", "campaign_id", "segment", "region")
_BACK = ("cancelled", "refunded")


def _orders(books: Books, horizon: int, back: tuple[str, ...] = _BACK) -> list[Fact]:
    found = []
    for order in books.by("customer.order", "customer_id", "order_id"):
        said = [{**record, "action": "back"} if record["action"] in back else record for record in order]
        for life in lives(said, SILENCE):
            found += [
                Fact(record["time"], {name: record.get(name) for name in _ORDER}, record["net_minor"], sign)
                for record, sign in kept(life, "placed", "back", horizon)
            ]
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
    return [Fact(order["time"], {name: order.get(name) for name in _ORDER}, order["net_minor"]) for order in placed]


order_revenue = total(orders)
average_order_value = ratio(order_revenue, count(orders))

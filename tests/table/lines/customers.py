"""The lines of orders and accounts."""

from tests.table.lines.line import Line, clocks
from tests.table.oracle import accounts, customers
from tests.table.oracle.facts import count, mean, mean_of_members, total

_orders = count(customers.orders)
CUSTOMERS = (
    Line(
        "orders",
        ("market_id", "region"),
        _orders,
        {
            **clocks(_orders),
            "each time it is said": count(customers.orders_as_said),
            "whatever was taken back": count(customers.orders_for_ever),
            "taken back at any time": count(customers.orders_unless_taken_back),
            "an exclusive horizon": count(customers.orders_to_the_day),
            "refunded ones as well": count(customers.orders_unless_cancelled),
        },
    ),
    Line(
        "order_revenue",
        ("market_id", "segment"),
        customers.order_revenue,
        {
            **clocks(customers.order_revenue),
            "each time it is said": total(customers.orders_as_said),
            "whatever was taken back": total(customers.orders_for_ever),
            "taken back at any time": total(customers.orders_unless_taken_back),
        },
    ),
    Line(
        "average_order_value",
        ("segment", "region"),
        customers.average_order_value,
        {
            **clocks(customers.average_order_value),
            "each time it is said": mean(customers.orders_as_said),
            "a mean of means": mean_of_members(customers.average_order_value, "segment", customers.orders),
        },
    ),
    Line(
        "active_accounts",
        ("plan", "region"),
        accounts.active_accounts,
        {
            **clocks(accounts.active_accounts),
            "as it began": accounts.active_accounts_at_start,
            "whoever was heard of": accounts.accounts_heard_of,
        },
    ),
)

"""The lines of orders and accounts."""

from tests.table.lines.line import Line, clocks
from tests.table.oracle import accounts, customers, finance
from tests.table.oracle.conversions import as_if_all_were_euros, by_the_day_before
from tests.table.oracle.facts import count, mean, mean_of_members, plus, total

_orders = count(customers.orders)
_new = count(customers.first_ever)
_each = customers.revenue_each(customers.active_customers)
_lifetime = customers.lifetime_value(_each, finance.gross_margin, customers.repurchase_rate)
_CLOSED = ("month", "quarter", "year")
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
            "as if all were euros": total(as_if_all_were_euros(customers.orders)),
            "by the rate of the day before": total(by_the_day_before(customers.orders)),
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
    Line(
        "active_customers",
        ("market_id", "segment"),
        customers.active_customers,
        {
            **clocks(customers.active_customers),
            "orders": _orders,
            "whatever was taken back": customers.customers_of(customers.orders_for_ever),
            "refunded ones as well": customers.customers_of(customers.orders_unless_cancelled),
        },
    ),
    Line(
        "repurchase_rate",
        ("market_id", "segment"),
        customers.repurchase_rate,
        {
            **clocks(customers.repurchase_rate),
            "of those who order now": customers.of_this_period,
            "whatever was taken back": customers.repurchase_rate_of(customers.orders_for_ever),
            "the customers of before": customers.who_ordered_before,
        },
        ("24h",),
        to_date=False,
        periods=("week", "month", "quarter", "year"),
    ),
    Line(
        "repeat_purchase_rate",
        ("market_id", "segment"),
        customers.repeat_purchase_rate,
        {
            **clocks(customers.repeat_purchase_rate),
            "on two days": customers.again_after_midnight,
            "whatever was taken back": customers.repeat_purchase_rate_of(customers.orders_for_ever),
        },
        ("24h",),
    ),
    Line(
        "new_customers",
        ("market_id", "segment"),
        _new,
        {
            **clocks(_new),
            "by deals alone": count(customers.first_deal),
            "by orders alone": count(customers.first_order),
            "of both": plus(count(customers.first_deal), count(customers.first_order)),
            "whatever was taken back": count(customers.first_ever_for_ever),
            "an exclusive horizon": count(customers.first_ever_to_the_day),
        },
    ),
    Line(
        "customer_lifetime_value",
        ("segment",),
        _lifetime,
        {
            **clocks(_lifetime),
            "revenue, not margin": customers.lifetime_value(_each, lambda *_: 1, customers.repurchase_rate),
            "of an order": customers.lifetime_value(
                customers.average_order_value, finance.gross_margin, customers.repurchase_rate
            ),
            "who came back, of this month": customers.lifetime_value(
                _each, finance.gross_margin, customers.of_this_period
            ),
            "a mean of members": mean_of_members(_lifetime, "segment", customers.orders),
        },
        (),
        to_date=False,
        periods=("month",),
    ),
    Line(
        "observed_customer_value",
        ("market_id", "segment"),
        customers.observed_customer_value,
        {
            **clocks(customers.observed_customer_value),
            "of the period": _each,
        },
        (),
        to_date=False,
    ),
    Line(
        "account_retention_rate",
        ("plan", "region"),
        accounts.account_retention_rate,
        {
            **clocks(accounts.account_retention_rate),
            "new ones as well": accounts.share_left,
            "moved ones are gone": accounts.share_in_segment,
            "each that left": accounts.less_than_one(accounts.share_cancelled),
        },
        (),
        {"annualised": accounts.kept_in_a_year(accounts.account_retention_rate)},
        to_date=False,
        periods=_CLOSED,
    ),
    Line(
        "churn_rate",
        ("plan", "segment"),
        accounts.churn_rate,
        {
            **clocks(accounts.churn_rate),
            "new ones as well": accounts.less_than_one(accounts.share_left),
            "moved ones are gone": accounts.less_than_one(accounts.share_in_segment),
            "each that left": accounts.share_cancelled,
        },
        (),
        {"annualised": accounts.less_than_one(accounts.kept_in_a_year(accounts.account_retention_rate))},
        to_date=False,
        periods=_CLOSED,
    ),
    Line(
        "revenue_churn_rate",
        ("segment", "region"),
        accounts.revenue_churn_rate,
        {
            **clocks(accounts.revenue_churn_rate),
            "by account": accounts.churn_rate,
            "what they pay now": accounts.share_paid_at_last,
            "as if all were euros": accounts.revenue_as_if_all_were_euros,
        },
        (),
        to_date=False,
        periods=_CLOSED,
    ),
)

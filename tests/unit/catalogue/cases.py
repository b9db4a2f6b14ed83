"""A small catalogue with every part of the language, and cases of changing it for the worse."""

from collections.abc import Callable
from dataclasses import dataclass

from services.runtime.catalogue import Mistake

WHOLE = """\
stream: shop.order
key: order_id
fields:
  order_id: string
  action: {enum: [placed, paid, cancelled]}
  amount_minor: int64
  currency: string
  store: {enum: [north, south]}
  weight: {type: decimal, scale: 3}
  gift: boolean
  due: date?
  pieces: {type: int32, default: 1, min: 0, max: 99}
table:
  time: {columns: [day, clock], zone: Europe/Berlin}
  columns:
    order_id: id
    amount_minor: {column: price, scale: 2}
    currency: {constant: EUR}
---
stream: shop.visit
fields:
  visitor_id: string
  store: string
  seconds: int32?
---
target: payment_target
values:
  - {value: 86400, from: 2020-01-01}
  - {value: 3600, where: {store: north}, from: 2020-01-01}
---
entity: order
of: {shop.order: order_id}
forget_after: 90d
states:
  placed:
    first: action = 'placed'
    carrying: [store]
  paid:
    set: action = 'paid'
    clear: action = 'cancelled'
    within: 30d
    carrying: [amount_minor, currency, store]
  late:
    first: action in ('paid', 'cancelled')
    after: placed
  open:
    enter: action = 'placed'
    leave: action <> 'placed'
    carrying: [store]
deadlines:
  pay_by: {after: placed, target: payment_target}
contributions:
  payment:
    at: paid_time
    value: paid_amount_minor
    currency: paid_currency
    dimensions: {store: paid_store, currency: paid_currency}
  in_time:
    at: coalesce(late_time, pay_by)
    value: case when late_time <= pay_by then 1 else 0 end
    where: placed_time is not null
    dimensions: {store: placed_store}
  open_orders:
    level: open
    dimensions: {store: open_store}
---
kpi: revenue
title: Revenue
sentence: How much money came in.
department: shop
unit: money
direction: up
kind: lagging
owner: shopkeeper
measures:
  paid: {from: order.payment, aggregate: sum}
formula: paid
dimensions: [store]
windows: {rolling: [5m], tumbling: [1h], calendar: [day, month]}
reach: 30d
targets:
  - {value: 1000, window: day, from: 2026-01-01, review: 2026-12-31}
  - {value: 500, where: {store: north}, window: day, from: 2026-01-01}
alert: {labels: [store], window: 1h}
---
kpi: visits
title: Visits
sentence: How many people came.
department: shop
unit: visits
direction: up
kind: leading
owner: shopkeeper
feeds: revenue
measures:
  visits: {from: shop.visit, aggregate: count}
  stay: {from: shop.visit, aggregate: mean, value: seconds, where: seconds > 0}
  stay_p95: {from: shop.visit, aggregate: quantile, quantile: 0.95, value: seconds}
  people: {from: shop.visit, aggregate: distinct, value: visitor_id}
formula: people
also: {stay: stay, stay_p95: stay_p95, again: "visits / nullif(people, 0)"}
dimensions: [store]
windows: {calendar: [day]}
---
kpi: revenue_per_visit
title: Revenue per visit
sentence: How much money a visit brought.
department: shop
unit: money
direction: up
kind: lagging
owner: shopkeeper
uses: [revenue, visits]
formula: revenue / nullif(visits, 0)
dimensions: [store]
windows: {calendar: [day]}
---
reporting: default
zones: [UTC, Europe/Berlin]
currency: EUR
"""

Found = Callable[[str], tuple[Mistake, ...]]


@dataclass(frozen=True)
class Case:
    """In the whole catalogue `old` becomes `new`; the mistake stands in the line of `at`, which is `new` unless said.

    A message that ends with a space is only the beginning of one.
    """

    old: str
    new: str
    message: str
    suggestion: str | None = None
    at: str | None = None


def line_of(text: str, part: str) -> int:
    """The line, counted from 1, in which `part` begins."""
    return text.count("\n", 0, text.index(part)) + 1


def assert_found_alone(found: Found, case: Case, whole: str = WHOLE) -> None:
    """The case has its mistake, in its line, with its suggestion, and no other."""
    assert case.old in whole
    text = whole.replace(case.old, case.new, 1)

    (mistake,) = found(text)

    assert mistake.message == case.message or (case.message[-1] == " " and mistake.message.startswith(case.message))
    assert mistake.suggestion == case.suggestion
    assert mistake.line == line_of(text, case.new if case.at is None else case.at)

"""Mistakes in the worked examples of KPIs, each in its line."""

import pytest

from tests.unit.catalogue.cases import WHOLE, Case, Found, assert_found_alone, line_of

ALERT = "alert: {labels: [store], window: 1h}\n"
EXAMPLE = (
    ALERT
    + """\
example:
  arithmetic: 10.00 and 5.00 are paid in the north; 10 + 5 = 15.
  given:
    shop.order: {action: paid, currency: EUR, store: north, weight: 1, gift: false}
  events:
    - {shop.order: 2026-03-02 09:00, order_id: o1, amount_minor: 1000}
    - {shop.order: "2026-03-02T10:00:00+01:00", order_id: o2, amount_minor: 500}
    - {shop.order: 2026-03-02 09:30:15, order_id: o3, amount_minor: 700, store: south, id: mine}
  window: day
  at: 2026-03-02 12:00
  where: {store: north}
  value: 15
"""
)
WITH_EXAMPLE = WHOLE.replace(ALERT, EXAMPLE, 1)

CASES = {
    "no time": Case(
        "- {shop.order: 2026-03-02 09:00, ",
        "- {shop.order: 2026-03-02, ",
        "events: '2026-03-02' is no time: write it in UTC, such as 2026-03-02 09:30, or as RFC 3339 with an offset",
    ),
    "a time in figures": Case(
        "- {shop.order: 2026-03-02 09:00, ",
        "- {shop.order: 1772000000000, ",
        "events: '1772000000000' is no time: write it in UTC, such as 2026-03-02 09:30, or as RFC 3339 with an offset",
    ),
    "no stream": Case(
        "- {shop.order: 2026-03-02 09:00, ",
        "- {",
        "events: an event begins with its stream and its time, such as {shop.order: 2026-03-02 09:30, …}",
        at="    - {order_id: o1",
    ),
    "a stream that is not read": Case(
        "    - {shop.order: 2026-03-02 09:00, order_id: o1, amount_minor: 1000}\n",
        "    - {shop.visit: 2026-03-02 09:00, visitor_id: v1, store: north}\n",
        "unknown stream, of those that the KPI reads: 'shop.visit'; known are shop.order",
        at="    - {shop.visit",
    ),
    "a misspelt stream": Case(
        "- {shop.order: 2026-03-02 09:00, ",
        "- {shop.oder: 2026-03-02 09:00, ",
        "unknown stream, of those that the KPI reads: 'shop.oder'",
        "shop.order",
    ),
    "a misspelt stream of given": Case(
        "    shop.order: {action: paid",
        "    shop.oder: {action: paid",
        "unknown stream, of those that the KPI reads: 'shop.oder'",
        "shop.order",
    ),
    "a misspelt field": Case(
        "store: south, id: mine", "stor: south, id: mine", "unknown field of shop.order 'stor'", "store"
    ),
    "a misspelt field of given": Case(
        "gift: false}",
        "gift: false, piecs: 2}",
        "unknown field of shop.order 'piecs'",
        "pieces",
    ),
    "a time of its own": Case(
        "store: south, id: mine",
        "store: south, time: 0",
        "the time of an event stands with its stream; leave it out here",
    ),
    "a value of another type": Case("amount_minor: 700", "amount_minor: 7.5", "amount_minor: not an integer"),
    "a value that the enumeration lacks": Case(
        "store: south, id", "store: west, id", "store: unknown value; known are north, south"
    ),
    "a value of given": Case("weight: 1, gift: false}", "weight: 1, gift: 0}", "gift: not true or false"),
    "a field that is missing": Case(
        "order_id: o3, amount_minor: 700,",
        "order_id: o3,",
        "'amount_minor' of shop.order is missing: write it here, or for all events in given",
    ),
    "null leaves a field out": Case(
        "order_id: o3, amount_minor: 700",
        "order_id: o3, amount_minor: 700, currency: null",
        "currency: missing",
    ),
    "after the clock": Case(
        "  at: 2026-03-02 12:00\n",
        "  at: 2026-03-02 12:00\n  clock: 2026-03-02 09:15\n",
        "the event happens after the clock (2026-03-02T09:15:00Z)",
        at="    - {shop.order: 2026-03-02 09:30:15",
    ),
    "window": Case("window: day\n  at", "window: week\n  at", "unknown window 'week'; known are 1h, 5m, day and month"),
    "zone": Case(
        "  where: {store",
        "  time_zone: Europe/Berln\n  where: {store",
        "unknown time zone 'Europe/Berln'",
        "Europe/Berlin",
        at="  time_zone: Europe/Berln",
    ),
    "dimension": Case(
        "where: {store: north}\n  value",
        "where: {stor: north}\n  value",
        "unknown dimension 'stor'",
        "store",
    ),
    "also": Case("value: 15", "value: 15\n  also: {stay: 3}", "unknown name of also 'stay'", at="also: {stay: 3}"),
    "no value": Case("  value: 15\n", "", "'value' is missing", at="example:"),
    "value": Case(
        "value: 15",
        "value: fifteen",
        "value: input should be a valid number, unable to parse string as a number",
    ),
    "no event": Case(
        EXAMPLE[EXAMPLE.index("  events:") : EXAMPLE.index("  window: day\n  at")],
        "  events: []\n",
        "events: give at least one",
        at="  events: []",
    ),
}


def test_a_right_example_is_no_mistake(found: Found) -> None:
    assert found(WITH_EXAMPLE) == ()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_mistake_is_named_in_its_line(found: Found, case: Case) -> None:
    assert_found_alone(found, case, WITH_EXAMPLE)


def test_a_kpi_that_is_served_while_windows_run_says_up_to_where_they_have(found: Found) -> None:
    whole = "---\n".join(part for part in WITH_EXAMPLE.split("---\n") if "uses:" not in part)
    served = whole.replace("calendar: [day, month]}\n", "calendar: [day, month]}\nserve: [rolling, to_date]\n", 1)
    running = served.replace("serve: [rolling, to_date]", "serve: [to_date]").replace("rolling: [5m], ", "", 1)
    told = running.replace("  at: 2026-03-02 12:00", "  at: 2026-03-02 12:00\n  clock: 2026-03-02 12:00")

    assert found(served) == found(told) == ()
    (mistake,) = found(running)
    assert mistake.message.startswith("the KPI has values only for windows that run: say how far they have, such as ")
    assert mistake.line == line_of(running, "example:")

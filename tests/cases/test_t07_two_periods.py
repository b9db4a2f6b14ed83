"""T7: customers of two weeks, in each, in both, and more than once, with orders that come late and are cancelled."""

from tests.cases.declared import Made, quiet
from tests.cases.shipped import shipped
from tests.pipeline import Pipeline

KPIS = ("active_customers", "repurchase_rate", "repeat_purchase_rate", "new_customers")
DECLARED = shipped(
    *KPIS, windows={"rolling": ["14d"], "calendar": ["week"]}, clock="live", idle_timeout="1m", lateness="60d"
)
ORDER = {"net_minor": 1000, "currency": "EUR", "segment": "small", "region": "emea"}
W1, W2, BOTH = ("week", "2026-03-04T00:00:00Z"), ("week", "2026-03-11T00:00:00Z"), ("14d", "2026-03-16T00:00:00Z")


def order(name: str, day: int, action: str = "placed") -> dict[str, object]:
    """An order of March, named after its customer and a number: a1 and a2 are of a."""
    time = f"2026-03-{day:02}T12:00:00Z"
    return {**ORDER, "time": time, "customer_id": name[0], "order_id": name, "action": action}


def placed(made: Pipeline) -> None:
    first = [order("a1", 2), order("a2", 3), order("b1", 4), order("c1", 5), order("d1", 6)]
    made.send("customer.order", *first, order("b2", 9), order("c2", 10), order("e1", 11))
    quiet(made, "order/0", "2026-03-16T00:00:00Z")


def test_t7_distinct_over_two_periods(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    placed(made)

    def of(name: str, *windows: tuple[str, str]) -> list[object]:
        return [made.value(name, *window).value for window in windows]

    def revisions(name: str) -> list[int]:
        return [made.value(name, *window).revision for window in (W2, BOTH)]

    assert of("active_customers", W1, W2, BOTH) == [4, 3, 5]
    assert of("repurchase_rate", W2) == [0.5]
    assert of("new_customers", W1, W2) == [4, 1]
    assert of("repeat_purchase_rate", W1, W2, BOTH) == [0.25, 0, 0.6]
    whole = made.value("active_customers", *W2)
    assert (type(whole.value), whole.bounds) == (int, None), "counted one by one"
    before = {name: revisions(name) for name in ("active_customers", "repeat_purchase_rate")}
    again = made.value("repurchase_rate", *W2).revision

    made.send("customer.order", order("d2", 12))
    assert of("active_customers", W1, W2, BOTH) == [4, 4, 5]
    assert of("repurchase_rate", W2) == [0.75]
    assert of("repeat_purchase_rate", BOTH) == [0.8]
    for name, known in before.items():
        assert revisions(name) == [revision + 1 for revision in known]
    assert made.value("repurchase_rate", *W2).revision == again + 1

    made.send("customer.order", order("a2", 16, "cancelled"), order("e1", 16, "cancelled"))
    assert of("repeat_purchase_rate", W1, BOTH) == [0, 0.75]
    assert of("active_customers", W1, W2, BOTH) == [4, 3, 4]
    assert of("new_customers", W1, W2) == [4, 0]
    fates = made.fates("customer.order")
    assert fates == {"consumed": 11, "aggregated": 11}


def test_t7_the_next_order_is_the_first_ever_where_the_first_is_cancelled(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    placed(made)
    made.send("customer.order", order("b1", 16, "cancelled"), order("d1", 16, "cancelled"))
    assert [made.value("new_customers", *window).value for window in (W1, W2)] == [2, 2], "b is new in W2, d never was"

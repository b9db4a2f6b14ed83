"""Mistakes in what KPIs are served for."""

import pytest

from tests.unit.catalogue.cases import WHOLE, Case, Found, assert_found_alone

TREND = WHOLE.replace(", window: 1h}", ", when: [trend]}").replace(" window: day,", "")
ALONE = "---\n".join(part for part in TREND.split("---\n") if "uses:" not in part)
"""The catalogue without the KPI that uses others, with a trend and targets for all windows."""
ALSO = 'also: {stay: stay, stay_p95: stay_p95, again: "visits / nullif(people, 0)"}\n'
LAST = "dimensions: [store]\nwindows: {calendar: [day]}\n---\nreporting"
ALL = "windows: {rolling: [5m], tumbling: [1h], calendar: [day, month]}"


def served(serve: str) -> str:
    return ALL + f"\nserve: {serve}"


CASES = {
    "unknown": Case(
        ALL,
        served("[rolling, todate, complete]"),
        "serve: 'todate' is not one of rolling, to_date, complete, at_end, now",
        "to_date",
        at="serve: [",
    ),
    "twice": Case(ALL, served("[rolling, to_date, rolling]"), "'rolling' stands here twice", at="serve: ["),
    "no rolling window": Case(
        LAST,
        LAST.replace("\n---", "\nserve:\n  - complete\n  - rolling\n---"),
        "there is no rolling window; declare one, such as rolling: [24h]",
        at="  - rolling",
    ),
    "no period": Case(
        ALL,
        "windows: {rolling: [5m, 1h, 24h]}\nserve: [rolling, complete]",
        "there is no window to be complete; declare one, such as calendar: [day]",
        at="serve: [",
    ),
    "rolling never answered": Case(
        ALL,
        "windows:\n  tumbling: [1h]\n  rolling: [5m]\n  calendar: [day]\nserve: [to_date, complete]",
        "these are never answered, as serve has no rolling; add it, or leave them out",
        at="  rolling: [5m]",
    ),
    "days never answered": Case(
        ALL,
        "windows:\n  rolling: [1h, 24h]\n  calendar: [day]\nserve: [rolling]",
        "these are never answered, as serve has no complete or to_date; add it, or leave them out",
        at="  calendar: [day]",
    ),
    "at the end of what is no level": Case(
        ALL,
        served("[at_end]"),
        "at_end is for levels, and not all measures are one; write rolling, to_date, complete",
        at="serve: [",
    ),
    "now and more": Case(ALL, served("[rolling, now]"), "now is about all windows, and stands alone", at="serve: ["),
    "a trend of nothing complete": Case(
        ALL,
        "windows: {tumbling: [1h], calendar: [day]}\nserve: [to_date]",
        "a trend is one of complete windows, which serve leaves out",
        at="alert:",
    ),
    "more than what it uses": Case(
        ALSO,
        ALSO + "serve: [complete]\n",
        "'visits' is not served for to_date; leave that out of serve, which has it by default",
        at="uses: [revenue, visits]",
    ),
    "a level for ever": Case(
        "paid: {from: order.payment, aggregate: sum}\nformula: paid",
        "paid: {from: order.payment, aggregate: sum}\n"
        "  open: {from: order.open_orders, aggregate: level, window: ever}\nformula: paid",
        "level follows from everything up to the window's end already; leave window: ever out",
        at="  open: {from",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_mistake_is_found_alone(found: Found, case: Case) -> None:
    assert_found_alone(found, case, WHOLE if case.old in (LAST, ALSO) else ALONE)


@pytest.mark.parametrize(
    "change",
    [
        (ALL, served("[rolling, to_date, complete]")),
        (ALL, served("[rolling, complete]")),
        (LAST, LAST.replace("\n---", "\nserve: [complete]\n---")),
        ("aggregate: sum}\nformula: paid", "aggregate: sum, window: ever}\nformula: paid"),
    ],
)
def test_what_is_right_is_taken(found: Found, change: tuple[str, str]) -> None:
    whole = WHOLE if change[0] == LAST else ALONE
    assert change[0] in whole
    assert found(whole.replace(*change, 1)) == ()

"""What formulas are made of, as somebody would say who reads them."""

import pytest

from kpi.dimensions import MILLISECONDS, MONEY, OPEN, PLAIN, SECONDS, Dimension, Possible, in_seconds, results, squared

OPERANDS: dict[str, Possible] = {
    **{name: frozenset({MONEY}) for name in ("revenue", "cost", "spend")},
    **{name: frozenset({PLAIN}) for name in ("deals", "clicks", "churn")},
    **{name: frozenset({SECONDS}) for name in ("elapsed", "response")},
    **{name: frozenset({MILLISECONDS}) for name in ("replied", "opened", "deadline")},
    **dict.fromkeys(("margin", "hours", "discount", "horizon"), OPEN),
}


@pytest.mark.parametrize(
    ("formula", "dimension"),
    [
        ("revenue", MONEY),
        ("revenue - cost", MONEY),
        ("(revenue - cost) / nullif(revenue, 0)", PLAIN),
        ("100 * (clicks - deals) / nullif(clicks, 0)", PLAIN),
        ("revenue / nullif(deals, 0)", MONEY),
        ("deals * 3600 / nullif(elapsed, 0)", Dimension(seconds=-1)),
        ("revenue / nullif(elapsed, 0)", Dimension(money=1, seconds=-1)),
        ("replied - opened", MILLISECONDS),
        ("(replied - opened) * revenue", Dimension(money=1, milliseconds=1)),
        ("case when replied <= deadline then 1 else 0 end", PLAIN),
        ("case when replied <= deadline then replied else deadline end", MILLISECONDS),
        ("coalesce(revenue, cost)", MONEY),
        ("greatest(revenue, cost) - least(revenue, cost)", MONEY),
        ("abs(revenue - cost) / nullif(abs(cost), 0)", PLAIN),
        ("sqrt(revenue * cost)", MONEY),
        ("case when revenue <= 0 then null else cost / revenue end", PLAIN),
        ("1 - power(1 - churn, 12)", PLAIN),
        ("revenue / nullif(revenue * revenue, 0)", Dimension(money=-1)),
        ("clicks + 5", PLAIN),
    ],
)
def test_what_it_gives(formula: str, dimension: Dimension) -> None:
    assert results(formula, OPERANDS) == frozenset({dimension})


@pytest.mark.parametrize(
    "formula",
    [
        "revenue + response",
        "revenue + deals",
        "revenue - 500",
        "elapsed + replied - opened",
        "coalesce(revenue, 0) + response * 2",
        "(revenue + response) / nullif(deals, 0)",
        "case when deals > 0 then revenue + elapsed else revenue end",
        "revenue / nullif(cost, 0) + elapsed",
        "exp(revenue)",
    ],
)
def test_what_adds_what_is_not_alike(formula: str) -> None:
    assert results(formula, OPERANDS) == frozenset()


@pytest.mark.parametrize(
    ("formula", "possible"),
    [
        ("revenue - margin", {MONEY}),
        ("deals / nullif(hours, 0)", {PLAIN, Dimension(money=-1), Dimension(seconds=-1)}),
        ("elapsed - hours", {SECONDS}),
        ("discount + churn", {PLAIN}),
        ("case when horizon is null then revenue else revenue * coalesce(horizon, 1) end", None),
    ],
)
def test_what_is_open_is_whatever_makes_it_right(formula: str, possible: set[Dimension] | None) -> None:
    found = results(formula, OPERANDS)
    assert found is not None
    assert (MONEY in found) if possible is None else (found == possible)


@pytest.mark.parametrize(
    "formula",
    ["margin + hours + discount + horizon", "revenue / nullif(cost - cost, 0)", "upper(revenue)", "revenue +"],
)
def test_what_cannot_be_told_is_not_said(formula: str) -> None:
    assert results(formula, OPERANDS) is None


def test_scales_and_words() -> None:
    assert squared(MILLISECONDS) == Dimension(milliseconds=2)
    assert in_seconds(Dimension(money=1, milliseconds=1)) == Dimension(money=1, seconds=1)
    several = PLAIN, MONEY, Dimension(seconds=-1), Dimension(money=1, seconds=-1), squared(MONEY)
    assert [str(one) for one in several] == [
        "a plain number", "money", "1 / seconds", "money / seconds", "money^2",
    ]  # fmt: skip

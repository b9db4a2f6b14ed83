"""T5: growth by month, where nothing, too little and not yet differ."""

from tests.cases.declared import Made, kpi, quiet
from tests.cases.shipped import shipped
from tests.unit.api.declarations import DEALS

GROWTH = DEALS.replace("clock: replay", "idle_timeout: 1m").replace(
    "windows: {rolling: [24h], calendar: [day]}", "windows: {rolling: [24h], calendar: [day, month]}"
) + kpi(
    "sales_growth",
    "{}",
    "(bookings - before) / nullif(before, 0)",
    windows="{calendar: [month]}",
    unit="ratio",
    more="uses: [bookings]\ncompare: {before: {of: bookings, ago: previous}}\nserve: [complete]\nreach: 90d",
)


def won(number: int, day: str, amount: int) -> dict[str, object]:
    event = {"time": f"2026-{day}T12:00:00Z", "deal_id": f"D{number}", "action": "won"}
    return {**event, "amount_minor": amount * 100, "currency": "EUR"}


def test_t5_growth(pipeline: Made) -> None:
    made = pipeline(GROWTH)
    months = [("01-01", 40_000), ("01-31", 60_000), ("03-05", 120_000), ("04-30", 144_000), ("05-14", 60_000)]
    made.send("sales.deal", *(won(number, *month) for number, month in enumerate(months)))
    quiet(made, "deal/0", "2026-05-15T12:00:00Z")

    found = {month: made.value("sales_growth", "month", f"2026-{month:02}-15T00:00:00Z") for month in (2, 3, 4, 5)}
    assert {month: (value.value, value.reason) for month, value in found.items()} == {
        2: (None, "not_comparable"), 3: (-1.0, None), 4: (None, "not_comparable"), 5: (0.2, None),
    }  # fmt: skip
    asked = found[5]
    assert (asked.window.start, asked.window.end) == ("2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z")
    assert (asked.state, asked.events) == ("provisional", 1), "April's deals may be reverted until July"
    assert made.value("bookings", "month", "2026-05-15T00:00:00Z").value == 60_000


def test_t5_a_month_that_is_not_complete_is_not_compared(pipeline: Made) -> None:
    made = pipeline(GROWTH)
    made.send("sales.deal", won(1, "03-05", 120_000), won(2, "04-02", 144_000))
    quiet(made, "deal/0", "2026-04-30T23:59:59Z")
    april = made.value("sales_growth", "month", "2026-05-01T00:00:00Z")
    assert (april.value, april.reason) == (None, "not_comparable")
    quiet(made, "deal/0", "2026-05-01T00:00:00Z")
    assert made.value("sales_growth", "month", "2026-05-01T00:00:00Z").value == 0.2


def test_t5_a_reverted_deal_changes_the_growth_of_two_months(pipeline: Made) -> None:
    made = pipeline(GROWTH)
    made.send(
        "sales.deal",
        won(1, "02-05", 80_000),
        won(2, "03-05", 120_000),
        won(3, "03-06", 40_000),
        won(4, "04-02", 144_000),
    )
    quiet(made, "deal/0", "2026-05-03T00:00:00Z")
    before = [made.value("sales_growth", "month", f"2026-{month}-02T00:00:00Z") for month in ("04", "05")]
    made.send("sales.deal", {**won(3, "05-03", 40_000), "action": "reverted"})
    after = [made.value("sales_growth", "month", f"2026-{month}-02T00:00:00Z") for month in ("04", "05")]
    assert [value.value for value in before] == [1.0, -0.1]
    assert [value.value for value in after] == [0.5, 0.2]
    assert [value.revision for value in after] == [value.revision + 1 for value in before]


A_DEAL = {"customer_id": "C1", "rep_id": "R1", "team": "north", "stage": "offer", "segment": "small", "region": "emea"}


def test_t5_of_what_ships(pipeline: Made) -> None:
    made = pipeline(shipped("sales_growth", clock="live"))
    months = [("01-01", 40_000), ("01-31", 60_000), ("03-05", 120_000), ("04-30", 144_000), ("05-14", 60_000)]
    made.send("sales.deal", *({**A_DEAL, **won(number, *month)} for number, month in enumerate(months)))
    quiet(made, "deal/0", "2026-05-15T12:00:00Z")

    found = {month: made.value("sales_growth", "month", f"2026-{month:02}-15T00:00:00Z") for month in (2, 3, 4, 5)}
    assert {month: (value.value, value.reason) for month, value in found.items()} == {
        2: (None, "not_comparable"), 3: (-1.0, None), 4: (None, "not_comparable"), 5: (0.2, None),
    }  # fmt: skip
    asked = found[5]
    assert (asked.window.start, asked.window.end) == ("2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z")
    assert (asked.state, asked.events, asked.attainment) == ("provisional", 1, 1)
    assert made.value("bookings", "month", "2026-05-15T00:00:00Z").value == 60_000


def test_t5_of_what_ships_a_source_that_is_behind_is_not_a_month_without_sales(pipeline: Made) -> None:
    made = pipeline(shipped("sales_growth", clock="live"))
    made.send("sales.deal", {**A_DEAL, **won(1, "01-05", 100_000)}, {**A_DEAL, **won(2, "02-20", 1_000)})
    quiet(made, "deal/0", "2026-02-27T00:00:00Z")
    value = made.value("sales_growth", "month", "2026-03-15T00:00:00Z")
    assert (value.value, value.reason) == (None, "not_comparable"), "February is not complete"
    assert made.value("sales_growth", "month", "2026-04-15T00:00:00Z").value is None
    quiet(made, "deal/0", "2026-03-01T00:00:00Z")
    assert made.value("sales_growth", "month", "2026-03-15T00:00:00Z").value == -0.99


VISIT = {"referrer": "search", "device": "phone", "country": "DE", "is_bot": False}


def visits(*who: tuple[str, str]) -> list[dict[str, object]]:
    return [
        {**VISIT, "time": f"{time}:00Z", "visit_id": f"V{number}", "visitor_id": name}
        for number, (name, time) in enumerate(who)
    ]


def test_t5_traffic_of_what_ships_against_a_week_and_a_year_ago(pipeline: Made) -> None:
    made = pipeline(shipped("website_traffic_growth", clock="live"))
    a_year_ago = [("a", "2025-03-12T09:00"), ("b", "2025-03-12T23:00")]
    a_week_ago = [
        ("a", "2026-03-05T10:00"),
        ("b", "2026-03-05T10:30"),
        ("c", "2026-03-05T11:00"),
        ("a", "2026-03-05T20:00"),
    ]
    the_day_before = [("a", "2026-03-11T08:00"), ("a", "2026-03-11T09:00"), ("d", "2026-03-11T18:00")]
    the_day = [(name, f"2026-03-12T0{hour}:00") for hour, name in enumerate("abcdefa")]
    made.send("web.visit", *visits(*a_year_ago, *a_week_ago, *the_day_before, *the_day))

    quiet(made, "web.visit/0", "2026-03-12T12:00:00Z")
    asked = made.value("website_traffic_growth", "day", "2026-03-12T12:00:00Z")
    # Six visitors by noon: one the day before, three the week before; of a year ago whole days alone are kept.
    assert (asked.value, asked.also) == (5.0, {"week_ago": 1.0, "year_ago": None})

    quiet(made, "web.visit/0", "2026-03-13T00:00:00Z")
    asked = made.value("website_traffic_growth", "day", "2026-03-12T12:00:00Z")
    assert (asked.value, asked.also) == (2.0, {"week_ago": 1.0, "year_ago": 2.0}), "six, of two, of three, and of two"

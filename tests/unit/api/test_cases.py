"""Hand-computed cases, from events to values, with everything that a value says of itself."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from schemas.wire import Base
from tests.pipeline import Pipeline, catalogue_of
from tests.unit.api.declarations import CLICKS, DEALS, RATES, RATIO_OF_TOTALS, SCORES, TICKETS

Made = Callable[[str], Pipeline]


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Made]:
    """Makes the pipeline of a catalogue's text."""
    made: list[Pipeline] = []

    def make(text: str) -> Pipeline:
        made.append(Pipeline(catalogue_of(tmp_path, text)))
        return made[-1]

    yield make
    for each in made:
        each.view.close()


T2_ORDER = ("10:00:10", "10:04:50", "10:05:40", "10:03:00", "10:10:40", "10:04:59", "10:05:20")


def clicks_of(*times: str) -> list[dict[str, str]]:
    return [{"time": f"2026-03-02T{time}Z", "campaign": "x"} for time in times]


@pytest.mark.parametrize("flush", [True, False], ids=["each flushed", "one flush"])
def test_t2_late_events(pipeline: Made, flush: bool) -> None:
    made = pipeline(CLICKS.format(partitions=1, zone="UTC"))
    made.send("web.click", *clicks_of(*T2_ORDER), flush=flush)
    first = made.value("clicks", "5m", "2026-03-02T10:05:00Z")
    second = made.value("clicks", "5m", "2026-03-02T10:10:00Z")
    assert (first.value, first.state, first.watermark) == (3, "final", "2026-03-02T10:10:10Z")
    assert (second.value, second.state, second.previous, second.change) == (2, "provisional", 3, -1)
    assert [first.revision, second.revision] == ([2, 2] if flush else [1, 1])
    hour = made.value("clicks", "1h", "2026-03-02T10:30:00Z")
    assert (hour.value, hour.revision, hour.completeness) == (6, 1, round(610 / 3600, 6))


def test_t2_second_window_is_final_at_the_named_watermark(pipeline: Made) -> None:
    made = pipeline(CLICKS.format(partitions=1, zone="UTC"))
    made.send("web.click", *clicks_of(*T2_ORDER, "10:15:29"))
    assert made.value("clicks", "5m", "2026-03-02T10:10:00Z").state == "provisional"
    made.send("web.click", *clicks_of("10:15:30"))
    assert made.value("clicks", "5m", "2026-03-02T10:10:00Z").state == "final"


def test_all_partitions_decide_what_is_complete_and_final(pipeline: Made) -> None:
    made = pipeline(CLICKS.format(partitions=2, zone="UTC"))
    made.send("web.click", *clicks_of("10:00:10", "11:30:00"), partition=0)
    value = made.value("clicks", "1h", "2026-03-02T10:30:00Z")
    assert (value.value, value.completeness, value.state, value.watermark) == (1, 0.5, "provisional", None)
    assert value.lag_seconds is None
    made.send("web.click", *clicks_of("10:30:30"), partition=1)
    value = made.value("clicks", "1h", "2026-03-02T10:30:00Z")
    assert (value.value, value.completeness, value.state, value.watermark) == (
        2, 0.75, "provisional", "2026-03-02T10:30:00Z",
    )  # fmt: skip
    made.send("web.click", *clicks_of("11:05:30"), partition=1)
    assert made.value("clicks", "1h", "2026-03-02T10:30:00Z").state == "final"


def test_t3_duplicates_and_the_entity_rule(pipeline: Made) -> None:
    made = pipeline(DEALS)
    deals = [
        ("crm", "1", "D1", 100_000), ("crm", "1", "D1", 100_000), ("shop", "1", "D2", 50_000),
        ("crm", "2", "D3", 70_000), ("crm", "2", "D3", 90_000), ("crm", "3", "D3", 70_000),
    ]  # fmt: skip
    for source, name, deal, amount in deals:
        event = {"source": source, "id": name, "time": "2026-03-02T09:00:00Z", "deal_id": deal, "action": "won"}
        made.send("sales.deal", {**event, "amount_minor": amount, "currency": "EUR"})
    at = "2026-03-02T12:00:00Z"
    bookings = made.value("bookings", "day", at)
    assert (bookings.value, bookings.value_minor, bookings.currency, bookings.events) == (2200.0, 220_000, "EUR", 3)
    size = made.value("average_deal_size", "day", at)
    assert (size.value, size.value_minor, size.currency, size.events) == (733.33, 73_333, "EUR", 3)
    assert made.value("deals_won", "day", at).value == 3


def test_t4_the_day_of_a_reporting_zone_and_of_another(pipeline: Made) -> None:
    made = pipeline(CLICKS.format(partitions=1, zone="Europe/Berlin"))
    times = (
        "24T21:59:59.999",
        "24T22:00:00",
        "24T23:15:00",
        "25T00:30:00",
        "25T01:30:00",
        "25T22:30:00",
        "25T23:00:00",
    )
    made.send("web.click", *({"time": f"2026-10-{time}Z"} for time in times))

    def day(at: str, **zone: str) -> object:
        return made.value("clicks", "day", at, **zone).value

    assert [day(f"2026-10-{number}T12:00:00Z") for number in (24, 25, 26)] == [1, 5, 1]
    assert [day(f"2026-10-25T0{hour}:30:00Z", time_zone="Europe/Berlin") for hour in (0, 1)] == [5, 5]
    hours = [made.value("clicks", "1h", f"2026-10-25T0{hour}:30:00Z").value for hour in (0, 1)]
    assert hours == [1, 1], "two different hours are called 02:00"
    kathmandu = [day(f"2026-10-{number}T12:00:00Z", time_zone="Asia/Kathmandu") for number in (25, 26)]
    assert kathmandu == [5, 2]


def test_t5_zero_and_missing_differ(pipeline: Made) -> None:
    made = pipeline(CLICKS.format(partitions=1, zone="UTC"))
    made.send("web.click", {"time": "2026-03-02T10:00:00Z"}, {"time": "2026-03-05T10:00:00Z"})
    before, quiet, open_day = (made.value("clicks", "day", f"2026-03-0{day}T12:00:00Z") for day in (1, 3, 6))
    assert (before.value, before.reason, before.status) == (None, "no_data", "no_data")
    assert (quiet.value, quiet.reason, quiet.events) == (0, None, 0)
    assert (open_day.value, open_day.reason) == (None, "no_data")


def test_t6_division_by_zero(pipeline: Made) -> None:
    made = pipeline(RATES)
    time = "2026-03-02T10:00:00Z"
    made.send(
        "web.impression", {"time": time, "campaign": "y", "count": 100}, {"time": time, "campaign": "z", "count": 9}
    )
    made.send("web.click", *({"time": time, "campaign": name} for name in ("x", "x", "x", "y", "y", "y", "y", "y")))
    found = made.values("click_through_rate", "day", "2026-03-02T12:00:00Z", by=("campaign",))
    assert [(v.dimensions["campaign"], v.value, v.reason, v.events) for v in found] == [
        ("x", None, "division_by_zero", 3), ("y", 0.05, None, 6), ("z", 0.0, None, 1),
    ]  # fmt: skip
    assert made.value("click_through_rate", "day", "2026-03-02T12:00:00Z", campaign="x").reason == "division_by_zero"
    assert made.value("click_through_rate", "day", "2026-03-02T12:00:00Z").value == 8 / 109


def test_t14_answers(pipeline: Made) -> None:
    made = pipeline(SCORES)

    def answers(day: int, *scores: int) -> None:
        for place, score in enumerate(scores):
            event = {"time": f"2026-03-{day:02}T10:00:00Z", "respondent": f"r{place}", "action": "answered"}
            made.send("survey.response", {**event, "score": score}, partition=place % 2)

    def nps(day: int) -> tuple[object, ...]:
        value = made.value("nps", "day", f"2026-03-{day:02}T12:00:00Z")
        return value.value, value.reason, value.events, value.status

    for partition in (0, 1):
        sent = {"time": "2026-03-02T10:00:00Z", "respondent": "r", "action": "sent"}
        made.send("survey.response", sent, partition=partition)
    assert nps(2) == (None, "no_data", 0, "no_data")
    answers(3, 10, 9, 8, 7, 6, 0)
    assert nps(3)[:3] == (0, None, 6)
    answers(4, 10, 9, 9, 7, 3)
    answers(5, 10, 10)
    answers(7, 1, 1)
    assert nps(4) == (40, None, 5, "on_track")
    assert nps(5) == (100, None, 2, "too_early")
    also = made.value("nps", "day", "2026-03-04T12:00:00Z").also
    assert also == {"highest": 10, "mean_score": 7.6, "people": 5}
    assert made.value("nps", "day", "2026-03-02T12:00:00Z").also == {"highest": None, "mean_score": None, "people": 0}


def deal(name: str, time: str, amount: int, currency: str = "USD", action: str = "won") -> dict[str, object]:
    return {"time": time, "deal_id": name, "action": action, "amount_minor": amount, "currency": currency}


def test_t18_reversals_restate_the_day_that_they_belong_to(pipeline: Made) -> None:
    made = pipeline(DEALS)
    made.send("sales.deal", deal("D1", "2026-03-02T09:00:00Z", 100_005), deal("D2", "2026-03-02T09:30:00Z", 100_005))
    made.send("sales.deal", deal("D4", "2026-03-03T09:00:00Z", 100_000))
    at = "2026-03-02T12:00:00Z"
    before = made.value("bookings", "day", at)
    assert (before.value, before.revision) == (2000.10, 1)
    made.send("sales.deal", deal("D1", "2026-03-03T12:00:00Z", 0, action="reverted"))
    after = made.value("bookings", "day", at)
    assert (after.value, after.revision, after.state) == (1000.05, 2, "provisional")
    assert made.value("deals_won", "day", at).value == 1
    size = made.value("average_deal_size", "day", at)
    assert (size.value, size.revision) == (1000.05, 3), "1 + (2 - 1) for each of its two parts"
    # Past the horizon of 90 days the reversal is dated by itself.
    made.send("sales.deal", deal("D2", "2026-06-10T12:00:00Z", 100_005, action="reverted"))
    assert made.value("bookings", "day", at).value == 1000.05
    assert made.value("bookings", "day", "2026-06-10T13:00:00Z").value == -1000.05


def test_t18_currencies_are_not_added_up_without_a_rate(pipeline: Made) -> None:
    made = pipeline(DEALS)
    made.send("sales.deal", deal("D1", "2026-03-02T09:00:00Z", 150_000, "JPY"))
    at = "2026-03-02T12:00:00Z"
    yen = made.value("bookings", "day", at)
    assert (yen.value, yen.value_minor, yen.currency) == (150_000.0, 150_000, "JPY"), "yen have no cents"
    made.send("sales.deal", deal("D2", "2026-03-02T09:30:00Z", 100_005, "CHF"))
    mixed = made.value("bookings", "day", at)
    assert (mixed.value, mixed.value_minor, mixed.reason, mixed.status) == (None, None, "no_rate", "no_data")
    assert made.value("average_deal_size", "day", at).reason == "no_rate"
    assert made.value("deals_won", "day", at).value == 2


def test_t18_final_waits_for_the_reach(pipeline: Made) -> None:
    made = pipeline(DEALS)
    made.send("sales.deal", deal("D1", "2026-03-02T09:00:00Z", 1))
    made.send("sales.deal", deal("D9", "2026-06-02T23:59:59.999Z", 1))
    at = "2026-03-02T12:00:00Z"
    assert made.value("bookings", "day", at).state == "provisional"
    made.send("sales.deal", deal("D8", "2026-06-03T00:00:00Z", 1))
    assert made.value("bookings", "day", at).state == "final"


def ticket(name: str, action: str, time: str, team: str = "north") -> dict[str, str]:
    return {"ticket_id": name, "action": action, "time": f"2026-03-02T{time}:00Z", "team": team}


def test_t1_levels_are_those_of_a_moment(pipeline: Made) -> None:
    made = pipeline(TICKETS)
    story = [
        ("A", "opened", "09:00"), ("A", "replied", "09:10"), ("B", "opened", "09:30"), ("B", "replied", "09:50"),
        ("A", "resolved", "10:00"), ("C", "opened", "10:00"), ("C", "replied", "10:05"), ("B", "resolved", "10:30"),
        ("A", "reopened", "11:00"), ("A", "replied", "12:30"), ("A", "resolved", "13:00"), ("Z", "opened", "13:40"),
    ]  # fmt: skip
    for name, action, time in story:
        made.send("support.ticket", ticket(name, action, time, "south" if name == "Z" else "north"))
    backlog = {
        at: made.value("ticket_backlog", "5m", f"2026-03-02T{at}:00Z") for at in ("10:15", "10:45", "11:30", "13:30")
    }
    assert [value.value for value in backlog.values()] == [2, 1, 2, 1]
    assert backlog["10:15"].events is None
    # The watermark stands at 13:40: what was opened within that minute is not told yet.
    assert made.value("ticket_backlog", "day", "2026-03-02T20:00:00Z").value == 1
    made.send("support.ticket", ticket("Y", "opened", "13:41", "south"))
    by_team = made.values("ticket_backlog", "day", "2026-03-02T20:00:00Z", by=("team",))
    assert [(v.dimensions, v.value) for v in by_team] == [({"team": "north"}, 1), ({"team": "south"}, 1)]
    response = made.value("average_response_time", "day", "2026-03-02T20:00:00Z")
    assert (response.value, response.events) == (700, 3)
    assert response.also["median"] == pytest.approx(600, rel=0.01)


def test_t9_misses_count_when_the_watermark_has_passed_their_deadline(pipeline: Made) -> None:
    made = pipeline(TICKETS)
    made.send("support.ticket", ticket("K1", "opened", "09:00"), ticket("K2", "opened", "09:10"))
    made.send("support.ticket", ticket("K2", "replied", "09:20"), ticket("K3", "opened", "09:25"))
    at = "2026-03-02T09:30:00Z"
    assert made.value("response_within_target", "day", at).value == 1.0, "K1's miss is dated ahead, at 10:00"
    made.send("support.ticket", ticket("K4", "opened", "10:01"))
    assert made.value("response_within_target", "day", at).value == 0.5


def test_what_left_retention_is_refused_and_levels_are_kept(pipeline: Made) -> None:
    made = pipeline(TICKETS)
    made.send("support.ticket", ticket("A", "opened", "09:00"))
    made.send("support.ticket", {**ticket("B", "opened", "09:00"), "time": "2026-05-20T12:00:00Z"})
    gone = made.value("average_response_time", "5m", "2026-03-02T10:00:00Z")
    assert (gone.value, gone.reason, gone.events) == (None, "not_served", None)
    assert made.value("average_response_time", "day", "2026-03-02T10:00:00Z").reason == "no_data"
    assert made.value("ticket_backlog", "5m", "2026-05-20T12:00:00Z").value == 1


def test_windows_that_are_not_declared_are_not_served(pipeline: Made) -> None:
    made = pipeline(RATES)
    value = made.value("click_through_rate", "1h", "2026-03-02T10:00:00Z")
    assert (value.value, value.reason, value.status, value.window.name) == (None, "not_served", "no_data", "1h")


def test_levels_include_what_retired_panes_left_behind(pipeline: Made) -> None:
    made = pipeline(TICKETS)
    made.send("support.ticket", ticket("A", "opened", "09:00"), ticket("B", "opened", "10:01"))
    group = made.answers.plan.readings["ticket_backlog", "open_tickets"].group
    base = Base("ticket/0", group, "1d:UTC", 0, "one", 2, {"team": ["north", "south"]}, {"s0": [5, 7], "s1": [0, 0]})
    made.view.apply([base], {})
    made.send("support.ticket", ticket("B", "resolved", "10:02"))
    found = made.values("ticket_backlog", "5m", "2026-03-02T10:00:00Z", by=("team",))
    assert [(value.dimensions["team"], value.value) for value in found] == [("north", 6), ("south", 7)]
    assert made.value("ticket_backlog", "5m", "2026-03-02T10:00:00Z", team="south").value == 7


def test_a_part_without_contributions_of_a_member_is_zero_there(pipeline: Made) -> None:
    made = pipeline(RATES + RATIO_OF_TOTALS)
    time = "2026-03-02T10:00:00Z"
    made.send(
        "web.impression", {"time": time, "campaign": "y", "count": 4}, {"time": time, "campaign": "z", "count": 8}
    )
    made.send("web.click", {"time": time, "campaign": "z"})
    found = made.values("clicks_a_time", "day", "2026-03-02T12:00:00Z", by=("campaign",))
    assert [(value.dimensions["campaign"], value.value) for value in found] == [("y", 0.0), ("z", 0.125)]

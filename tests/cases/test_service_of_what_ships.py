"""T1, T9 and T14, told to what is shipped of customer service."""

import pytest

from tests.cases.declared import Made
from tests.cases.reopenings import STORY
from tests.cases.shipped import shipped
from tests.pipeline import Pipeline

DAY = "2026-03-02T12:00:00Z"
TICKET = {"customer_id": "c", "public": True, "channel": "email", "kind": "question", "reason": "r", "tier": "basic"}
CONTACT = {"contact_id": "none", "customer_id": "nobody", "channel": "web", "direction": "out", "reason": "none"}


def ticket(made: Pipeline, name: str, action: str, time: str, **more: object) -> None:
    """Something that happens to a ticket; each is of a customer of its own."""
    said = {"time": time, "ticket_id": name, "action": action, "actor": "agent", "priority": "normal", "team": "north"}
    made.send("support.ticket", {**TICKET, "customer_id": name, **said, **more})


def test_t01_reopenings(pipeline: Made) -> None:
    names = ("average_response_time", "resolution_time", "first_contact_resolution", "ticket_backlog")
    made = pipeline(shipped(*names, windows={"rolling": ["15m"], "calendar": ["day"]}))
    for name, action, time in STORY:
        ticket(made, name, action, f"2026-03-{time}Z")
    ticket(made, "none", "released", "2026-03-20T00:00:00Z")
    made.send("support.contact", {**CONTACT, "time": "2026-03-20T00:00:00Z", "answered": False})
    found = {name: made.value(name, "day", DAY) for name in names}
    assert {name: value.value for name, value in found.items()} == {
        "average_response_time": 700,
        "resolution_time": 9000,
        "first_contact_resolution": 0.5,
        "ticket_backlog": 1,
    }
    assert [found[name].events for name in names[1:3]] == [2, 2]
    assert {value.state for value in found.values()} == {"final"}
    backlog = [made.value("ticket_backlog", "15m", f"2026-03-{at}Z").value for at in ("02T10:15:00", "02T11:30:00")]
    assert backlog == [2, 2]
    assert made.value("ticket_backlog", "day", "2026-03-09T12:00:00Z").value == 2


def test_t01_a_customer_who_comes_back_was_not_helped(pipeline: Made) -> None:
    made = pipeline(shipped("first_contact_resolution", windows={"calendar": ["day"]}))
    for name, reason in (("A", "r"), ("B", "r"), ("C", "r")):
        ticket(made, name, "opened", "2026-03-02T09:00:00Z", reason=reason)
        ticket(made, name, "resolved", "2026-03-02T10:00:00Z", reason=reason)
    for customer, reason, time in (
        ("A", "r", "09T10:00:00"),
        ("B", "r", "09T10:00:01"),
        ("C", "another", "03T10:00:00"),
        ("nobody", "none", "20T00:00:00"),
    ):
        said = {"time": f"2026-03-{time}Z", "customer_id": customer, "reason": reason, "direction": "in"}
        made.send("support.contact", {**CONTACT, **said, "answered": True})
    ticket(made, "none", "released", "2026-03-20T00:00:00Z")
    value = made.value("first_contact_resolution", "day", DAY)
    assert value.value == pytest.approx(2 / 3), "A came back within seven days; B a second later; C for something else"


@pytest.mark.parametrize(
    ("opened", "replied", "business", "calendar"),
    [
        ("2026-12-24T16:30:00+01:00", "2026-12-28T09:45:00+01:00", 4500, 321_300),
        ("2026-12-26T12:00:00+01:00", "2026-12-26T13:00:00+01:00", 0, 3600),
        ("2026-12-28T08:00:00+01:00", "2026-12-28T09:10:00+01:00", 600, 4200),
        ("2026-10-23T16:00:00+02:00", "2026-10-26T10:00:00+01:00", 7200, 241_200),
    ],
)
def test_t09_business_hours(pipeline: Made, opened: str, replied: str, business: int, calendar: int) -> None:
    made = pipeline(shipped("average_response_time", windows={"calendar": ["month"]}))
    ticket(made, "K", "opened", opened)
    ticket(made, "K", "replied", replied)
    value = made.value("average_response_time", "month", replied)
    assert (value.value, value.also["business"]) == (calendar, business)


def test_t09_of_all_three(pipeline: Made) -> None:
    made = pipeline(shipped("average_response_time", windows={"calendar": ["month"]}))
    ticket(made, "K1", "opened", "2026-12-24T16:30:00+01:00")
    ticket(made, "K2", "opened", "2026-12-26T12:00:00+01:00")
    ticket(made, "K2", "replied", "2026-12-26T13:00:00+01:00")
    ticket(made, "K3", "opened", "2026-12-28T08:00:00+01:00")
    ticket(made, "K3", "replied", "2026-12-28T09:10:00+01:00")
    ticket(made, "K1", "replied", "2026-12-28T09:45:00+01:00")
    value = made.value("average_response_time", "month", "2026-12-29T00:00:00Z")
    assert (value.value, value.also["business"]) == (109_700, 1700)
    assert value.also["business_median"] == pytest.approx(600, rel=0.01)


def survey(made: Pipeline, time: str, question: str, score: int, *, who: str, most: int = 10) -> None:
    said = {"survey_id": "s", "population": "customer", "action": "answered", "segment": "small", "scale_min": 0}
    event = {"time": f"2026-03-{time}Z", "respondent_id": who, "question": question, "score": score, "scale_max": most}
    made.send("survey.response", {**said, **event})


def test_t14_csat_after_complaint(pipeline: Made) -> None:
    made = pipeline(shipped("csat_after_complaint", "csat", windows={"calendar": ["month"]}, lateness="60d"))
    for time, score in (("01T11:00:00", 5), ("20T12:00:00", 4), ("31T12:00:00", 2), ("31T12:00:01", 5)):
        survey(made, time, "csat", score, who="c", most=5)
    ticket(made, "T", "opened", "2026-03-01T12:00:00Z", kind="complaint", customer_id="c")
    found = made.value("csat_after_complaint", "month", "2026-03-15T00:00:00Z")
    assert (found.value, found.events) == (0.5, 2)
    assert made.value("csat", "month", "2026-03-15T00:00:00Z").value == 0.75


def test_t14_nps(pipeline: Made) -> None:
    made = pipeline(shipped("nps", windows={"rolling": ["48h"], "calendar": ["day"]}))
    for place, score in enumerate((10, 9, 8, 7, 6, 0)):
        survey(made, "02T10:00:00", "nps", score, who=f"r{place}")
    for place, score in enumerate((10, 9, 9, 7, 3)):
        survey(made, "10T10:00:00", "nps", score, who=f"r{place}")
    survey(made, "20T10:00:00", "nps", 3, who="same")
    survey(made, "21T10:00:00", "nps", 10, who="same")
    survey(made, "30T10:00:00", "nps", 11, who="r9")
    asked = {day: made.value("nps", "day", f"2026-03-{day}T12:00:00Z") for day in ("02", "03", "10", "20", "21")}
    assert {day: value.value for day, value in asked.items()} == {"02": 0, "03": None, "10": 40, "20": -100, "21": 100}
    assert asked["03"].reason == "no_data"
    assert made.value("nps", "48h", "2026-03-22T00:00:00Z").value == 100, "one respondent with one opinion"
    assert made.fates("survey.response")["invalid"] == 1

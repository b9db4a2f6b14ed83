"""T14: answers of customers: nobody, a balance of zero, the last answer of each, and those after a complaint."""

from tests.cases.declared import Made, kpi
from tests.pipeline import Pipeline

ANSWERS = """
stream: survey.response
key: respondent_id
partitions: 1
clock: replay
disorder: 0s
lateness: 60d
fields:
  respondent_id: string
  question: {enum: [csat, nps]}
  action: {enum: [sent, answered]}
  score: {type: int16, optional: true, min: 0, max: 10}
  scale_max: int16
---
stream: support.ticket
key: ticket_id
partitions: 1
clock: replay
disorder: 0s
lateness: 60d
fields:
  ticket_id: string
  customer_id: string
  action: {enum: [opened, resolved]}
  kind: {enum: [question, complaint]}
---
entity: complaint
of: {support.ticket: customer_id, survey.response: respondent_id}
forget_after: never
states:
  pair:
    opens: {support.ticket: action = 'opened' and kind = 'complaint'}
    closes: {survey.response: action = 'answered' and question = 'csat'}
    within: 30d
    carrying: [score]
contributions:
  answer:
    closing: pair
    at: pair_closed
    where: pair_opened is not null
    value: case when pair_closing_score >= 4 then 1 else 0 end
"""
NPS = "from: survey.response, where: action = 'answered' and question = 'nps'"
CSAT = "from: survey.response, where: action = 'answered' and question = 'csat' and scale_max = 5"
BALANCE = "case when score >= 9 then 1 when score <= 6 then -1 else 0 end"
DECLARED = (
    ANSWERS
    + kpi(
        "nps",
        f"""
  balance: {{{NPS}, aggregate: latest, key: respondent_id, value: {BALANCE}}}
  answers: {{{NPS}, aggregate: distinct, value: respondent_id}}""",
        "100 * balance / nullif(answers, 0)",
        windows="{rolling: [48h], calendar: [day]}",
        more="also: {answers: answers}\nminimum_volume: 5\ntargets: [{value: 30, from: 2026-01-01}]",
    )
    + kpi("questions_sent", "{them: {from: survey.response, aggregate: count, where: action = 'sent'}}", "them")
    + kpi(
        "csat",
        f"{{good: {{{CSAT} and score >= 4, aggregate: count}}, answers: {{{CSAT}, aggregate: count}}}}",
        "good / nullif(answers, 0)",
        windows="{calendar: [month]}",
    )
    + kpi(
        "csat_after_complaint",
        "{good: {from: complaint.answer, aggregate: sum}, them: {from: complaint.answer, aggregate: count}}",
        "good / nullif(them, 0)",
        windows="{calendar: [month]}",
    )
)


def answers(made: Pipeline, day: int, *scores: int, who: str = "r") -> None:
    for place, score in enumerate(scores):
        survey(made, f"{day:02}T10:00:00", "nps", score, who=f"{who}{place}")


def survey(made: Pipeline, time: str, question: str, score: int | None, who: str, *, most: int = 10) -> None:
    event = {"time": f"2026-03-{time}Z", "respondent_id": who, "question": question, "scale_max": most}
    made.send("survey.response", {**event, "action": "sent" if score is None else "answered", "score": score})


def nps(made: Pipeline, day: int, window: str = "day") -> tuple[object, ...]:
    value = made.value("nps", window, f"2026-03-{day:02}T12:00:00Z")
    return value.value, value.reason, value.also["answers"], value.status


def test_t14_nps(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    survey(made, "02T10:00:00", "nps", None, "r0")
    survey(made, "02T10:00:00", "nps", None, "r1")
    answers(made, 3, 10, 9, 8, 7, 6, 0)
    answers(made, 10, 10, 9, 9, 7, 3)
    survey(made, "30T10:00:00", "nps", None, "r0")
    assert made.value("questions_sent", "day", "2026-03-02T12:00:00Z").value == 2
    assert nps(made, 2) == (None, "no_data", 0, "no_data")
    assert nps(made, 3)[:3] == (0, None, 6), "a value, unlike the first"
    assert nps(made, 10) == (40, None, 5, "on_track"), "without the passives it would be 50"
    assert nps(made, 9)[:3] == (None, "no_data", 0)
    assert nps(made, 11, "48h")[:3] == (40, None, 5), "a day without answers adds nothing"


def test_t14_what_is_no_answer(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    survey(made, "03T10:00:00", "nps", 11, "r0")
    assert made.fates("survey.response") == {"consumed": 1, "invalid": 1}
    survey(made, "03T10:00:00", "csat", 5, "r0", most=5)
    survey(made, "03T10:00:00", "csat", 9, "r1", most=10)
    survey(made, "03T10:00:00", "csat", 1, "r2", most=5)
    assert made.value("csat", "month", "2026-03-15T00:00:00Z").value == 0.5, "9 of 10 is not counted"
    assert nps(made, 3)[:2] == (None, "no_data")


def test_t14_the_same_respondent_twice(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    survey(made, "02T10:00:00", "nps", 3, "r0")
    survey(made, "03T10:00:00", "nps", 10, "r0")
    assert [nps(made, day)[0] for day in (2, 3)] == [-100, 100]
    both = made.value("nps", "48h", "2026-03-04T00:00:00Z")
    assert (both.value, both.also["answers"]) == (100, 1), "one respondent with one opinion"
    survey(made, "20T10:00:00", "nps", None, "r9")
    assert nps(made, 3) == (100, None, 1, "too_early"), "fewer than five"


def test_t14_csat_after_complaint(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    ticket = {"time": "2026-03-01T12:00:00Z", "ticket_id": "T", "customer_id": "c", "action": "opened"}
    for time, score in (("01T11:00:00", 5), ("20T12:00:00", 4), ("31T12:00:00", 2), ("31T12:00:01", 5)):
        survey(made, time, "csat", score, "c", most=5)
    made.send("support.ticket", {**ticket, "kind": "complaint"})
    found = made.value("csat_after_complaint", "month", "2026-03-15T00:00:00Z")
    assert (found.value, found.events) == (0.5, 2), "4 and, at the last moment, 2"
    assert made.value("csat", "month", "2026-03-15T00:00:00Z").value == 0.75

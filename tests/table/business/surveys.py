"""What customers and employees were asked, and what they answered; and which brands people know."""

from collections.abc import Iterator
from typing import Any

from tests.table.business.clock import DAY, HOUR, moments
from tests.table.business.events import Event, Teller

_SCALES = {"csat": (1, 5), "nps": (0, 10), "employee": (1, 5), "enps": (0, 10)}
_WEIGHTS = (500, 800, 1000, 1300, 2600)


def surveys(seed: str) -> Iterator[Event]:
    """All that was asked in the year, in no order."""
    tell = Teller(f"{seed}-surveys")
    for number, time in enumerate(moments(tell.chance, daily=8, at_edges=14, busy=240)):
        yield from _question(tell, f"Q{number}", time)
    for time in moments(tell.chance, daily=4, at_edges=5, busy=60):
        yield from _brand(tell, time)
    for number, time in enumerate(moments(tell.chance, daily=2, at_edges=2, busy=0)):
        yield from _recommendation(tell, f"W{number}", time)


def _question(tell: Teller, name: str, anchor: int) -> Iterator[Event]:
    """A question that is sent or answered at `anchor`."""
    question = tell.one_of(csat=0.4, nps=0.45, employee=0.15)
    low, high = _SCALES[question]
    employee = question == "employee"
    same = {
        "survey_id": name,
        # Few enough that many answer again, sometimes on the same day.
        "respondent_id": f"E{tell.chance.randrange(40)}" if employee else f"K{tell.chance.randrange(400)}",
        "population": "employee" if employee else "customer",
        "question": question,
        "scale_min": low,
        "scale_max": high,
        "team": tell.one_of(north=0.5, south=0.3, east=0.2) if tell.happens(0.9) else None,
        "segment": tell.one_of(small=0.6, large=0.4),
    }
    answered = anchor if tell.happens(0.6) else tell.after(anchor, 12 * HOUR)
    sent = anchor if answered > anchor else anchor - tell.after(0, DAY)
    yield from tell.say("survey.response", sent, action="sent", **same)
    if tell.happens(0.75):
        words = tell.happens(0.4)
        score = tell.chance.choice((high, high, high - 1, high - 1, high - 1, high - 2, (low + high) // 2, low))
        yield from tell.say(
            "survey.response",
            answered,
            action="answered",
            score=None if words and tell.happens(0.2) else score,
            text="as it was said" if words else None,
            theme=tell.one_of(price=0.4, speed=0.6) if words else None,
            journey_step=tell.one_of(buying=0.5, using=0.5) if words else None,
            **same,
        )


def _recommendation(tell: Teller, name: str, time: int) -> Iterator[Event]:
    """What an employee says of working here; some of them again, within days."""
    yield from tell.say(
        "survey.response",
        time,
        survey_id=name,
        respondent_id=f"E{tell.chance.randrange(40)}",
        population="employee",
        question="enps",
        action="answered",
        score=tell.chance.choice((10, 10, 9, 9, 8, 7, 6, 3)),
        scale_min=0,
        scale_max=10,
        team=tell.one_of(north=0.5, south=0.3, east=0.2),
        segment=tell.one_of(small=0.6, large=0.4),
    )


def _brand(tell: Teller, time: int) -> Iterator[Event]:
    aided = None if tell.happens(0.1) else tell.happens(0.6)
    unaided = bool(aided) and tell.happens(0.6)
    yield from tell.say(
        "brand.survey",
        time,
        wave_id="spring" if tell.happens(0.5) else "autumn",
        respondent_id=f"R{tell.chance.getrandbits(48):x}",
        brand=tell.one_of(ours=0.7, theirs=0.3),
        aided=aided,
        unaided=None if aided is None else unaided,
        top_of_mind=None if aided is None else unaided and tell.happens(0.7),
        weight=tell.chance.choice(_WEIGHTS),
        region=tell.one_of(emea=0.4, americas=0.3, apac=0.3),
    )


NOTHING: dict[str, dict[str, Any]] = {
    "survey.response": {
        "survey_id": "none",
        "population": "employee",
        "question": "employee",
        "action": "sent",
        "scale_min": 1,
        "scale_max": 5,
        "segment": "none",
    },
    "brand.survey": {"wave_id": "none", "brand": "none", "weight": 0, "region": "none"},
}
"""By stream, a record that counts for nothing, less its key, id and time."""

"""The simulation: the same from the same seed, valid, in order, labelled, with a rhythm and incidents."""

from collections import defaultdict
from typing import Any

import pytest

from schemas.records import RecordValidator
from services.ingest.rhythm import busyness
from services.ingest.simulation import SOURCE, Incident, Simulation
from services.runtime.catalogue import load

START = 1_760_000_000_000
HOUR = 3_600_000


Events = list[tuple[str, dict[str, Any]]]


def run(seed: int = 1, steps: int = 1, hours: int = 1, incidents: tuple[Incident, ...] = ()) -> Events:
    simulation = Simulation(seed, START, 2.0, incidents)
    span = hours * HOUR
    return [event for step in range(1, steps + 1) for event in simulation.until(START + span * step // steps)]


def test_it_follows_from_the_seed_whatever_the_steps() -> None:
    assert run() == run(steps=77)
    assert run() != run(seed=2)


def test_every_event_is_valid_labelled_and_in_order() -> None:
    validators = {name: RecordValidator(stream) for name, stream in load([]).streams.items()}
    events = run()
    assert {stream for stream, _ in events} == {
        "web.impression", "web.click", "web.visit", "sales.call", "sales.deal", "support.contact", "support.ticket",
    }  # fmt: skip
    for stream, event in events:
        verdict = validators[stream].validate(event, START + HOUR)
        assert isinstance(verdict, dict), (stream, verdict)
        assert event["source"] == SOURCE == "simulation"
    times = [event["time"] for _, event in events]
    assert times == sorted(times)
    assert len({event["id"] for _, event in events}) == len(events)


def response_minutes(incidents: tuple[Incident, ...]) -> float:
    moments: dict[str, dict[str, int]] = defaultdict(dict)
    for stream, event in run(hours=2, incidents=incidents):
        if stream == "support.ticket":
            moments[event["ticket_id"]].setdefault(event["action"], event["time"])
    waits = [times["replied"] - times["opened"] for times in moments.values() if "replied" in times]
    return sum(waits) / len(waits) / 60_000


def test_slow_replies_are_slow() -> None:
    usual, slow = response_minutes(()), response_minutes((Incident.slow_replies,))
    assert usual < 20
    assert slow > 4 * usual


def test_busyness_follows_day_and_week() -> None:
    thursday = 0
    by_hour = [busyness(thursday + hour * HOUR) for hour in range(24)]
    assert by_hour.index(min(by_hour)) == 3
    assert by_hour.index(max(by_hour)) == 15
    assert max(by_hour) == 1
    saturday = thursday + 2 * 24 * HOUR
    assert busyness(saturday + 15 * HOUR) == pytest.approx(0.6)

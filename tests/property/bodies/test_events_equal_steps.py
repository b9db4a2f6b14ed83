"""The events of a stream themselves: what was said of them has, at every flush, the effect that the step says."""

from collections import Counter

from hypothesis import given

from kpi.entities.events import EventStore
from tests.oracle.events import Event
from tests.oracle.steps.corrections import Corrections, Known, effective
from tests.oracle.windows.tickets import standing
from tests.property.bodies.blocklog import SMALL, BlockLog
from tests.property.bodies.catalogue import declared
from tests.property.bodies.engine import frame
from tests.property.bodies.logs import Logged, logs
from tests.property.bodies.settings import MANY
from tests.property.bodies.test_store_equals_steps import SCHEDULES, Schedule

STREAM = "desk.amended"
HORIZON = 12
Counted = Counter[tuple[int, str, str]]


def _counted(events: list[Event]) -> Counted:
    return Counter((event.time, event.fields["action"], event.fields["team"]) for event in events)


def _stepped(events: list[Event]) -> Counted:
    corrections = Corrections(HORIZON)
    known: Known = {}
    for event in sorted(events, key=lambda each: each[:4]):
        corrections.step(known, event)
    return _counted(list(effective(known)))


def _store() -> EventStore:
    return EventStore("task", declared().streams[STREAM], ("action", "team"), consolidation=SMALL)


def equals_at_every_flush(logged: Logged, schedule: Schedule) -> None:
    """Runs the schedule, takes what is left, and compares whenever something was made durable."""
    stream, store = declared().streams[STREAM], _store()
    log = BlockLog()
    position = flushed = number = 0
    counted, durable = Counted(), Counted()
    end: Schedule = [("take", len(logged.arrivals)), ("forget", 1), ("flush", 1)]
    for what, count in [*schedule, *end]:
        if what in {"take", "settle"} and (batch := logged.arrivals[position : position + count]):
            for time, sign, action, team in store.apply(frame(stream, batch, position)).iter_rows():
                counted[time, action, team] += sign
            position += len(batch)
        elif what == "forget" and position:
            store.forget(logged.arrivals[position - 1].horizon)
        elif what == "crash":
            store = _store()
            store.restore(log.blocks(), log.consolidated)
            position, counted = flushed, Counter(durable)
        elif what == "clean":
            log.clean()
        elif what == "flush":
            number += 1
            log.write(store.flush("i", number), store.consolidated)
            flushed, durable = position, Counter(counted)
            events = logged.events[:position]
            assert counted == _stepped(events) == _counted(standing(events, HORIZON))


def test_events_stand_as_the_step_says_at_every_flush() -> None:
    @MANY
    @given(logs("amended"), SCHEDULES)
    def holds(logged: Logged, schedule: Schedule) -> None:
        equals_at_every_flush(logged, schedule)

    holds()

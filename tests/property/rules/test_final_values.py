"""What is declared final stays as it is: each reach is needed, to the millisecond."""

from collections.abc import Sequence
from typing import NamedTuple

import pytest

from kpi import reach
from kpi.grains import MINUTE
from kpi.standing import Source, is_final
from schemas.entities import Contribution, Entity
from tests.oracle.bodies import SECOND_DAY
from tests.oracle.events import Event, arrivals
from tests.property.bodies.engine import Driven
from tests.property.bodies.tallies import cells
from tests.property.rules.breaking import broken
from tests.property.rules.desk import AMENDED, START, at, of_order, ordered
from tests.property.rules.leads import created, merged, reverted, won
from tests.property.rules.shop import T0, catalogue, minutes, of_orders

REACH = reach.contribution_reach


class Case(NamedTuple):
    """A contribution, what its reach is, the date in question, and a log that changes it at the last moment.

    Only the last record of the log changes anything at that date, when the horizon is as far as it can be.
    """

    body: str
    contribution: str
    reach: int
    date: int
    log: Sequence[Event]


def moved(time: int, id_: str, action: str, key: str = "a") -> Event:
    """What happens to a deal in its course."""
    fields = {"deal_id": key, "action": action, "team": "north"}
    return Event(SECOND_DAY + time, False, "s", id_, (key,), "trade.course", fields)


def of_customer(event: Event) -> Event:
    """What is said of an order, as its customer's."""
    return event._replace(key=event.key[:1])


def amended(time: int, id_: str, action: str, key: str = "a", **named: str) -> Event:
    return at(time, id_, action, key, stream=AMENDED, **named)


CASES = {
    "response": Case(
        "response", "response", 0, 5, [at(0, "1", "opened"), at(5, "2", "note", "b"), at(5, "3", "replied")]
    ),
    "deadline": Case(
        "response", "within_target", 0, 9, [at(0, "1", "opened"), at(9, "2", "note", "b"), at(9, "3", "replied")]
    ),
    "first ever": Case(
        "customer",
        "new_customer",
        0,
        5,
        [ordered(0, "1", "home", "b"), ordered(5, "2", "home", "b"), ordered(5, "3", "home")],
    ),
    "first that may be taken back": Case(
        "newcomer",
        "newcomer",
        12,
        0,
        [
            of_customer(of_order(0, "1", "placed", 5)),
            of_customer(of_order(2, "2", "placed", 5, key="p")),
            ordered(12, "3", "home", "b"),
            of_customer(of_order(12, "4", "cancelled", 5)),
        ],
    ),
    "last within a time": Case(
        "classified",
        "classified",
        7,
        0,
        [at(0, "1", "opened"), at(7, "2", "note", "b"), at(7, "3", "moved", team="south")],
    ),
    "set by lane": Case(
        "basket",
        "placed",
        12,
        0,
        [
            of_customer(of_order(0, "1", "placed", 5)),
            of_customer(of_order(2, "2", "placed", 5, key="p")),
            ordered(12, "3", "home", "b"),
            of_customer(of_order(12, "4", "cancelled", 5)),
        ],
    ),
    "resolution": Case(
        "resolution",
        "resolution",
        7,
        1,
        [at(0, "1", "opened"), at(1, "2", "resolved"), at(8, "3", "note", "b"), at(8, "4", "reopened")],
    ),
    "dropped": Case(
        "handled",
        "spell",
        7,
        1,
        [at(0, "1", "opened"), at(1, "2", "resolved"), at(8, "3", "note", "b"), at(8, "4", "moved")],
    ),
    "followed": Case(
        "handled",
        "handled",
        7,
        1,
        [at(0, "1", "opened"), at(1, "2", "resolved"), at(8, "3", "note", "b"), at(8, "4", "note")],
    ),
    "dropped for once and for all": Case(
        "served",
        "served",
        0,
        5,
        [at(0, "1", "opened"), at(5, "2", "note", "b"), at(5, "3", "resolved")],
    ),
    "backlog": Case("resolution", "backlog", 0, 5, [at(5, "1", "note", "b"), at(5, "2", "opened")]),
    "conversion": Case(
        "lead", "lead", 15, 0, [created(0, "1"), created(15, "2", "b"), won(15, "3", "b"), won(15, "4")]
    ),
    "overlapping pairs": Case(
        "contact", "contact", 12, 0, [created(0, "1"), created(12, "2", "b"), won(12, "3", "b"), won(12, "4")]
    ),
    "what closes overlapping pairs": Case(
        "contact", "answered", 0, 5, [created(0, "1"), created(5, "2", "b"), won(5, "3", "b"), won(5, "4")]
    ),
    "a pair that is taken back": Case(
        "sale", "sale", 12, 0, [created(0, "1"), created(12, "2", "b"), won(12, "3", "b"), merged(12, "4")]
    ),
    "a closing that is taken back": Case(
        "sale",
        "credited",
        12,
        5,
        [created(0, "1"), won(5, "2", deal="d"), created(17, "3", "b"), won(17, "4", "b"), reverted(17, "5", "d")],
    ),
    "a pair whose closing is taken back": Case(
        "sale",
        "sold",
        12,
        0,
        [
            *(won(0, "9", "b"), created(0, "1"), won(0, "2", deal="d")),
            *(created(12, "3", "b"), won(12, "4", "b"), reverted(12, "5", "d")),
        ],
    ),
    "stages": Case(
        "course",
        "forward",
        10,
        1,
        [moved(0, "1", "first"), moved(1, "2", "second"), moved(11, "3", "note", "b"), moved(11, "4", "first")],
    ),
    "cancellations": Case(
        "order",
        "orders",
        12,
        0,
        [of_order(0, "1", "placed", 5), of_order(12, "2", "note", 0, key="p"), of_order(12, "3", "cancelled", 5)],
    ),
    "voids": Case(
        "amended",
        "response",
        12,
        4,
        [
            amended(0, "1", "opened"),
            amended(4, "2", "replied"),
            amended(16, "3", "note", "b"),
            amended(16, "4", "note", voids="2"),
        ],
    ),
    "voids of levels": Case(
        "amended",
        "backlog",
        12,
        0,
        [amended(0, "1", "opened"), amended(12, "2", "note", "b"), amended(12, "3", "note", voids="1")],
    ),
}


def stays(case: Case) -> None:
    """Every window that was final stands as it was then, after every further record."""
    log = list(case.log)
    driven = Driven(case.body, arrivals(log, dict.fromkeys({event.stream for event in log}, (0, 0))))
    assert len(driven.arrivals) == len(log)
    wait = reach.contribution_reach(driven.entity, driven.entity.contributions[case.contribution], driven.streams)
    final: dict[int, object] = {}
    for _ in log:
        driven.take(1)
        driven.forget()
        signed = [one for one in driven.signed if one.contribution == case.contribution]
        source = Source("task/0", 0, driven.arrivals[driven.position - 1].horizon, None)
        for end in range(SECOND_DAY - 9, SECOND_DAY + 30):
            shown = cells(signed, START, end)
            if is_final([source], end, wait, {}):
                assert final.setdefault(end, shown) == shown


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_less_would_change_what_is_final(case: Case) -> None:
    def one_less(entity: Entity, contribution: Contribution, streams: object) -> int:
        return REACH(entity, contribution, streams) - 1  # type: ignore[arg-type]

    driven = Driven(case.body, [])
    assert REACH(driven.entity, driven.entity.contributions[case.contribution], driven.streams) == case.reach
    assert max(event.time for event in case.log) == SECOND_DAY + case.date + case.reach
    stays(case)
    with broken(("kpi.reach.contribution_reach", one_less)):
        stays(case)


def an_order_voided_at_the_last_moment() -> None:
    """The last one of its minute, voided exactly so long after it, by a record as late as may be."""
    horizon, lateness = 10 * MINUTE, 2 * MINUTE
    time = T0 + MINUTE - 1
    log = [
        {"id": "1", "time": time, "amount": 5},
        {"id": "2", "time": time + horizon + lateness, "amount": 1},
        {"id": "3", "time": time + horizon, "amount": 0, "voids": "1"},
    ]
    simulated = of_orders(log)
    wait = reach.corrections_of(catalogue().streams, ("shop.order",))
    final: list[tuple[int, int] | None] = []
    for _ in log:
        simulated.take(1)
        simulated.flush()
        source = simulated.task.sources[simulated.topic]
        if is_final([Source("", lateness, source.watermark, source.first)], T0 + MINUTE, wait, {}):
            final.append(minutes(simulated, "orders").get(0))
    assert len(set(final)) <= 1
    assert minutes(simulated, "orders").get(0) is None


def test_one_less_would_change_what_is_final_of_events() -> None:
    horizon = reach.corrections_of(catalogue().streams, ("shop.order",))
    an_order_voided_at_the_last_moment()
    with broken(("kpi.reach.corrections_of", lambda *_: horizon - 1)):
        an_order_voided_at_the_last_moment()

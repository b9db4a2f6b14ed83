"""What schedules have found, made small."""

import orjson

from tests.property.simulation.checks import rows_of
from tests.property.simulation.declared import CORRECTIONS, DEALS, LEADS, partition_of
from tests.property.simulation.logs import T0, Stored
from tests.property.simulation.world import Member, World

LEAD = {"id": "1", "time": T0, "lead_id": "a", "action": "created", "region": "west"}
DEAL = {"id": "1", "time": T0 + 1, "deal_id": "d", "lead_id": "a", "action": "won", "amount": 5}
VOID = {**DEAL, "id": "2", "time": T0 + 2, "voids": "1"}


def test_a_void_names_an_event_of_its_own_stream() -> None:
    """Both streams count from 1: voiding deal 1 leaves lead 1 alone."""
    number = partition_of("a")
    appended = [Stored(orjson.dumps(event), T0) for event in (LEAD, DEAL, VOID)]
    world = World({(LEADS, number): appended[:1], (DEALS, 0): appended[1:]}, CORRECTIONS[0], transactional=True)
    first = [Member(world, "open_lead", number), Member(world, "shop.deal", 0)]
    join = Member(world, "lead", number)
    for member in (*first, join):
        for topic in member.task.sources:
            member.take(topic, 9, 0)
        member.flush()
    found = rows_of(join, "conversion", "won")
    assert found == {(grain, T0, "west"): (1, 0) for grain in ("1m", "15m", "1d:UTC")}

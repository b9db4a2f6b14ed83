"""What the simulated service runs on, and the same said once more for the oracle, which reads no declarations."""

from functools import cache
from pathlib import Path

from aiokafka.partitioner import murmur2

from kpi.plan import Plan
from kpi.planning import plan
from schemas.kpis import Catalogue
from services.runtime.catalogue import load

Place = tuple[str, int]
"""A topic and a partition of it."""

LEADS, DEALS = "shop.lead.v1", "shop.deal.v1"
PARTITIONS = 2
PLACES: tuple[Place, ...] = tuple((topic, number) for topic in (LEADS, DEALS) for number in range(PARTITIONS))
MINUTE, DAY = 60_000, 86_400_000
FORGET_AFTER = 20 * MINUTE
ABANDONED_AFTER = 3 * DAY
CORRECTIONS = (25 * MINUTE, 4 * DAY)
"""How long deals may be corrected: little is kept for long, or panes that are gone already still change."""
IDLE_TIMEOUT = MINUTE
DISORDER = {LEADS: 10_000, DEALS: 5_000}
LATENESS = {LEADS: MINUTE, DEALS: 2 * MINUTE}
LENGTHS = {"1m": MINUTE, "15m": 15 * MINUTE, "1d:UTC": DAY}
KEPT = {"1m": 2 * DAY, "15m": 60 * DAY}


@cache
def catalogue(corrections: int) -> Catalogue:
    """`corrections`: how long deals may be corrected, in milliseconds."""
    declared = load([Path(__file__).with_name("catalogue")], default=False)
    deals = declared.streams["shop.deal"].model_copy(update={"corrections": corrections})
    return declared.model_copy(update={"streams": {**declared.streams, "shop.deal": deals}})


@cache
def planned(corrections: int) -> Plan:
    """The plan of that catalogue."""
    return plan(catalogue(corrections))


@cache
def partition_of(key: str) -> int:
    """Where Kafka's default producer puts a key."""
    place: int = (murmur2(key.encode()) & 0x7FFFFFFF) % PARTITIONS
    return place

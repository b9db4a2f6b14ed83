"""What `catalogue/` declares, said once more for the load and the oracle, which read no declarations."""

from functools import cache
from pathlib import Path
from typing import Final
from zlib import crc32

from aiokafka.partitioner import murmur2

CATALOGUE: Final = Path(__file__).with_name("catalogue")
CALLS, TICKETS, LEADS, DEALS = "chaos.call.v1", "chaos.ticket.v1", "chaos.lead.v1", "chaos.deal.v1"
TOPICS: Final = (CALLS, TICKETS, LEADS, DEALS)
HISTORY: Final = {topic: topic.replace(".v1", ".history.v1") for topic in TOPICS}
"""Where the backfill of a topic lies."""
PARTITIONS: Final = 4
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
GRAINS: Final = {"1m": MINUTE, "15m": 15 * MINUTE, "1d:UTC": DAY}
KEPT: Final = {"1m": 2 * DAY, "15m": 60 * DAY}
"""How long before the watermark panes are kept."""
DISORDER: Final = {CALLS: 10 * SECOND, TICKETS: 10 * SECOND, LEADS: 10 * SECOND, DEALS: 5 * SECOND}
LATENESS: Final = {CALLS: MINUTE, TICKETS: MINUTE, LEADS: MINUTE, DEALS: 2 * MINUTE}
CORRECTIONS: Final = {DEALS: 10 * MINUTE}
KEYS: Final = {CALLS: "agent_id", TICKETS: "ticket_id", LEADS: "lead_id", DEALS: "deal_id"}
OWNED_BY_KEY: Final = frozenset({TICKETS})
"""Topics whose records are moved to the partition of their key."""
JOINED: Final = {LEADS: "chaos.lead.by.lead_id.v1", DEALS: "chaos.deal.by.lead_id.v1"}
"""What the records of a topic that name a lead are copied to."""
TICKET_FORGOTTEN, LEAD_FORGOTTEN = HOUR, 20 * MINUTE
REOPENED_WITHIN = 10 * MINUTE


def answer_within(team: str) -> int:
    """The milliseconds within which a ticket of a team is to be answered."""
    return MINUTE if team == "south" else 5 * MINUTE


@cache
def home(key: str, partitioner: str = "murmur2") -> int:
    """The partition of a key: where Kafka's default partitioner puts it, or librdkafka's for `crc32`."""
    raw = key.encode()
    place: int = (crc32(raw) if partitioner == "crc32" else murmur2(raw) & 0x7FFFFFFF) % PARTITIONS
    return place


def stream_of(topic: str) -> str:
    """The stream of a topic, as in `chaos.call`."""
    return topic.removesuffix(".v1")

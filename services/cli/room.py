"""What `kpi up` says about the embedded broker, which keeps everything in memory."""

import time
from collections.abc import Callable, Iterator

from services.ingest.memory import MEASURE_SECONDS, MIB, ROOM_AGAIN, WAY_OUT, embedded_memory
from services.runtime.settings import Settings


def limits(settings: Settings) -> Iterator[str]:
    """What people should know before they rely on it, line by line."""
    limit = settings.embedded_memory_limit // MIB
    yield f"For trying out: in memory, at most {limit} MiB, never compacted, without transactions."
    yield "Nothing survives a restart: events, values and how far imports are begin anew."
    yield "To keep anything: Apache Kafka, with KPI_KAFKA_BOOTSTRAP_SERVERS=host:9092"


class Room:
    """Says once that the embedded broker's memory is nearly used up, and once that it is.

    The first comes before ingest refuses anything, and is said anew only after there was room in between.
    """

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self._settings, self._say = settings, say
        self._said, self._looked = 0, float("-inf")

    def check(self) -> bool:
        """Look, at most once a second; whether it was nearly used up or more at the last look."""
        if self._settings.kafka_bootstrap_servers or time.monotonic() - self._looked < MEASURE_SECONDS:
            return self._said > 0
        self._looked = time.monotonic()
        memory = embedded_memory(self._settings)
        found = (memory.held >= ROOM_AGAIN * memory.limit) + (memory.held >= memory.limit)
        if found > self._said:
            part = f"{memory.held // MIB} of {memory.limit // MIB} MiB"
            full = "Events are refused, values are still served" if found == 2 else "Soon events are refused"
            self._say(f"{full}: the embedded broker keeps everything in memory, now {part}. {WAY_OUT}.")
        self._said = max(found, self._said) if found else 0
        return found > 0

"""Whether the embedded broker, which keeps everything in memory, may still grow."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from services.runtime.addresses import NotRunning, read_addresses
from services.runtime.processes import resident_bytes
from services.runtime.settings import Settings

MEASURE_SECONDS = 1.0
MIB = 1 << 20
ROOM_AGAIN = 7 / 8
"""Of the limit: what a request takes for a moment would open and close the door again and again otherwise."""
WAY_OUT = (
    "Start again with a higher KPI_EMBEDDED_MEMORY_LIMIT (all that it holds is gone then), "
    "or use Apache Kafka (KPI_KAFKA_BOOTSTRAP_SERVERS)"
)
"""What people can do, as a sentence without its stop."""

Refusal = Callable[[], str | None]
"""Why nothing can be taken now, in words, or None; never blocks."""


class NoRoom(Exception):
    """The embedded broker can take no more."""


@dataclass(frozen=True, slots=True)
class EmbeddedMemory:
    """Bytes that the embedded broker holds, and may."""

    held: int
    limit: int


def embedded_memory(settings: Settings) -> EmbeddedMemory:
    """As it is now. The limit is that which the broker was started under; `held` is 0 where none runs."""
    try:
        running = read_addresses(settings.data_dir)
    except NotRunning:
        return EmbeddedMemory(0, settings.embedded_memory_limit)
    pid = running.pids.get("broker")
    return EmbeddedMemory(resident_bytes(pid) if pid else 0, running.memory_limit or settings.embedded_memory_limit)


def memory_refusal(settings: Settings, monotonic: Callable[[], float] = time.monotonic) -> Refusal:
    """Why the embedded broker can take no more, or None. A broker that is not ours has room of its own."""
    if settings.kafka_bootstrap_servers:
        return lambda: None
    memory, measured, closed = EmbeddedMemory(0, 0), float("-inf"), False

    def refusal() -> str | None:
        nonlocal memory, measured, closed
        if monotonic() - measured >= MEASURE_SECONDS:
            memory, measured = embedded_memory(settings), monotonic()
            closed = memory.held >= memory.limit * (ROOM_AGAIN if closed else 1)
        if not closed:
            return None
        return (
            f"the embedded broker keeps everything in memory, and has reached its limit of {memory.limit // MIB} MiB. "
            + WAY_OUT
        )

    return refusal

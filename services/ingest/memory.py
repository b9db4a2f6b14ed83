"""Whether the embedded broker, which keeps everything in memory, may still grow."""

import time
from collections.abc import Callable

from services.runtime.addresses import NotRunning, read_addresses
from services.runtime.processes import resident_bytes
from services.runtime.settings import Settings

MEASURE_SECONDS = 1.0
MIB = 1 << 20

Refusal = Callable[[], str | None]
"""Why nothing can be taken now, in words, or None; never blocks."""


def memory_refusal(settings: Settings, monotonic: Callable[[], float] = time.monotonic) -> Refusal:
    """Why the embedded broker can take no more, or None. A broker that is not ours has room of its own."""
    if settings.kafka_bootstrap_servers:
        return lambda: None
    measured: tuple[float, int] = (float("-inf"), 0)

    def refusal() -> str | None:
        nonlocal measured
        if monotonic() - measured[0] >= MEASURE_SECONDS:
            measured = (monotonic(), _embedded_bytes(settings))
        if measured[1] < settings.embedded_memory_limit:
            return None
        return (
            f"the embedded broker keeps everything in memory, and has reached its limit of "
            f"{settings.embedded_memory_limit // MIB} MiB: raise KPI_EMBEDDED_MEMORY_LIMIT, "
            f"or use Apache Kafka (KPI_KAFKA_BOOTSTRAP_SERVERS)"
        )

    return refusal


def _embedded_bytes(settings: Settings) -> int:
    try:
        pid = read_addresses(settings.data_dir).pids.get("broker")
    except NotRunning:
        return 0
    return resident_bytes(pid) if pid else 0

"""Runs of scenarios, each on a cluster of its own, or on one that is there."""

import logging
import os
import secrets
from pathlib import Path

from services.runtime.kafka import KafkaConnection
from tests.brokers.compaction import QUICK_CLEANER
from tests.brokers.running import running_kafka
from tests.chaos.arena import Arena, Result, Size
from tests.chaos.scenario import Scenario

SHORT = Size(events=6_000, seconds=12.0, short=True)
MOST_REPLICAS = 3

# A load that outlives its broker's faults retries all the time, and says so each time.
logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


def run_scenario(scenario: Scenario, seed: int, size: Size, folder: Path, *, broken: str | None = None) -> Result:
    """Plays a scenario on a cluster of its own. `broken`: what is broken in its workers on purpose."""
    folder.mkdir(parents=True, exist_ok=True)
    overrides = {**QUICK_CLEANER, **scenario.overrides}
    with running_kafka(folder / "kafka", nodes=scenario.nodes, overrides=overrides) as (cluster, kafka):
        special = {"CHAOS_BREAK": broken} if broken else {}
        replication = min(scenario.nodes, MOST_REPLICAS)
        return Arena(scenario, seed, size, kafka, folder, cluster, replication, special).play()


def run_shortly(scenario: Scenario, folder: Path, kafka: KafkaConnection | None = None) -> None:
    """Plays the short form for a test, on a broker that is there or one of its own; `CHAOS_SEED` repeats a run."""
    seed = int(os.environ.get("CHAOS_SEED") or secrets.randbelow(1_000_000))
    if kafka is None or scenario.alone or scenario.nodes > 1 or scenario.overrides:
        result = run_scenario(scenario, seed, SHORT, folder)
    else:
        result = Arena(scenario, seed, SHORT, kafka, folder).play()
    assert result.outcome.exact, "\n".join(result.outcome.differences)
    assert result.faults or scenario.name == "calm", "nothing went wrong in this run"

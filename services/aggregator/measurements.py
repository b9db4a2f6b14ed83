"""What a worker tells Prometheus about itself."""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from services.aggregator.owned import OwnedTask

_FLUSH_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class _Tasks(Collector):
    """Gauges of the owned tasks, read when they are scraped."""

    def __init__(self, owned: Mapping[str, OwnedTask]) -> None:
        self._owned = owned

    def collect(self) -> Iterable[Metric]:
        """One sample per task or topic partition."""
        ready = GaugeMetricFamily(
            "kpi_worker_task_ready", "1 where the task is recovered and counting.", labels=["task"]
        )
        rows = GaugeMetricFamily("kpi_worker_pane_rows", "Pane rows in memory.", labels=["task"])
        entities = GaugeMetricFamily("kpi_worker_entities", "Entities in memory.", labels=["task"])
        lag = GaugeMetricFamily("kpi_worker_lag_records", "Records not yet read.", labels=["topic", "partition"])
        waiting: dict[tuple[str, str], int] = {}
        for name, owned in list(self._owned.items()):
            ready.add_metric([name], float(owned.recovered is not None))
            if owned.recovered is None:
                continue
            task = owned.recovered.task
            rows.add_metric([name], task.row_count)
            entities.add_metric([name], task.entity_count)
            for topic, source in task.sources.items():
                place = topic, str(owned.partition)
                waiting[place] = max(source.end - source.position, waiting.get(place, 0))
        for place, records in waiting.items():
            lag.add_metric(place, records)
        return [ready, rows, entities, lag]


class Measurements:
    """Counters of one worker, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._records = Counter("kpi_worker_records", "Records taken.", registry=self.registry)
        self._take = Counter("kpi_worker_take_seconds", "Time spent on taking records.", registry=self.registry)
        self._flush = Histogram(
            "kpi_worker_flush_seconds", "Time a flush took.", buckets=_FLUSH_BUCKETS, registry=self.registry
        )
        self._written = Counter("kpi_worker_flush_records", "Records written by flushes.", registry=self.registry)
        self._take_overs = Counter("kpi_worker_take_overs", "Tasks taken over.", registry=self.registry)
        self._recovery = Histogram("kpi_worker_recovery_seconds", "Time a take-over took.", registry=self.registry)
        self._lost = Counter(
            "kpi_worker_lost_flushes",
            "Flushes that failed, by whether a new owner fenced us.",
            ["fenced"],
            registry=self.registry,
        )
        self._failures = Counter("kpi_worker_failures", "Batches that could not be taken.", registry=self.registry)

    def observe(self, owned: Mapping[str, OwnedTask]) -> None:
        """Exports the gauges of these tasks from now on."""
        self.registry.register(_Tasks(owned))

    def took(self, records: int, seconds: float) -> None:
        """A batch was merged."""
        self._records.inc(records)
        self._take.inc(seconds)

    def flushed(self, records: int, seconds: float) -> None:
        """A flush was confirmed."""
        self._flush.observe(seconds)
        self._written.inc(records)

    def took_over(self, tasks: int, seconds: float) -> None:
        """Tasks were recovered together."""
        self._take_overs.inc(tasks)
        self._recovery.observe(seconds)

    def lost(self, *, fenced: bool) -> None:
        """A flush failed."""
        self._lost.labels("yes" if fenced else "no").inc()

    def failed(self) -> None:
        """A batch could not be taken."""
        self._failures.inc()

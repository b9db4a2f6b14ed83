"""What a worker tells Prometheus about itself."""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kpi.books import unbalanced
from kpi.tasks.task import Flush
from schemas.wire import Progress
from services.aggregator.owned import OwnedTask

_PLACE = ("topic", "partition")
_FLUSH_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class _Tasks(Collector):
    """The owned tasks as they are in memory, read when they are scraped, and what of them is confirmed."""

    def __init__(self, owned: Mapping[str, OwnedTask], written: Mapping[str, Progress]) -> None:
        self._owned, self._written = owned, written

    def collect(self) -> Iterable[Metric]:
        """One sample per task or topic partition."""
        ready = GaugeMetricFamily(
            "kpi_worker_task_ready", "1 where the task is recovered and counting.", labels=["task"]
        )
        rows = GaugeMetricFamily("kpi_worker_pane_rows", "Pane rows in memory.", labels=["task"])
        entities = GaugeMetricFamily("kpi_worker_entities", "Entities in memory.", labels=["task"])
        lag = GaugeMetricFamily("kpi_worker_lag_records", "Records not yet read.", labels=_PLACE)
        books = GaugeMetricFamily(
            "kpi_worker_books_unbalanced_records",
            "Records read that no fate accounts for, or the other way round; 0 is right.",
            labels=_PLACE,
        )
        events = CounterMetricFamily(
            "kpi_worker_events",
            "Where the records ended that the tasks have read in their lives, as far as that is written.",
            labels=[*_PLACE, "fate"],
        )
        waiting: dict[tuple[str, str], int] = {}
        wrong: dict[tuple[str, str], int] = {}
        ended: dict[tuple[str, str], dict[str, int]] = {}
        for name, owned in list(self._owned.items()):
            ready.add_metric([name], float(owned.recovered is not None))
            if owned.recovered is None:
                continue
            task, partition = owned.recovered.task, str(owned.partition)
            rows.add_metric([name], task.row_count)
            entities.add_metric([name], task.entity_count)
            # A re-keyed topic may be read by several kinds of entities.
            for topic, source in task.sources.items():
                place = topic, partition
                waiting[place] = max(source.end - source.position, waiting.get(place, 0))
                wrong[place] = max(unbalanced(source.progress()), wrong.get(place, 0))
            written = self._written.get(name)
            if written is not None and written.incarnation == task.incarnation:
                ended |= {(topic, partition): of.fates for topic, of in written.topics.items()}
        for place, records in waiting.items():
            lag.add_metric(place, records)
        for place, records in wrong.items():
            books.add_metric(place, records)
        for place, fates in ended.items():
            for fate, count in fates.items():
                events.add_metric([*place, fate], count)
        return [ready, rows, entities, lag, books, events]


class Measurements:
    """Counters of one worker, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._progress: dict[str, Progress] = {}
        self._records = Counter("kpi_worker_records", "Records taken.", registry=self.registry)
        self._take = Counter("kpi_worker_take_seconds", "Time spent on taking records.", registry=self.registry)
        self._flush = Histogram(
            "kpi_worker_flush_seconds", "Time a flush took.", buckets=_FLUSH_BUCKETS, registry=self.registry
        )
        self._written = Counter("kpi_worker_flush_records", "Records written by flushes.", registry=self.registry)
        self._take_overs = Counter("kpi_worker_take_overs", "Tasks taken over.", registry=self.registry)
        self._recovery = Histogram("kpi_worker_recovery_seconds", "Time a take-over took.", registry=self.registry)
        self._lost = Counter("kpi_worker_lost_flushes", "Flushes that failed.", registry=self.registry)
        self._fencings = Counter(
            "kpi_worker_fencings", "Flushes that failed since a new owner shut us out.", registry=self.registry
        )
        self._failures = Counter("kpi_worker_failures", "Batches that could not be taken.", registry=self.registry)

    def observe(self, owned: Mapping[str, OwnedTask]) -> None:
        """Exports the gauges of these tasks from now on."""
        self.registry.register(_Tasks(owned, self._progress))

    def took(self, records: int, seconds: float) -> None:
        """A batch was merged."""
        self._records.inc(records)
        self._take.inc(seconds)

    def flushed(self, flush: Flush, seconds: float) -> None:
        """A flush was confirmed."""
        self._flush.observe(seconds)
        self._written.inc(len(flush.records))
        self._progress.update((each.task, each) for each in flush.records[-1:] if isinstance(each, Progress))

    def took_over(self, tasks: int, seconds: float) -> None:
        """Tasks were recovered together."""
        self._take_overs.inc(tasks)
        self._recovery.observe(seconds)

    def lost(self, *, fenced: bool) -> None:
        """A flush failed; `fenced`: since a new owner shut us out."""
        self._lost.inc()
        if fenced:
            self._fencings.inc()

    def failed(self) -> None:
        """A batch could not be taken."""
        self._failures.inc()

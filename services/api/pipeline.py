"""Prometheus metrics of the pipeline: how far each topic partition is, where its records ended, the work on tasks."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from kpi.books import unbalanced
from schemas.progress import TopicProgress
from schemas.wire import Progress

_PLACE = ("topic", "partition")
_TASK = ("task",)


def pipeline_metrics(progress: Mapping[str, Progress]) -> Iterator[Metric]:
    """All families. `progress`: the last of each task, by its name."""
    ordered = dict(sorted(progress.items()))
    yield from _places(ordered)
    yield _books(ordered)
    yield from _work(ordered)


def _places(progress: Mapping[str, Progress]) -> Iterator[Metric]:
    watermark = GaugeMetricFamily(
        "kpi_watermark_timestamp_seconds", "Everything that happened before is counted.", labels=_PLACE
    )
    lag = GaugeMetricFamily("kpi_lag_records", "Records not yet read.", labels=_PLACE)
    lost = CounterMetricFamily(
        "kpi_lost_records", "Offsets that retention took away before they were read.", labels=_PLACE
    )
    events = CounterMetricFamily("kpi_events", "Where the records read so far ended.", labels=[*_PLACE, "fate"])
    slowest: dict[tuple[str, str], TopicProgress] = {}
    for place, topic in _topics(progress):
        # A re-keyed topic may be read by several kinds of entities.
        if topic.position <= slowest.get(place, topic).position:
            slowest[place] = topic
    for place, topic in slowest.items():
        lag.add_metric(place, max(topic.end - topic.position, 0))
        lost.add_metric(place, topic.lost)
        if topic.watermark is not None:
            watermark.add_metric(place, topic.watermark / 1000)
        for fate, count in topic.fates.items():
            events.add_metric([*place, fate], count)
    yield from (watermark, lag, lost, events)


def _books(progress: Mapping[str, Progress]) -> Metric:
    books = GaugeMetricFamily(
        "kpi_books_unbalanced_records",
        "Records read that no fate accounts for, or the other way round; 0 is right.",
        labels=_PLACE,
    )
    worst: dict[tuple[str, str], int] = {}
    for place, topic in _topics(progress):
        worst[place] = max(unbalanced(topic), worst.get(place, 0))
    for place, records in worst.items():
        books.add_metric(place, records)
    return books


def _work(progress: Mapping[str, Progress]) -> Iterator[Metric]:
    flush = GaugeMetricFamily(
        "kpi_task_flush_seconds", "How long the flush before the last took to be confirmed.", labels=_TASK
    )
    recovery = GaugeMetricFamily("kpi_task_recovery_seconds", "How long the last take-over took.", labels=_TASK)
    take_overs = CounterMetricFamily("kpi_task_take_overs", "How often a worker took the task over.", labels=_TASK)
    fencings = CounterMetricFamily(
        "kpi_task_fencings", "How often an owner found itself shut out and came back.", labels=_TASK
    )
    for task, standing in progress.items():
        flush.add_metric([task], standing.work.flush / 1000)
        recovery.add_metric([task], standing.work.recovery / 1000)
        take_overs.add_metric([task], standing.work.take_overs)
        fencings.add_metric([task], standing.work.fencings)
    yield from (flush, recovery, take_overs, fencings)


def _topics(progress: Mapping[str, Progress]) -> Iterator[tuple[tuple[str, str], TopicProgress]]:
    """Every topic of every task, by (topic, partition)."""
    for task, standing in progress.items():
        for name, topic in sorted(standing.topics.items()):
            yield (name, task.rpartition("/")[2]), topic

"""Prometheus metrics of values and of the pipeline, read from the view at the moment of the scrape.

What has no number is absent: never NaN, infinite or zero in its place. Labels are those that KPIs declare for alerting.
"""

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kpi.serving import is_complete_only
from kpi.status import Status
from kpi.values import Question
from kpi.windows import Window, complete_windows, kind_of, window_at
from schemas.answers import TargetRange, Value
from schemas.kpis import Kpi
from services.api.answers import Answers, Reading
from services.api.pipeline import pipeline_metrics

ABSENT_VALUE = "(none)"
"""An empty label would be the same as none, and clash with the whole."""
PERIODS = 3


class Metrics(Collector):
    """Everything that the api exports about values and the pipeline."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def describe(self) -> Iterable[Metric]:
        """Nothing is known before it is asked for."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All samples, from one state of the view; while that recovers no values, rather than old ones."""
        freshness = self._answers.freshness()
        now = self._answers.clock()
        yield _gauge("kpi_view_recovered", "Whether the view holds what was computed.", float(freshness.recovered))
        yield _gauge("kpi_view_lag_records", "Records of the panes topic not yet applied.", freshness.lag_records)
        staleness = freshness.staleness(now)
        if staleness is not None:
            yield _gauge("kpi_view_staleness_seconds", "Since the view was known to hold everything.", staleness)
        with self._answers.reading() as reading:
            yield from pipeline_metrics(reading.snapshot.all_progress())
            if freshness.recovered:
                yield from _values(self._answers, reading)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


class _Families:
    """The metrics of values."""

    def __init__(self) -> None:
        self.value = GaugeMetricFamily("kpi_value", "The value, in the KPI's unit.")
        self.target = GaugeMetricFamily("kpi_target", "The target in force; of a range see kpi_target_lower, _upper.")
        self.lower = GaugeMetricFamily("kpi_target_lower", "The lower bound of the target in force.")
        self.upper = GaugeMetricFamily("kpi_target_upper", "The upper bound of the target in force.")
        self.attainment = GaugeMetricFamily("kpi_attainment_ratio", "The value against its target; 1 is at target.")
        self.status = GaugeMetricFamily("kpi_status", "1 for the status that holds, 0 for the others.")
        self.past = GaugeMetricFamily("kpi_window_value", "The value of the last complete windows, 1 the latest.")

    def all(self) -> Iterator[Metric]:
        yield from (self.value, self.target, self.lower, self.upper, self.attainment, self.status, self.past)

    def add(self, value: Value, labels: Mapping[str, str]) -> None:
        if value.value is not None:
            self.value.add_sample("kpi_value", dict(labels), value.value)
        if isinstance(value.target, TargetRange):
            for family, bound in ((self.lower, value.target.min), (self.upper, value.target.max)):
                if bound is not None:
                    family.add_sample(family.name, dict(labels), bound)
        elif value.target is not None:
            self.target.add_sample("kpi_target", dict(labels), value.target)
        if value.attainment is not None:
            self.attainment.add_sample("kpi_attainment_ratio", dict(labels), value.attainment)
        if value.status is not None:
            for status in Status:
                self.status.add_sample("kpi_status", {**labels, "status": status.value}, float(status == value.status))

    def add_past(self, value: Value, labels: Mapping[str, str], ago: int) -> None:
        if value.value is not None:
            self.past.add_sample("kpi_window_value", {**labels, "periods_ago": str(ago)}, value.value)


def _values(answers: Answers, reading: Reading) -> Iterator[Metric]:
    families = _Families()
    for kpi in answers.catalogue.kpis.values():
        breakdowns = [()] if kpi.alert is None or not kpi.alert.labels else [(), kpi.alert.labels]
        present, past = _present(answers, kpi, reading.moment.now), _past(answers, kpi, reading.moment.now)
        for by in breakdowns:
            found = reading.values(Question(kpi, [*present, *past], by, compare=False))
            for values in found[: len(present)]:
                for value in values:
                    # A breakdown that cannot tell of anything says so without labels, where the whole is already.
                    if len(value.dimensions) == len(by):
                        families.add(value, _labels(kpi, value))
            for ago, values in enumerate(found[len(present) :], 1):
                for value in values:
                    families.add_past(value, _labels(kpi, value), ago)
    yield from families.all()


def _present(answers: Answers, kpi: Kpi, now: int) -> list[Window]:
    reporting = answers.catalogue.reporting
    return [
        window_at(
            name,
            kind_of(name, kpi.windows),
            now,
            reporting.zones[0],
            complete=is_complete_only(kpi),
            first_month=reporting.first_month,
        )
        for name in kpi.windows.names()
    ]


def _past(answers: Answers, kpi: Kpi, now: int) -> list[Window]:
    """The last complete windows of the one that is watched. Rolling ones side by side, or they would overlap."""
    name = watched_window(kpi)
    reporting, kind = answers.catalogue.reporting, kind_of(name, kpi.windows)
    return complete_windows(name, kind, now, reporting.zones[0], PERIODS, first_month=reporting.first_month)


def watched_window(kpi: Kpi) -> str:
    """The window that alerts are about: the declared one, else the first."""
    return (kpi.alert.window if kpi.alert else None) or kpi.windows.names()[0]


def _labels(kpi: Kpi, value: Value) -> dict[str, str]:
    dimensions = {name: ABSENT_VALUE if given is None else given for name, given in value.dimensions.items()}
    return {"kpi": kpi.kpi, "window": value.window.name, **dimensions}

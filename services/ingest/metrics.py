"""What ingest counts, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from services.ingest.budget import Budget


class Metrics:
    """Counts of one service. Labels come from the catalogue and from closed lists, never from requests."""

    def __init__(self, budget: Budget) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.accepted = Counter(
            "kpi_ingest_accepted_events", "Events written to Kafka.", ["stream"], registry=self.registry
        )
        self.rejected = Counter(
            "kpi_ingest_rejected_events", "Events not valid.", ["stream", "reason"], registry=self.registry
        )
        self.unknown_fields = Counter(
            "kpi_ingest_unknown_fields",
            "Fields of accepted events that no stream declares.",
            ["stream"],
            registry=self.registry,
        )
        self.refused = Counter(
            "kpi_ingest_refused_requests", "Requests that could not be taken.", ["reason"], registry=self.registry
        )
        self.write_seconds = Histogram(
            "kpi_ingest_write_seconds",
            "From the write to Kafka's confirmation.",
            registry=self.registry,
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
        )
        buffered = Gauge("kpi_ingest_buffered_bytes", "Bytes of events now held in memory.", registry=self.registry)
        buffered.set_function(lambda: budget.used)
        limit = Gauge("kpi_ingest_buffer_limit_bytes", "Most bytes of events held at once.", registry=self.registry)
        limit.set(budget.limit)

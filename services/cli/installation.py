"""Everything that `kpi up` runs: the broker, the topics, ingest, the workers and the api, as processes of their own."""

import asyncio
import os
import time

from kpi.plan import plan
from kpi.topology import topic_specs
from schemas.kpis import Catalogue
from services.cli.console import Report
from services.cli.processes import ChildPlan, kpi_command
from services.cli.supervisor import Stage, Supervisor
from services.client.errors import ServiceError
from services.client.transport import Transport
from services.runtime.addresses import Addresses, NotRunning, read_addresses, remove_addresses, write_addresses
from services.runtime.kafka import connection
from services.runtime.ports import free_port
from services.runtime.settings import Settings
from services.runtime.topics import ensure_topics

READY_SECONDS = 60.0
MIB = 1 << 20


class Installation:
    """The parts of one `kpi up`. `start` returns when all of them are ready, `stop` when all of them have ended."""

    def __init__(
        self, settings: Settings, catalogue: Catalogue, workers: int, children: Supervisor, report: Report
    ) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._workers = workers
        self._children = children
        self._report = report
        self._environment = _catalogue_environment(settings)

    def start(self) -> Addresses:
        """Start everything and say where it is. CommandFailed where a part does not come up, Interrupted on a stop."""
        began = time.monotonic()
        remove_addresses(self._settings.data_dir)
        self._report.line("catalogue", f"{len(self._catalogue.streams)} streams, {len(self._catalogue.kpis)} KPIs")
        broker = self._settings.kafka_bootstrap_servers or self._start_broker()
        self._ensure_topics(broker)
        ingest, api = self._start_door("ingest"), self._start_door("api")
        metrics = self._start_workers()
        known = Addresses(api=api, ingest=ingest, broker=broker, worker_metrics=metrics, pids=self._pids())
        write_addresses(self._settings.data_dir, known)
        tasks = sum(unit.partitions for unit in plan(self._catalogue).units.values())
        self._children.wait_until(lambda: _ready_tasks(metrics) >= tasks, "the workers are", READY_SECONDS)
        self._children.wait_until(lambda: _ready(ingest) and _ready(api), "ingest and api are", READY_SECONDS)
        self._report.line("ready", f"in {time.monotonic() - began:.1f} s; Ctrl-C stops it")
        return known

    def stop(self) -> None:
        """Stop everything, workers first, and forget the addresses."""
        self._children.stop()
        remove_addresses(self._settings.data_dir)

    def _start_broker(self) -> str:
        wanted = self._settings.embedded_port
        port = free_port("127.0.0.1", wanted)
        self._start(Stage.broker, "broker", ["broker"], {"KPI_EMBEDDED_PORT": str(port)})
        self._children.wait_until(lambda: self._broker() is not None, "the embedded broker is", READY_SECONDS)
        address = self._broker() or ""
        self._report.line("broker", f"{address}, embedded{_instead(wanted, int(address.rpartition(':')[2]))}")
        limit = self._settings.embedded_memory_limit // MIB
        self._report.notice(
            f"           For trying out: in memory, at most {limit} MiB, and nothing survives a restart."
        )
        self._report.notice("           To keep anything: Apache Kafka, with KPI_KAFKA_BOOTSTRAP_SERVERS=host:9092")
        return address

    def _broker(self) -> str | None:
        try:
            return read_addresses(self._settings.data_dir).broker
        except NotRunning:
            return None

    def _ensure_topics(self, broker: str) -> None:
        topics = topic_specs(self._catalogue)
        kafka = connection(self._settings, embedded_address=broker)
        created = asyncio.run(ensure_topics(kafka, topics, self._settings.replication_factor))
        self._report.line("topics", f"{len(topics)}, of which {len(created)} new")

    def _start_door(self, name: str) -> str:
        host: str = getattr(self._settings, f"{name}_host")
        wanted: int = getattr(self._settings, f"{name}_port")
        port = free_port(host, wanted)
        self._start(Stage.door, name, [name], {f"KPI_{name.upper()}_PORT": str(port)})
        url = f"http://{host}:{port}"
        self._report.line(name, url + _instead(wanted, port))
        return url

    def _start_workers(self) -> tuple[str, ...]:
        host, wanted = self._settings.worker_metrics_host, self._settings.worker_metrics_port
        urls = []
        for number in range(1, self._workers + 1):
            port = free_port(host, wanted)
            wanted = port + 1 if wanted else 0
            self._start(Stage.worker, f"worker-{number}", ["aggregator"], {"KPI_WORKER_METRICS_PORT": str(port)})
            urls.append(f"http://{host}:{port}")
        self._report.line("workers", f"{self._workers}, metrics at {', '.join(urls)}")
        return tuple(urls)

    def _start(self, stage: Stage, name: str, arguments: list[str], environment: dict[str, str]) -> None:
        log = self._settings.data_dir / "logs" / f"{name}.log"
        plan = ChildPlan(name, kpi_command(*arguments), log, self._environment | environment)
        self._children.start(stage, plan)

    def _pids(self) -> dict[str, int]:
        pids = {"up": os.getpid(), **self._children.pids()}
        try:
            # Not the process that keeps the broker but the broker: what it holds is measured.
            return pids | read_addresses(self._settings.data_dir).pids
        except NotRunning:
            return pids


def _catalogue_environment(settings: Settings) -> dict[str, str]:
    return {
        "KPI_DATA_DIR": str(settings.data_dir),
        "KPI_CATALOGUE": ",".join(map(str, settings.catalogue)),
        "KPI_PACKS": ",".join(settings.packs),
        "KPI_DEFAULT_CATALOGUE": str(settings.default_catalogue).lower(),
    }


def _instead(wanted: int, taken: int) -> str:
    return f" (port {wanted} was taken)" if wanted and taken != wanted else ""


def _ready(url: str) -> bool:
    with Transport(url, timeout=2) as service:
        return service.ready()


def _ready_tasks(worker_metrics: tuple[str, ...]) -> int:
    """How many tasks all workers together have recovered."""
    ready = 0
    for url in worker_metrics:
        with Transport(url, timeout=2) as worker:
            try:
                text = worker.send("GET", "/metrics").text
            except ServiceError:
                continue
        ready += sum(line.startswith("kpi_worker_task_ready{") and line.endswith(" 1.0") for line in text.splitlines())
    return ready

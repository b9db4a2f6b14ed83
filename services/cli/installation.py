"""Everything that `kpi up` runs: the broker, the topics, ingest, the workers and the api, as processes of their own."""

import asyncio
import os
import time
from collections.abc import Collection
from contextlib import suppress

from kpi.topology import topic_specs
from schemas.kpis import Catalogue
from services.cli.console import LABEL_WIDTH, Report
from services.cli.context import base_url
from services.cli.processes import ChildPlan, kpi_command
from services.cli.room import Room, limits
from services.cli.supervisor import Stage, Supervisor
from services.client.transport import Transport
from services.runtime.addresses import (
    Addresses,
    NotRunning,
    RunningCatalogue,
    read_addresses,
    remove_addresses,
    write_addresses,
)
from services.runtime.kafka import connection
from services.runtime.ports import free_port
from services.runtime.settings import Settings
from services.runtime.topics import ensure_topics

READY_SECONDS = 60.0


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
        self._room = Room(settings, report.notice)
        self._addresses = Addresses()
        self._promised: set[int] = set()

    def start(self) -> Addresses:
        """Start everything and say where it is. CommandFailed where a part does not come up, Interrupted on a stop."""
        began = time.monotonic()
        remove_addresses(self._settings.data_dir)
        self._report.line("catalogue", f"{len(self._catalogue.streams)} streams, {len(self._catalogue.kpis)} KPIs")
        broker = self._settings.kafka_bootstrap_servers or self._start_broker()
        self._ensure_topics(broker)
        ingest, api = self._start_door("ingest"), self._start_door("api")
        metrics = start_workers(self._settings, self._workers, self._children, self._promised)
        self._report.line("workers", f"{self._workers}, metrics at {', '.join(metrics)}")
        self._addresses = Addresses(
            api=api, ingest=ingest, broker=broker, worker_metrics=metrics,
            memory_limit=None if self._settings.kafka_bootstrap_servers else self._settings.embedded_memory_limit,
            declarations=RunningCatalogue(
                catalogue=self._settings.catalogue,
                packs=self._settings.packs,
                default_catalogue=self._settings.default_catalogue,
            ),
        )  # fmt: skip
        self._write_addresses()
        self._wait_ready("the workers are", metrics)
        self._wait_ready("ingest and api are", (ingest, api))
        self._report.line("ready", f"in {time.monotonic() - began:.1f} s; Ctrl-C stops it")
        return self._addresses

    def watch(self) -> None:
        """Keep everything running until a stop is requested. CommandFailed as `Supervisor.check` says."""
        self._children.watch(self.check)

    def check(self) -> None:
        """Start anew what has died; end the simulation when soon nothing more can be taken.

        CommandFailed as `Supervisor.check` says.
        """
        if self._room.check():
            self._children.stop_stage(Stage.producer)
        if self._children.check():
            self._write_addresses()

    def simulate(self) -> None:
        """Send simulated events as well, until `stop`."""
        self._children.start(Stage.producer, _plan(self._settings, "simulation", "simulate", {}))
        self._report.line("simulated", "calls, tickets, clicks and deals are made up, and say so")

    def stop(self) -> None:
        """Stop everything, workers first, and forget the addresses."""
        self._children.stop()
        remove_addresses(self._settings.data_dir)

    def _start_broker(self) -> str:
        wanted = self._settings.embedded_port
        port = free_port("127.0.0.1", wanted)
        self._start(Stage.broker, "broker", {"KPI_EMBEDDED_PORT": str(port)})
        self._children.wait_until(lambda: self._broker() is not None, "the embedded broker is", READY_SECONDS)
        address = self._broker() or ""
        self._report.line("broker", f"{address}, embedded{_instead(wanted, int(address.rpartition(':')[2]))}")
        for line in limits(self._settings):
            self._report.notice(f"{'':<{LABEL_WIDTH}} {line}")
        return address

    def _broker(self) -> str | None:
        try:
            return read_addresses(self._settings.data_dir).broker
        except NotRunning:
            return None

    def _ensure_topics(self, broker: str) -> None:
        topics = topic_specs(self._catalogue)
        kafka = connection(self._settings, embedded_address=broker)
        done = asyncio.run(ensure_topics(kafka, topics, self._settings.replication_factor))
        for name, partitions in done.widened.items():
            self._report.line("widened", f"{name}, {partitions} partitions")
        self._report.line("topics", f"{len(topics)}, of which {len(done.created)} new")

    def _start_door(self, name: str) -> str:
        host: str = getattr(self._settings, f"{name}_host")
        wanted: int = getattr(self._settings, f"{name}_port")
        port = free_port(host, wanted, self._promised)
        self._promised.add(port)
        self._start(Stage.door, name, {f"KPI_{name.upper()}_PORT": str(port)})
        url = base_url(host, port)
        self._report.line(name, url + _instead(wanted, port))
        return url

    def _start(self, stage: Stage, name: str, environment: dict[str, str]) -> None:
        self._children.start(stage, _plan(self._settings, name, name, environment))

    def _wait_ready(self, what: str, urls: tuple[str, ...]) -> None:
        self._children.wait_until(lambda: all(_ready(url) for url in urls), what, READY_SECONDS)

    def _write_addresses(self) -> None:
        pids = {"up": os.getpid(), **self._children.pids()}
        with suppress(NotRunning):
            # Not the process that keeps the broker but the broker: what it holds is measured.
            pids |= {k: v for k, v in read_addresses(self._settings.data_dir).pids.items() if k == "broker"}
        write_addresses(self._settings.data_dir, self._addresses.model_copy(update={"pids": pids}))


def start_workers(
    settings: Settings, count: int, children: Supervisor, promised: Collection[int] = ()
) -> tuple[str, ...]:
    """Start aggregator workers named `worker-1` and so on; the base URLs of their metrics.

    `promised`: ports of this machine that others will listen on.
    """
    host, wanted = settings.worker_metrics_host, settings.worker_metrics_port
    urls = []
    for number in range(1, count + 1):
        port = free_port(host, wanted, promised)
        wanted = port + 1 if wanted else 0
        environment = {"KPI_WORKER_METRICS_PORT": str(port)}
        children.start(Stage.worker, _plan(settings, f"worker-{number}", "aggregator", environment))
        urls.append(base_url(host, port))
    return tuple(urls)


def _plan(settings: Settings, name: str, command: str, environment: dict[str, str]) -> ChildPlan:
    # What options may have changed; all else the child reads where we did.
    laid_over = {
        "KPI_DATA_DIR": str(settings.data_dir),
        "KPI_CATALOGUE": ",".join(map(str, settings.catalogue)),
        "KPI_PACKS": ",".join(settings.packs),
        "KPI_DEFAULT_CATALOGUE": str(settings.default_catalogue).lower(),
        "KPI_INSECURE": str(settings.insecure).lower(),
        # Services ask nobody, so that none of them needs a token.
        "KPI_TOKEN": "",
    }
    log = settings.data_dir / "logs" / f"{name}.log"
    return ChildPlan(name, kpi_command(command), log, laid_over | environment)


def _instead(wanted: int, taken: int) -> str:
    return f" (port {wanted} was taken)" if wanted and taken != wanted else ""


def _ready(url: str) -> bool:
    with Transport(url, timeout=2) as service:
        return service.ready()

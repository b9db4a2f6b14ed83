"""Real workers on a real broker: `faust -A services.aggregator.app worker`, each a process of its own."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import httpx2
from aiokafka import ConsumerRecord

from kpi.planning import plan
from kpi.topology import topic_specs
from schemas.kpis import Catalogue
from schemas.topics import PANES
from services.runtime.catalogue import load
from services.runtime.kafka import KafkaConnection, capabilities, make_producer
from services.runtime.ports import free_port
from services.runtime.topics import ensure_topics
from tests.brokers.fixtures import Broker
from tests.brokers.waiting import run, until
from tests.integration.aggregator.topics import Panes, Raw, read_panes, read_topic

ROOT = Path(__file__).parents[3]
APPLICATION = "services.aggregator.app"
READY_SECONDS = 60.0
COUNTED_SECONDS = 60.0
STOP_SECONDS = 20.0
PACE = 20
_RECORDS = re.compile(r"^kpi_worker_records_total (\S+)$", re.MULTILINE)
_TASK_READY = re.compile(r'kpi_worker_task_ready\{task="([^"]+)"\} 1')


class Worker:
    """One worker process, and the HTTP endpoint of its own. `application`: the module that Faust loads."""

    def __init__(self, environment: Mapping[str, str], log: Path, application: str) -> None:
        self._port = free_port("127.0.0.1", 0)
        self._log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "faust",
                    "-A",
                    application,
                    "worker",
                    "--without-web",
                    "-l",
                    "warn",
                ],
                cwd=ROOT,
                env={**environment, "KPI_WORKER_METRICS_PORT": str(self._port)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        """All that it has written."""
        return self._log.read_text(errors="replace")

    def get(self, path: str, token: str | None = None) -> httpx2.Response:
        """An answer of its endpoint. Raises `httpx2.TransportError` where it does not listen."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx2.get(f"http://127.0.0.1:{self._port}{path}", headers=headers, trust_env=False)

    def ready(self) -> bool:
        """Whether it says so; AssertionError where it has ended."""
        assert self.process.poll() is None, f"the worker ended with {self.process.returncode}: {self.output}"
        with suppress(httpx2.TransportError):
            return self.get("/readyz").status_code == 200
        return False

    def tasks(self) -> set[str]:
        """The tasks that it counts for, by its own account."""
        with suppress(httpx2.TransportError):
            return set(_TASK_READY.findall(self.get("/metrics").text))
        return set()

    def records_taken(self) -> int:
        """How many records it has taken, by its own account."""
        found = _RECORDS.search(self.get("/metrics").text)
        return int(float(found[1])) if found else 0

    def terminate(self) -> int:
        """SIGTERM, and the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """Ends it as a failing machine would."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class Installation:
    """A broker with the topics of a catalogue, and the workers on them.

    `packs` are shipped departments; `declarations`, YAML, stands in their place. `settings` go to the workers.
    """

    def __init__(
        self,
        broker: Broker,
        folder: Path,
        *,
        packs: tuple[str, ...] = (),
        declarations: str | None = None,
        **settings: object,
    ) -> None:
        self.kafka: KafkaConnection = broker.connection
        self._transactional, self._folder = broker.transactions, folder
        self._workers: list[Worker] = []
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("KPI_")}
        stated = {f"KPI_{name.upper()}": str(value) for name, value in settings.items()}
        self.environment = {
            **inherited,
            "KPI_DATA_DIR": str(folder / "data"),
            "KPI_KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap,
            "KPI_FLUSH_INTERVAL": "0.2",
            **stated,
        }
        self.catalogue: Catalogue
        if declarations is None:
            self.catalogue = load([], packs=packs)
            self.environment["KPI_PACKS"] = ",".join(packs)
        else:
            declared = folder / "catalogue"
            declared.mkdir()
            (declared / "all.yaml").write_text(declarations)
            self.catalogue = load([declared], default=False)
            self.environment |= {"KPI_CATALOGUE": str(declared), "KPI_DEFAULT_CATALOGUE": "false"}
        self.plan = plan(self.catalogue)
        self._partitions = {spec.name: spec.partitions for spec in topic_specs(self.catalogue)}
        run(ensure_topics(self.kafka, topic_specs(self.catalogue), 1))

    def all_tasks(self) -> set[str]:
        """The names of all tasks of the catalogue."""
        return {f"{unit.name}/{number}" for unit in self.plan.units.values() for number in range(unit.partitions)}

    # Workers

    def spawn(self, application: str = APPLICATION, **special: object) -> Worker:
        """Starts a worker, and returns at once. `special`: variables of it alone, and not the service's."""
        environment = {**self.environment, **{name.upper(): str(value) for name, value in special.items()}}
        worker = Worker(environment, self._folder / f"worker-{len(self._workers)}.log", application)
        self._workers.append(worker)
        return worker

    def start(self, count: int = 1) -> list[Worker]:
        """Starts workers; returns when they share all tasks, each with some."""
        workers = [self.spawn() for _ in range(count)]
        self.until_shared(workers)
        return workers

    def until_shared(self, workers: Iterable[Worker]) -> None:
        """Returns when these workers, and no others, count for all tasks, each for some of its own."""
        watched = list(workers)

        def shared() -> bool:
            if not all(worker.ready() for worker in watched):
                return False
            owned = [worker.tasks() for worker in watched]
            return all(owned) and sum(map(len, owned)) == len(set().union(*owned)) == len(self.all_tasks())

        self.until(shared, READY_SECONDS, "all tasks shared")

    def close(self) -> None:
        """Leaves no process behind."""
        for worker in self._workers:
            worker.kill()

    # Topics

    def produce(self, records: Sequence[Raw], over: float = 0.0) -> None:
        """Sends records evenly over so many seconds, in order within each partition; returns when all are confirmed."""

        async def send() -> None:
            async with make_producer(self.kafka, await capabilities(self.kafka)) as producer:
                sent = []
                for number, raw in enumerate(records):
                    sent.append(await producer.send(raw.topic, raw.value, raw.key, raw.partition))
                    if number % PACE == PACE - 1:
                        await asyncio.sleep(over * PACE / len(records))
                await asyncio.gather(*sent)

        run(send())

    def give_up(self, records: Sequence[Raw]) -> None:
        """Sends records in a transaction that is aborted."""

        async def send() -> None:
            broker = await capabilities(self.kafka)
            async with make_producer(self.kafka, broker, transactional_id="another system") as producer:
                await producer.begin_transaction()
                await asyncio.gather(
                    *[await producer.send(raw.topic, raw.value, raw.key, raw.partition) for raw in records]
                )
                await producer.abort_transaction()

        run(send())

    def panes(self) -> Panes:
        """What the panes topic says now."""
        return run(read_panes(self.kafka, self._partitions[PANES], transactional=self._transactional))

    def log_of(self, topic: str) -> list[list[ConsumerRecord]]:
        """All records of a topic, by partition."""
        return run(read_topic(self.kafka, topic, self._partitions[topic]))

    def until_settled(self, wanted: Mapping[str, int], seconds: float = COUNTED_SECONDS) -> Panes:
        """Returns the panes once so many records have ended on each of these topics, whatever their fate."""
        seen: list[Panes] = []

        def settled() -> bool:
            seen.append(self.panes())
            return all(seen[-1].settled(topic) >= count for topic, count in wanted.items())

        self.until(settled, seconds, f"{wanted} settled")
        return seen[-1]

    def until(self, condition: Callable[[], bool], seconds: float, what: str) -> None:
        """Waits for a condition; where it does not come, says what the workers wrote."""
        began = time.monotonic()
        try:
            until(condition, seconds, what)
        except TimeoutError:
            words = "\n".join(worker.output[-3000:] for worker in self._workers)
            raise AssertionError(f"after {time.monotonic() - began:.0f} s not: {what}\n{words}") from None

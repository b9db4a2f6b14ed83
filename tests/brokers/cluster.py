"""Apache Kafka, real, from its jars: one node or several, on loopback and free ports, in a temporary folder."""

import base64
import os
import shutil
import signal
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from services.runtime.kafka import KafkaConnection
from services.runtime.ports import free_port
from tests.brokers.jars import ROOT, kafka_jars
from tests.brokers.waiting import run, until

CONFIGURATIONS = ROOT / "deploy" / "kafka"
READY_SECONDS = 60.0
STOP_SECONDS = 15.0

QUICKER = {
    # A killed broker is missed, and can come back, sooner.
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
    # The default takes 128 MiB of heap at once.
    "log.cleaner.dedupe.buffer.size": "16777216",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
}


class KafkaNotStarted(Exception):
    """A node ended, or did not get ready; the message ends with its last words."""


class KafkaNode:
    """One node: a Java process with its own folder. It keeps its data when stopped or killed, and can start again."""

    def __init__(self, folder: Path, properties: Mapping[str, str], environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.data = Path(properties["log.dirs"])
        self._file = folder / "server.properties"
        self._file.write_text("".join(f"{key}={value}\n" for key, value in properties.items()))
        self._log = folder / "server.log"

    def format(self, cluster_id: str, scram_users: Mapping[str, str]) -> None:
        """Prepare the node's storage. `scram_users` maps user to password."""
        users = [
            part
            for name, password in scram_users.items()
            for part in ("--add-scram", f"SCRAM-SHA-512=[name={name},password={password}]")
        ]
        command = _java("kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(self._file), *users)
        # Its standard output would hold the salted keys.
        done = subprocess.run(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=self._environment,
            text=True,
            check=False,
            timeout=READY_SECONDS,
        )
        if done.returncode != 0:
            raise KafkaNotStarted(f"the storage could not be formatted: {done.stderr[-2000:]}")

    def start(self) -> None:
        """Start the node, without waiting for it."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                _java("kafka.Kafka", str(self._file)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )

    def check_alive(self) -> None:
        """Raise `KafkaNotStarted` where the node has ended by itself."""
        if self._process is not None and self._process.poll() is not None:
            words = self._log.read_text(errors="replace")[-3000:]
            raise KafkaNotStarted(f"the node ended with {self._process.returncode}: {words}")

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended since."""
        return self._process is not None and self._process.poll() is None

    def terminate(self) -> None:
        """Ask the node to stop, without waiting."""
        if self._process is not None and self.running:
            self._process.terminate()

    def wait(self) -> None:
        """Wait for the end of a node that was asked to stop, and kill it where it does not come."""
        if self._process is None:
            return
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the node at once, as a failing machine would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def suspend(self) -> None:
        """Let it stand still: its connections stay, and nothing is answered."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `suspend`."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)


class KafkaCluster:
    """Nodes that form one cluster, with a configuration of `deploy/kafka/`."""

    def __init__(
        self,
        folder: Path,
        configuration: str,
        *,
        nodes: int = 1,
        listener: str = "PLAINTEXT",
        overrides: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        scram_users: Mapping[str, str] | None = None,
    ) -> None:
        stated = _read_properties(CONFIGURATIONS / configuration)
        chosen: list[int] = []
        for _ in range(2 * nodes):
            chosen.append(free_port("127.0.0.1", 0, chosen))
        ports = list(zip(chosen[::2], chosen[1::2], strict=True))
        voters = ",".join(f"{number}@127.0.0.1:{port}" for number, (_, port) in enumerate(ports, 1))
        self.bootstrap = ",".join(f"127.0.0.1:{port}" for port, _ in ports)
        self.nodes: Sequence[KafkaNode] = [
            KafkaNode(
                folder / f"node-{number}",
                {
                    **stated,
                    **QUICKER,
                    "node.id": str(number),
                    "listeners": f"{listener}://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
                    "advertised.listeners": f"{listener}://127.0.0.1:{port}",
                    "controller.quorum.voters": voters,
                    "log.dirs": str(folder / f"node-{number}" / "data"),
                    **(overrides or {}),
                },
                environment or {},
            )
            for number, (port, controller) in enumerate(ports, 1)
        ]
        self._scram_users = scram_users or {}

    def start(self, connection: KafkaConnection) -> None:
        """Format and start every node; return when `connection` sees them all."""
        # One that began with a dash would be taken for an option.
        cluster_id = "k" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")[1:]
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            list(pool.map(lambda node: node.format(cluster_id, self._scram_users), self.nodes))
        for node in self.nodes:
            node.start()
        self.wait_ready(connection, len(self.nodes))

    def wait_ready(self, connection: KafkaConnection, brokers: int) -> None:
        """Return when `connection` sees so many brokers. An open port alone is not ready."""

        def ready() -> bool:
            for node in self.nodes:
                node.check_alive()
            return run(_brokers_seen(connection)) == brokers

        until(ready, READY_SECONDS, f"{brokers} brokers ready")

    def stop(self) -> None:
        """Stop all nodes."""
        for node in self.nodes:
            node.terminate()
        for node in self.nodes:
            node.wait()


async def _brokers_seen(connection: KafkaConnection) -> int:
    admin = AIOKafkaAdminClient(**connection.client_options())
    try:
        await admin.start()
        return len((await admin.describe_cluster())["brokers"])
    except KafkaError:
        return 0
    finally:
        await admin.close()


def _java(*arguments: str) -> list[str]:
    java = shutil.which("java")
    if java is None:
        raise KafkaNotStarted("the program java is not installed")
    return [
        *(java, "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
        *(f"-Dlog4j2.configurationFile={CONFIGURATIONS / 'log4j2.properties'}", "-cp", f"{kafka_jars()}/*"),
        *arguments,
    ]


def _read_properties(file: Path) -> dict[str, str]:
    lines = (line.strip() for line in file.read_text().splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {key.strip(): value.strip() for key, _, value in pairs}

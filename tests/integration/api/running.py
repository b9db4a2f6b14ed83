"""A running api, and records of hand-made tasks in a real panes topic."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from kpi.plan import Group
from kpi.topology import panes_partition, topic_specs
from schemas.kpis import Catalogue
from schemas.progress import TopicProgress, Work
from schemas.topics import PANES
from schemas.wire import Claim, Progress, Record, Rows, encode
from services.api import root
from services.runtime.catalogue import load
from services.runtime.clock import Clock, wall_clock
from services.runtime.kafka import KafkaConnection, capabilities, make_producer
from services.runtime.ports import free_port
from services.runtime.settings import Settings
from services.runtime.topics import ensure_topics

WAIT_SECONDS = 20.0
CATALOGUE = """
stream: web.click
partitions: 2
clock: replay
disorder: 30s
lateness: 5m
fields: {campaign: string}
---
kpi: clicks
title: Clicks
sentence: How many times people clicked.
department: marketing
unit: clicks
direction: down
kind: leading
owner: head of marketing
measures: {clicks: {from: web.click, aggregate: count}}
formula: clicks
dimensions: [campaign]
windows: {rolling: [5m], tumbling: [1h], calendar: [day]}
targets: [{value: 5, from: 2020-01-01}]
alert: {labels: [campaign], when: [over_target, trend], for: 0s}
"""


@dataclass(frozen=True)
class Api:
    """A running api: what asks it, and how to stop it."""

    http: httpx2.AsyncClient
    port: int
    stop: asyncio.Event
    task: asyncio.Task[None]

    async def until(self, path: str, holds: Callable[[Any], bool], **params: str) -> Any:
        """The JSON answer, as soon as it is as wanted."""
        answer: Any = None
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while True:
                    if self.task.done():
                        self.task.result()
                    with contextlib.suppress(httpx2.TransportError):
                        answer = (await self.http.get(path, params=params)).json()
                        if holds(answer):
                            return answer
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"{path} never was as wanted, but {answer}") from None


def catalogue_in(folder: Path, text: str = CATALOGUE) -> Catalogue:
    """The catalogue of a file of declarations."""
    (folder / "declared").mkdir(exist_ok=True)
    (folder / "declared" / "all.yaml").write_text(text)
    return load([folder / "declared"], default=False)


@contextlib.asynccontextmanager
async def running_api(
    kafka: KafkaConnection, folder: Path, catalogue: Catalogue, clock: Clock = wall_clock, **settings: Any
) -> AsyncIterator[Api]:
    """The whole api on a free port, stopped at the end."""
    await ensure_topics(kafka, topic_specs(catalogue), 1)
    port = free_port("127.0.0.1", 0)
    stated: dict[str, Any] = {
        "data_dir": folder / "data",
        "kafka_bootstrap_servers": kafka.bootstrap_servers,
        "api_port": port,
    }
    stop = asyncio.Event()
    task = asyncio.create_task(root.run(Settings(**(stated | settings)), catalogue, stop, clock))
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        api = Api(http, port, stop, task)
        try:
            await api.until("/livez", lambda answer: answer["alive"])
            yield api
        finally:
            stop.set()
            await task


async def write(kafka: KafkaConnection, records: Iterable[Record], partition: int = 0) -> None:
    """Records of tasks of one partition, in order, one by one."""
    async with make_producer(kafka, await capabilities(kafka)) as producer:
        for record in records:
            key, value = encode(record)
            await producer.send_and_wait(PANES, value, key, panes_partition(partition))


@dataclass(frozen=True, slots=True)
class Writing:
    """What one owner of a task of `web.click` writes. `group`: its only group, which counts by campaign."""

    group: Group
    incarnation: str = "a"
    task: str = "web.click/0"

    def rows(self, start: int, counts: dict[str | None, int], flush: int, grain: str = "1m") -> Rows:
        """A pane with a count for each campaign. The end of a pane is not looked at by readers."""
        return Rows(
            task=self.task,
            group=self.group.id,
            grain=grain,
            start=start,
            end=start + 60_000,
            bucket=0,
            incarnation=self.incarnation,
            flush=flush,
            dimensions={"campaign": list(counts)},
            extra=None,
            columns={self.group.columns[0].name: list(counts.values())},
            changes=[],
            change_count=0,
        )

    def progress(self, watermark: int | None, flush: int, fates: dict[str, int] | None = None) -> Progress:
        """The end of a flush."""
        position = sum((fates or {}).values())
        topic = TopicProgress(
            position, position, watermark, first=0, last=watermark, appended=0, fates=fates or {}, consumed=position
        )
        work = Work(take_overs=4, fencings=1, recovery=2500, flush=12)
        return Progress(self.task, self.incarnation, flush, 0, {"web.click.v1": topic}, work=work)

    def claim(self) -> Claim:
        """The new owner."""
        return Claim(self.task, self.incarnation, 0)

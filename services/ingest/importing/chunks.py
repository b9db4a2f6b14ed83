"""Writing a chunk of events together with how far the import is."""

import asyncio
from collections.abc import Sequence
from typing import Any, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, ProducerFenced

from schemas.topics import IMPORTS
from services.ingest.importing.progress import ImportKey, ImportProgress
from services.ingest.memory import Refusal
from services.ingest.outgoing import Outgoing, by_partition
from services.runtime.kafka import BrokerCapabilities, KafkaConnection, make_producer

BATCH_BYTES = 512 << 10
WRITE_SECONDS = 60.0


class ChunkNotWritten(Exception):
    """Kafka did not take a chunk; the same import continues from the one before it."""


class ChunkWriter:
    """Writes one import's chunks. In a transaction where the broker has them: then a chunk is there once, or not at
    all.

    Elsewhere the chunk is confirmed before its progress is written; an import that is cut between the two sends the
    chunk again, under the same ids. Use it as an async context.
    """

    def __init__(self, kafka: KafkaConnection, broker: BrokerCapabilities, key: ImportKey, refusal: Refusal) -> None:
        self._refusal = refusal
        self._key = key
        self._transactional = broker.transactions
        # A second run of the same import fences the first one off.
        name = f"kpi.import.{key.digest[:24]}.{key.topic}.{key.shift}"
        self._producer: AIOKafkaProducer = make_producer(
            kafka, broker, transactional_id=name if broker.transactions else None, batch_bytes=BATCH_BYTES
        )

    async def __aenter__(self) -> Self:
        await self._producer.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._producer.stop()

    async def write(self, records: Sequence[Outgoing], progress: ImportProgress) -> None:
        """Write events and the progress after them. Raises ChunkNotWritten."""
        if (refused := self._refusal()) is not None:
            raise ChunkNotWritten(refused)
        try:
            async with asyncio.timeout(WRITE_SECONDS):
                if self._transactional:
                    async with self._producer.transaction():
                        await self._send(records, progress)
                else:
                    await self._send(records, progress)
        except ProducerFenced:
            raise ChunkNotWritten("the same import was started a second time, and goes on there") from None
        except (KafkaError, TimeoutError) as error:
            raise ChunkNotWritten(f"Kafka did not take the events ({type(error).__name__}): run it again") from error

    async def _send(self, records: Sequence[Outgoing], progress: ImportProgress) -> None:
        partitions = len(await self._producer.partitions_for(self._key.topic))
        chosen = by_partition(records, partitions)
        await asyncio.gather(*(self._send_to(partition, of_it) for partition, of_it in chosen.items()))
        await self._producer.send_and_wait(IMPORTS, progress.encode(), key=self._key.encode(), partition=0)

    async def _send_to(self, partition: int, records: Sequence[Outgoing]) -> None:
        confirmations: list[Any] = []
        batch = self._producer.create_batch()
        for record in records:
            if batch.append(timestamp=None, key=record.key, value=record.value) is None:
                confirmations.append(await self._producer.send_batch(batch, self._key.topic, partition=partition))
                batch = self._producer.create_batch()
                batch.append(timestamp=None, key=record.key, value=record.value)
        batch.close()
        confirmations.append(await self._producer.send_batch(batch, self._key.topic, partition=partition))
        await asyncio.gather(*confirmations)

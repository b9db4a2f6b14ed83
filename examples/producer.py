"""Events straight into Kafka: JSON lines from standard input to a stream's topic, keyed by one of their fields.

python examples/producer.py 127.0.0.1:9092 pizzeria.sale.v1 order_id < events.ndjson
"""

import asyncio
import json
import sys

from aiokafka import AIOKafkaProducer


async def main(broker: str, topic: str, key: str) -> None:
    """Each line is a flat object with `id` (unique in its source), `time` (RFC 3339 or milliseconds) and the fields."""
    # On Apache Kafka also pass enable_idempotence=True: a late retry then never lands behind a newer record.
    async with AIOKafkaProducer(bootstrap_servers=broker, acks="all") as producer:
        for line in sys.stdin:
            event = json.loads(line)
            await producer.send_and_wait(topic, line.strip().encode(), key=str(event[key]).encode())


asyncio.run(main(*sys.argv[1:]))

"""Topics that go away."""

from aiokafka.admin import AIOKafkaAdminClient

from services.runtime.kafka import KafkaConnection


async def delete_topic(kafka: KafkaConnection, name: str) -> None:
    """Asks the broker to delete a topic; it does so soon after."""
    admin = AIOKafkaAdminClient(**kafka.client_options())
    try:
        await admin.start()
        await admin.delete_topics([name])
    finally:
        await admin.close()

"""Which Kafka the settings mean."""

from services.runtime.addresses import read_addresses
from services.runtime.kafka import KafkaConnection, connection
from services.runtime.settings import Settings


def kafka_of(settings: Settings) -> KafkaConnection:
    """The broker that the settings name, or the one that was started. Raises NotRunning where there is neither."""
    embedded = None if settings.kafka_bootstrap_servers else read_addresses(settings.data_dir).broker
    return connection(settings, embedded)

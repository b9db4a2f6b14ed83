"""The connection to Kafka: where it is, who we are, and what the broker can do."""

import asyncio
import ssl
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import (
    IncompatibleBrokerVersion,
    KafkaConnectionError,
    KafkaError,
    NoError,
    UnknownError,
    UnsupportedVersionError,
    for_code,
)
from aiokafka.helpers import create_ssl_context
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.protocol.transaction import InitProducerIdRequest
from pydantic import SecretStr

from services.runtime.settings import Settings

ANSWER_TIMEOUT = 15.0
RETRY_INTERVAL = 0.1


class KafkaUnavailable(Exception):
    """No broker answered, or it refused the user: the two cannot be told apart from outside."""

    def __init__(self, bootstrap_servers: str, reason: object) -> None:
        # A bootstrap that failed spells out the client's own lists, and says no more by them.
        words = type(reason).__name__ if isinstance(reason, KafkaConnectionError) else str(reason)
        super().__init__(
            f"no Kafka broker at {bootstrap_servers} let us in ({words}): "
            "check KPI_KAFKA_BOOTSTRAP_SERVERS, and the user and password where the brokers want them"
        )


@dataclass(frozen=True, slots=True)
class KafkaConnection:
    """Where Kafka is and how to enter. `bootstrap_servers` is `host:port, …`."""

    bootstrap_servers: str
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str = "SCRAM-SHA-512"
    username: str | None = None
    password: SecretStr | None = None
    ca_file: str | None = None

    def client_options(self) -> dict[str, Any]:
        """Keyword arguments that every aiokafka client takes."""
        options: dict[str, Any] = {
            "bootstrap_servers": [server.strip() for server in self.bootstrap_servers.split(",")],
            "security_protocol": self.security_protocol,
        }
        if self.username is not None and self.password is not None:
            options |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password.get_secret_value(),
            }
        if context := self.ssl_context():
            options["ssl_context"] = context
        return options

    def ssl_context(self) -> ssl.SSLContext | None:
        """What the brokers' certificates are checked with; None without TLS."""
        if not self.security_protocol.endswith("SSL"):
            return None
        context: ssl.SSLContext = create_ssl_context(cafile=self.ca_file)
        return context


@dataclass(frozen=True, slots=True)
class BrokerCapabilities:
    """What the broker can do. The embedded one has neither transactions nor idempotent producers."""

    transactions: bool
    idempotence: bool
    cluster_id: str | None


def connection(settings: Settings, embedded_address: str | None = None) -> KafkaConnection:
    """The connection that the settings state; without brokers in them, the embedded broker's `host:port`.

    Raises `ValueError` where neither is given.
    """
    if settings.kafka_bootstrap_servers is None:
        if embedded_address is None:
            raise ValueError("no broker: set KPI_KAFKA_BOOTSTRAP_SERVERS, or start the embedded one with `kpi up`")
        return KafkaConnection(embedded_address)
    return KafkaConnection(
        bootstrap_servers=settings.kafka_bootstrap_servers,
        security_protocol=settings.kafka_security_protocol,
        sasl_mechanism=settings.kafka_sasl_mechanism,
        username=settings.kafka_username,
        password=settings.kafka_password,
        ca_file=str(settings.kafka_ca_file) if settings.kafka_ca_file else None,
    )


async def capabilities(kafka: KafkaConnection) -> BrokerCapabilities:
    """Ask a broker, once, by trying. Raises `KafkaUnavailable` where none lets us in, or none answers in time."""
    client = AIOKafkaClient(**kafka.client_options())
    try:
        await client.bootstrap()
        async with asyncio.timeout(ANSWER_TIMEOUT):
            idempotence = await _gives_producer_ids(client)
        cluster_id = (await client.send(client.get_random_node(), MetadataRequest([]))).to_object()["cluster_id"]
    except (KafkaError, TimeoutError) as error:
        raise KafkaUnavailable(kafka.bootstrap_servers, error) from error
    finally:
        await client.close()
    return BrokerCapabilities(transactions=idempotence, idempotence=idempotence, cluster_id=cluster_id)


def make_producer(
    kafka: KafkaConnection,
    broker: BrokerCapabilities,
    *,
    transactional_id: str | None = None,
    transaction_timeout: float = 60.0,
    linger_ms: int = 0,
    batch_bytes: int = 16_384,
) -> AIOKafkaProducer:
    """A producer, not yet started, whose sends are confirmed by all replicas in sync.

    It is idempotent where the broker can, so that a late retry never lands behind a newer record. `batch_bytes` is the
    largest record batch; readers that take a batch as one are the quicker, the larger it is. `transaction_timeout`:
    seconds after which the broker gives an open transaction up.
    Raises `ValueError` for a transactional id on a broker without transactions.
    """
    if transactional_id is not None and not broker.transactions:
        raise ValueError("this broker has no transactions")
    return AIOKafkaProducer(
        **kafka.client_options(),
        acks="all",
        enable_idempotence=broker.idempotence,
        transactional_id=transactional_id,
        transaction_timeout_ms=round(transaction_timeout * 1000),
        compression_type="lz4",
        linger_ms=linger_ms,
        max_batch_size=batch_bytes,
    )


async def _gives_producer_ids(client: AIOKafkaClient) -> bool:
    # Asked directly: a producer that is refused its id writes an error to the log before it raises.
    request = InitProducerIdRequest(transactional_id=None, transaction_timeout_ms=60_000)
    while True:
        try:
            answer = await client.send(client.get_random_node(), request)
        except IncompatibleBrokerVersion:
            return False
        error = for_code(answer.error_code)
        if error is NoError:
            return True
        if error in {UnknownError, UnsupportedVersionError}:
            return False
        if not error.retriable:
            raise error("no producer id was given")
        await asyncio.sleep(RETRY_INTERVAL)

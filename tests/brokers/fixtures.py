"""Brokers for tests. Each test gets one without topics; `broker` runs it on the embedded one and on Apache Kafka."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from pydantic import SecretStr

from services.runtime.embedded import EmbeddedBroker
from services.runtime.kafka import KafkaConnection
from tests.brokers.certificates import make_certificates
from tests.brokers.cluster import KafkaCluster
from tests.brokers.jars import JarsMissing, kafka_jars
from tests.brokers.waiting import run
from tests.parts import missing, program


@dataclass(frozen=True, slots=True)
class Broker:
    """A running broker. `kind` is `embedded` or `kafka`; `bootstrap` is `host:port`."""

    kind: str
    bootstrap: str
    transactions: bool
    connection: KafkaConnection


@dataclass(frozen=True, slots=True)
class SecuredBroker:
    """A broker over SASL_SSL. `connection` is that of the administrator, who may do everything."""

    bootstrap: str
    connection: KafkaConnection


@pytest.fixture(scope="session")
def kafka_ready() -> None:
    """Passes where Apache Kafka can be started here."""
    untested = "everything on Apache Kafka"
    program("java", untested)
    try:
        kafka_jars()
    except JarsMissing as error:
        missing(untested, str(error))


@pytest.fixture(scope="session")
def kafka_cluster(kafka_ready: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """One node of Apache Kafka, started once for all tests. Take `kafka_broker` instead, which is empty."""
    del kafka_ready
    cluster = KafkaCluster(tmp_path_factory.mktemp("kafka"), "single-node.properties")
    connection = KafkaConnection(cluster.bootstrap)
    try:
        cluster.start(connection)
        yield Broker("kafka", cluster.bootstrap, transactions=True, connection=connection)
    finally:
        cluster.stop()


@pytest.fixture
def kafka_broker(kafka_cluster: Broker) -> Iterator[Broker]:
    """Apache Kafka without topics."""
    yield kafka_cluster
    run(delete_topics(kafka_cluster.connection))


@pytest.fixture
def embedded_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """The embedded broker, a fresh one for each test."""
    embedded = EmbeddedBroker(tmp_path_factory.mktemp("embedded") / "broker.log")
    run(embedded.start())
    try:
        yield Broker("embedded", embedded.address, transactions=False, connection=KafkaConnection(embedded.address))
    finally:
        run(embedded.stop())


@pytest.fixture(params=["embedded", "kafka"])
def broker(request: pytest.FixtureRequest) -> Broker:
    """Each broker in turn, without topics."""
    found = request.getfixturevalue(f"{request.param}_broker")
    assert isinstance(found, Broker)
    return found


@pytest.fixture
def three_nodes(
    kafka_ready: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[KafkaCluster, KafkaConnection]]:
    """Three nodes of Apache Kafka, as `deploy/kafka/three-nodes.properties` states them, for a test to kill."""
    del kafka_ready
    cluster = KafkaCluster(tmp_path_factory.mktemp("three"), "three-nodes.properties", nodes=3)
    connection = KafkaConnection(cluster.bootstrap)
    try:
        cluster.start(connection)
        yield cluster, connection
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def secured_broker(kafka_ready: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    """One node of Apache Kafka behind TLS and SCRAM, as `deploy/kafka/secured.properties` states it."""
    del kafka_ready
    folder = tmp_path_factory.mktemp("secured")
    certificates = make_certificates(program("openssl", "Kafka over TLS"), folder / "certificates")
    password = secrets.token_urlsafe()
    cluster = KafkaCluster(
        folder,
        "secured.properties",
        listener="SASL_SSL",
        overrides={
            "ssl.keystore.location": str(certificates.server),
            "ssl.truststore.location": str(certificates.authority),
        },
        environment={"KAFKA_ADMIN_PASSWORD": password},
        scram_users={"admin": password},
    )
    connection = KafkaConnection(
        cluster.bootstrap,
        security_protocol="SASL_SSL",
        username="admin",
        password=SecretStr(password),
        ca_file=str(certificates.authority),
    )
    try:
        cluster.start(connection)
        yield SecuredBroker(cluster.bootstrap, connection)
    finally:
        cluster.stop()


async def delete_topics(connection: KafkaConnection) -> None:
    """Leave a broker as empty as it was."""
    admin = AIOKafkaAdminClient(**connection.client_options())
    try:
        await admin.start()
        topics = [name for name in await admin.list_topics() if not name.startswith("__")]
        if topics:
            await admin.delete_topics(topics)
    finally:
        await admin.close()

"""The connection to a broker: what it can do, and how a producer writes to it."""

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import SecretStr

from schemas.topics import TopicSpec
from services.runtime.kafka import BrokerCapabilities, KafkaConnection, KafkaUnavailable, capabilities, make_producer
from services.runtime.ports import free_port
from services.runtime.topics import ensure_topics
from tests.brokers.fixtures import Broker, SecuredBroker


async def test_capabilities_are_those_of_the_broker(broker: Broker) -> None:
    found = await capabilities(broker.connection)
    assert (found.transactions, found.idempotence) == (broker.transactions, broker.transactions)
    assert found.cluster_id


async def test_producer_writes_confirmed_compressed_records(broker: Broker) -> None:
    await ensure_topics(broker.connection, [TopicSpec("sales.call.v1", 1)], 1)
    async with make_producer(broker.connection, await capabilities(broker.connection)) as producer:
        await producer.send_and_wait("sales.call.v1", b"value" * 100, key=b"key", headers=[("origin", b"test")])
    partition = TopicPartition("sales.call.v1", 0)
    async with AIOKafkaConsumer(**broker.connection.client_options(), enable_auto_commit=False) as consumer:
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        record = await consumer.getone()
    assert (record.key, record.value, record.headers) == (b"key", b"value" * 100, (("origin", b"test"),))


async def test_transactional_producer_hides_what_it_aborts(kafka_broker: Broker) -> None:
    connection = kafka_broker.connection
    await ensure_topics(connection, [TopicSpec("sales.call.v1", 1)], 1)
    async with make_producer(connection, await capabilities(connection), transactional_id="task-0") as producer:
        await producer.begin_transaction()
        await producer.send_and_wait("sales.call.v1", b"aborted")
        await producer.abort_transaction()
        async with producer.transaction():
            await producer.send_and_wait("sales.call.v1", b"committed")
    partition = TopicPartition("sales.call.v1", 0)
    options = connection.client_options() | {"isolation_level": "read_committed", "enable_auto_commit": False}
    async with AIOKafkaConsumer(**options) as consumer:
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        assert (await consumer.getone()).value == b"committed"


def test_transactional_id_is_refused_where_there_are_no_transactions() -> None:
    broker = BrokerCapabilities(transactions=False, idempotence=False, cluster_id=None)
    with pytest.raises(ValueError, match="no transactions"):
        make_producer(KafkaConnection("127.0.0.1:1"), broker, transactional_id="task-0")


async def test_absent_broker_is_named() -> None:
    address = f"127.0.0.1:{free_port('127.0.0.1', 0)}"
    with pytest.raises(KafkaUnavailable, match=address):
        await capabilities(KafkaConnection(address))


async def test_secured_broker_lets_the_right_password_in(secured_broker: SecuredBroker) -> None:
    connection = secured_broker.connection
    found = await capabilities(connection)
    assert found.transactions
    await ensure_topics(connection, [TopicSpec("support.ticket.v1", 1)], 1)
    async with make_producer(connection, found) as producer:
        sent = await producer.send_and_wait("support.ticket.v1", b"{}")
    assert sent.offset == 0


async def test_secured_broker_refuses_a_wrong_password(secured_broker: SecuredBroker) -> None:
    right = secured_broker.connection
    wrong = KafkaConnection(
        right.bootstrap_servers,
        security_protocol="SASL_SSL",
        username="admin",
        password=SecretStr("not the password"),
        ca_file=right.ca_file,
    )
    with pytest.raises(KafkaUnavailable) as refused:
        await capabilities(wrong)
    assert "not the password" not in str(refused.value)


async def test_secured_broker_is_not_trusted_without_its_authority(secured_broker: SecuredBroker) -> None:
    right = secured_broker.connection
    untrusting = KafkaConnection(
        right.bootstrap_servers, security_protocol="SASL_SSL", username=right.username, password=right.password
    )
    with pytest.raises(KafkaUnavailable):
        await capabilities(untrusting)

"""What the broker says of its topics: their ids, which tell a topic made anew, and their partitions.

The client has no version of this request that asks for ids, so that it is stated here.
"""

import uuid
from dataclasses import dataclass
from io import BytesIO
from typing import ClassVar

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import IncompatibleBrokerVersion, KafkaError
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

from services.runtime.kafka import KafkaConnection, KafkaUnavailable

METADATA = 3
WITH_IDS = 10
"""The version of the request from which on topics have ids."""
NO_ID = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True)
class FoundTopic:
    """A topic as the broker has it. `topic_id`: None where the broker has no ids."""

    topic_id: str | None
    partitions: int


async def found_topics(kafka: KafkaConnection) -> dict[str, FoundTopic] | None:
    """Every topic by its name; None where the broker cannot tell. Raises `KafkaUnavailable`."""
    client = AIOKafkaClient(**kafka.client_options())
    try:
        await client.bootstrap()
        answer = await client.send(client.get_random_node(), _AllTopics())
    except (IncompatibleBrokerVersion, NotImplementedError):
        return None
    except (KafkaError, TimeoutError) as error:
        raise KafkaUnavailable(kafka.bootstrap_servers, error) from error
    finally:
        await client.close()
    return {
        topic["name"]: FoundTopic(
            None if topic["topic_id"] == NO_ID else str(topic["topic_id"]), len(topic["partitions"])
        )
        for topic in answer.to_object()["topics"]
        if not topic["error_code"]
    }


class _Uuid(AbstractType[uuid.UUID]):  # type: ignore[misc] # the client has no types
    @classmethod
    def encode(cls, value: uuid.UUID) -> bytes:
        return value.bytes

    @classmethod
    def decode(cls, data: BytesIO) -> uuid.UUID:
        return uuid.UUID(bytes=data.read(16))


class _TopicsResponse(Response):  # type: ignore[misc] # the client has no types
    API_KEY = METADATA
    API_VERSION = WITH_IDS
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString()),
                ("port", Int32),
                ("rack", CompactString()),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString()),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", CompactString()),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("in_sync", CompactArray(Int32)),
                        ("offline", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("authorized_operations", Int32),
        ("tags", TaggedFields),
    )


class _TopicsRequest(RequestStruct):  # type: ignore[misc] # the client has no types
    FLEXIBLE_VERSION: ClassVar[bool] = True
    API_KEY = METADATA
    API_VERSION = WITH_IDS
    RESPONSE_TYPE = _TopicsResponse
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", _Uuid), ("name", CompactString()), ("tags", TaggedFields))),
        ("creates", Boolean),
        ("with_cluster_operations", Boolean),
        ("with_topic_operations", Boolean),
        ("tags", TaggedFields),
    )


class _AllTopics(Request[_TopicsRequest]):  # type: ignore[misc] # the client has no types
    API_KEY = METADATA

    def build(self, request_struct_class: type[_TopicsRequest]) -> _TopicsRequest:
        # No list asks for all: by name, some brokers would make a topic that is missing.
        return request_struct_class(None, False, False, False, {})

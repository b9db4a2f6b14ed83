"""The sources of a task: one for each topic of its unit."""

from collections.abc import Mapping

from kpi.tasks.source import RekeyedSource, Source, StreamSource
from kpi.units import Unit
from schemas.streams import Stream
from schemas.topics import history_topic, stream_topic


def sources_of(unit: Unit, streams: Mapping[str, Stream]) -> dict[str, Source]:
    """By topic, new sources for one partition of the unit."""
    if unit.is_second_hop:
        return {
            read.topic: RekeyedSource(
                read.topic,
                streams[read.stream],
                declared=tuple(origin for origin in unit.origins if origin.topic == stream_topic(read.stream)),
            )
            for read in unit.reads
        }
    sources: dict[str, Source] = {}
    for history, topic_of in ((False, stream_topic), (True, history_topic)):
        for name in unit.streams:
            sources[topic_of(name)] = StreamSource(topic_of(name), streams[name], history=history)
    return sources

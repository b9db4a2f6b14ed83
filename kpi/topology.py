"""Which topics a catalogue needs, and where a task's state lies among them."""

from kpi.units import units_of
from schemas.kpis import Catalogue
from schemas.topics import IMPORTS, PANES, TopicSpec, dead_topic, history_topic, late_topic, stream_topic

PANES_PARTITIONS = 4


def panes_partition(task_partition: int) -> int:
    """The partition of the panes topic that holds the state of a task of this partition."""
    return task_partition % PANES_PARTITIONS


def topic_specs(catalogue: Catalogue) -> tuple[TopicSpec, ...]:
    """Every topic of the catalogue, streams first.

    What ends up late or dead keeps its origin in headers, on one partition. All topics that a task reads have the same
    number of partitions, since the group hands those out together.
    """
    specs = []
    units = units_of(catalogue)
    # Keys of entities would move, and copies of records have to be awaited from every partition there is.
    plain = {stream for unit in units.values() if unit.entity is None and not unit.writes for stream in unit.streams}
    for name, stream in catalogue.streams.items():
        specs += [
            TopicSpec(stream_topic(name), stream.partitions, widens=name in plain),
            TopicSpec(history_topic(name), stream.partitions, widens=name in plain),
            TopicSpec(late_topic(name), 1),
            TopicSpec(dead_topic(name), 1),
        ]
    rekeyed = {topic.topic: topic for unit in units.values() for topic in unit.writes}
    specs += [TopicSpec(topic.topic, topic.partitions) for topic in rekeyed.values()]
    return (*specs, TopicSpec(PANES, PANES_PARTITIONS, compacted=True), TopicSpec(IMPORTS, 1, compacted=True))

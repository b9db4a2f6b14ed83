"""Whether the topics that tasks read are those that they have read so far."""

from collections.abc import Collection, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from kpi.plan import Plan
from kpi.tasks.refusals import CannotContinue
from kpi.tasks.task import Task
from services.aggregator.log_ends import log_ends
from services.runtime.kafka import KafkaConnection
from services.runtime.topic_ids import FoundTopic, found_topics
from services.runtime.topics import TopicMismatch, TopicMissing


class SourceTopics:
    """Asks the broker for the topics of a plan."""

    def __init__(self, kafka: KafkaConnection, plan: Plan) -> None:
        self._kafka = kafka
        self._declared = {topic: unit.partitions for unit in plan.units.values() for topic in unit.topics}
        self._seen: dict[str, str | None] = {}

    async def identify(self, tasks: Sequence[Task]) -> None:
        """Notes which topics the restored tasks go on with.

        Raises CannotContinue where one was made anew, `TopicMismatch` where it is wider or narrower than declared,
        `TopicMissing`, `KafkaUnavailable`.
        """
        names = {topic for task in tasks for topic in task.sources}
        found = await self._found(names)
        if missing := sorted(names - found.keys()):
            raise TopicMissing(missing)
        ends = await self._ends(tasks)
        for task in tasks:
            for topic, source in task.sources.items():
                end = ends.get(TopicPartition(topic, task.partition), source.position)
                source.identify(found[topic].topic_id, end)

    async def check(self) -> None:
        """Looks at all topics again while the worker runs, those included whose tasks went away with them.

        What has been deleted and not made anew is waited for. Raises as `identify`.
        """
        for name, topic in (await self._found(self._declared)).items():
            first = self._seen.setdefault(name, topic.topic_id)
            if first != topic.topic_id:
                raise CannotContinue(
                    f"the topic {name} was made anew (its id is {topic.topic_id}, and was {first}): start the worker "
                    "again, which tells whether it can go on with this one"
                )

    async def _found(self, names: Collection[str]) -> dict[str, FoundTopic]:
        known = await found_topics(self._kafka)
        if known is None:
            return {name: FoundTopic(None, self._declared[name]) for name in names}
        found = {name: known[name] for name in names if name in known}
        others = {
            name: (self._declared[name], topic.partitions)
            for name, topic in found.items()
            if topic.partitions != self._declared[name]
        }
        if others:
            raise TopicMismatch(others)
        return found

    async def _ends(self, tasks: Sequence[Task]) -> dict[TopicPartition, int]:
        """Where the logs end that were read before, uncommitted records included."""
        positions = {
            TopicPartition(topic, task.partition): source.position
            for task in tasks
            for topic, source in task.sources.items()
            if source.position
        }
        if not positions:
            return {}
        consumer = AIOKafkaConsumer(**self._kafka.client_options(), enable_auto_commit=False)
        await consumer.start()
        try:
            consumer.assign(list(positions))
            return await log_ends(consumer, positions)
        finally:
            await consumer.stop()

"""One unit after the other is rebuilt."""

from kpi.topology import topic_specs
from services.aggregator.rebuilding.refusals import RebuildRefused
from services.aggregator.rebuilding.selection import select
from services.aggregator.rebuilding.unit import Surroundings, UnitRebuild
from services.aggregator.rebuilding.watching import Done, Order, Watcher
from services.aggregator.take_over import Definitions
from services.aggregator.writing import WriterFactory
from services.runtime.clock import Clock
from services.runtime.kafka import KafkaConnection, capabilities
from services.runtime.topics import TopicMismatch, TopicMissing, check_topics

WRITE_SECONDS = 120.0


async def rebuild(
    kafka: KafkaConnection, definitions: Definitions, order: Order, clock: Clock, watcher: Watcher
) -> list[Done]:
    """Rebuilds what is asked for beside running workers, and switches readers over, unit by unit.

    Raises RebuildRefused where nothing of a unit was changed, RebuildLost; KafkaUnavailable, KafkaError,
    UnknownEncoding. `clock`: epoch milliseconds.
    """
    selections = select(definitions.catalogue, definitions.plan, order.kpis)
    try:
        # A topic that is asked for by name would be made by some brokers, in a form of their own.
        await check_topics(kafka, topic_specs(definitions.catalogue))
    except (TopicMissing, TopicMismatch) as error:
        raise RebuildRefused(str(error)) from error
    writers = WriterFactory(kafka, await capabilities(kafka), WRITE_SECONDS)
    surroundings = Surroundings(kafka, definitions, writers, clock, watcher)
    await writers.start()
    try:
        done = [
            found
            for selection in selections
            if (found := await UnitRebuild(surroundings, selection, order.moment).run()) is not None
        ]
    finally:
        await writers.stop()
    if not done:
        raise RebuildRefused("nothing has been counted yet: the first worker will count all that the topics hold")
    return done

"""When a silent partition of a live stream counts as idle."""

from aiokafka.errors import KafkaError
from faust.types import TP

from kpi.tasks.task import Task
from services.aggregator.flow import Flow
from services.aggregator.holes import count_lost
from services.aggregator.owned import OwnedTask

MARK_SECONDS = 5.0
QUIET_SECONDS = 2.0


def advance_idle(owned: OwnedTask, task: Task, flow: Flow, now: float, clock: int) -> None:
    """Advances the watermark of topics that are read to their end and were silent for the stream's idle timeout.

    `now`: seconds of the clock that `owned.heard` is kept in. `clock`: epoch milliseconds.
    """
    here = flow.here()
    for tp in owned.partitions:
        end = flow.end(tp) if tp in here else None
        if end is None:
            continue
        source = task.sources[tp.topic]
        source.end = end
        silent = (now - owned.heard.get(tp.topic, now)) * 1000
        due = now - owned.marked.get(tp.topic, 0.0) >= MARK_SECONDS
        if due and silent >= source.stream.idle_timeout and source.position >= end:
            owned.marked[tp.topic] = now
            task.advance_idle(tp.topic, clock)


async def skip_markers(owned: OwnedTask, task: Task, flow: Flow, now: float) -> None:
    """Moves a silent topic's position to the log's end where no record lies between, only markers of transactions, or
    what retention removed.

    Nothing is ever delivered for them, so that it would never count as read to its end. `now` as in `advance_idle`.
    """
    for topic, source in task.sources.items():
        place, position, end = TP(topic, owned.partition), source.position, source.end
        silent = now - owned.heard.get(topic, now) >= QUIET_SECONDS
        if silent and position < end != owned.probed.get(topic):
            try:
                if not await flow.holds_records(place, position, end):
                    beginning = await flow.beginning(place)
                    count_lost(task, topic, position, min(beginning, end))
                    task.skip(topic, position, end)
            except (KafkaError, TimeoutError):
                # Nobody answers: it is asked again.
                continue
            owned.probed[topic] = end

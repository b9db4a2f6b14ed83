"""What a silent topic still has behind a task's position.

Nothing is ever delivered for markers of transactions, nor for what retention removed. And a batch that was fetched may
be dropped on its way (Faust does where it hands out anew, and then goes back to what is committed, unless that is
nothing); a gap before the next record tells of it, but there may be none for a long time.
"""

import structlog
from aiokafka.errors import KafkaError
from faust.types import TP

from kpi.tasks.task import Task
from services.aggregator.flow import Flow
from services.aggregator.holes import count_lost
from services.aggregator.owned import Holdings, OwnedTask

log = structlog.get_logger(__name__)

QUIET_SECONDS = 2.0
DROPPED_SECONDS = 5.0
"""Silent for so long with records to come, and they are asked for again: longer than a fetch and its way take."""


async def catch_up(owned: OwnedTask, task: Task, holdings: Holdings, flow: Flow, now: float) -> None:
    """Of each silent topic that is not read to its end: moves the position there if no record lies between, and asks
    for the records if there are some.

    `now`: seconds of the clock that `owned.heard` is kept in.
    """
    for topic, source in task.sources.items():
        place, position, end = TP(topic, owned.partition), source.position, source.end
        silent = now - owned.heard.get(topic, now)
        if silent < QUIET_SECONDS or position >= end:
            continue
        try:
            if owned.probed.get(topic) == (position, end) or await flow.holds_records(place, position, end):
                owned.probed[topic] = position, end
                if silent >= DROPPED_SECONDS:
                    await _ask_again(owned, place, holdings, flow, now)
            else:
                beginning = await flow.beginning(place)
                count_lost(task, topic, position, min(beginning, end))
                task.skip(topic, position, end)
        except (KafkaError, TimeoutError):
            # Nobody answers, or it is not ours any more: it is asked again.
            continue


async def _ask_again(owned: OwnedTask, place: TP, holdings: Holdings, flow: Flow, now: float) -> None:
    # What is paused on purpose goes on by itself.
    paused = any(reader.throttled or reader.recovered is None for reader in holdings.readers(place))
    wanted = holdings.place(place)
    if paused or wanted is None or flow.rebalancing:
        return
    log.info("records did not come, and are asked for again", task=owned.name, topic=place.topic, offset=wanted)
    owned.heard[place.topic] = now
    await flow.read_from({place: wanted})

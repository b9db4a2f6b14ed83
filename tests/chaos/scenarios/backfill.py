"""Two years of history beside live traffic."""

from collections.abc import Sequence

from kpi.planning import plan
from tests.chaos.arena import Arena
from tests.chaos.declared import DAY, HISTORY, HOUR, KEPT
from tests.chaos.load import T0, LoadOptions, Message, draw
from tests.chaos.reading import read_panes
from tests.chaos.scenario import scenario
from tests.chaos.sending import Feed

BEGIN, END = T0 - 2 * 365 * DAY, T0 - DAY
BLOCKS = {"1m": HOUR, "15m": DAY}
"""Panes leave their retention by so many milliseconds at once."""


@scenario("backfill", times=8, fewer=2, sentence="Two years of history are backfilled beside live traffic.")
def backfill(arena: Arena) -> None:
    """The ids and keys of the history are those of the live events, and have nothing to do with them. It ends a day
    before those, so that some of each grain's panes are kept.
    """
    messages = history(arena)
    feed = Feed(arena.kafka, messages, arena.size.seconds)
    feed.start()
    for _ in arena.faults():
        worker = arena.pick()
        arena.sleep(arena.random.uniform(0, arena.gap() / 2))
        worker.kill()
        arena.note(f"kill -9 of {worker}")
        arena.replace(worker)
    feed.finish()
    arena.count(messages)
    arena.say(f"{len(messages)} records of history were sent")
    arena.checks.append(lambda: _retained(arena))


def history(arena: Arena) -> Sequence[Message]:
    """Half as many events as there are live ones, over two years."""
    load = draw(arena.seed, LoadOptions(events=arena.size.events // 2, begin=BEGIN, span=END - BEGIN))
    return [message._replace(topic=HISTORY[message.topic]) for message in load.messages]


def _retained(arena: Arena) -> Sequence[str]:
    """Panes are kept from exactly the block on that the retention says, by the watermark of the live records."""
    panes, told = read_panes(arena.kafka), []
    counting = {group.unit for group in plan(arena.declared).groups.values()}
    for task, progress in panes.progress.items():
        if task.partition("/")[0] not in counting:
            continue
        live = [standing for topic, standing in progress.topics.items() if topic not in HISTORY.values()]
        watermark = min(standing.watermark or 0 for standing in live)
        for grain, block in BLOCKS.items():
            wanted = (watermark - KEPT[grain]) // block * block
            if progress.retained.get(grain) != wanted:
                told.append(f"{task} keeps panes of {grain} from {progress.retained.get(grain)} on, not {wanted}")
    return told

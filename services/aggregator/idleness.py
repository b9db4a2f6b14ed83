"""When a silent partition of a live stream counts as idle."""

from kpi.tasks.task import Task
from services.aggregator.flow import Flow
from services.aggregator.owned import OwnedTask

MARK_SECONDS = 5.0


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

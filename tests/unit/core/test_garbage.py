"""What a batch and a flush leave behind is gone at once, without the collector of cycles, which seldom comes by."""

import gc
from collections import Counter

import numpy as np
import pytest

from kpi.planning import plan
from kpi.tasks.source import RawBatch
from kpi.tasks.task import Task
from services.runtime.catalogue import load
from tests.chaos.declared import CATALOGUE
from tests.chaos.load import LoadOptions, draw

ROUNDS, WARM = 4, 2


@pytest.mark.parametrize("unit", ["chaos.call", "chaos.deal", "chaos.lead", "ticket"])
def test_nothing_that_a_task_makes_refers_to_itself(unit: str) -> None:
    catalogue = load([CATALOGUE], default=False)
    planned = plan(catalogue)
    task = Task(catalogue, planned, planned.units[unit], 0, "one")
    messages = [message for message in draw(1, LoadOptions(events=8_000)).messages if message.partition == 0]
    [topic] = {message.topic for message in messages} & set(task.sources)
    values = [message.value for message in messages if message.topic == topic]
    size = len(values) // ROUNDS

    def work(number: int) -> None:
        offsets = np.arange(number * size, (number + 1) * size)
        task.take(topic, RawBatch([values[offset] for offset in offsets], offsets, [0] * size))
        assert task.flush(0) is not None

    for number in range(WARM):
        work(number)
    gc.collect()
    gc.disable()
    try:
        for number in range(WARM, ROUNDS):
            work(number)
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        found = Counter(type(each).__name__ for each in gc.garbage)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert found == {}

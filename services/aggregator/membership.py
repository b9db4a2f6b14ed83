"""Which tasks a worker has, as the group hands out partitions."""

import asyncio
from collections.abc import Iterator

from faust.types import TP

from kpi.plan import Plan
from services.aggregator.owned import Holdings, OwnedTask
from services.aggregator.refusing import Refusing
from services.aggregator.regaining import Regaining
from services.runtime.topics import TopicMismatch


def possible_tasks(plan: Plan, partitions: set[TP]) -> Iterator[OwnedTask]:
    """The tasks all of whose partitions are among these."""
    for unit in plan.units.values():
        for partition in range(unit.partitions):
            mine = tuple(TP(topic, partition) for topic in unit.topics)
            if partitions.issuperset(mine):
                yield OwnedTask(f"{unit.name}/{partition}", unit.name, partition, mine)


def check_declared(plan: Plan, partitions: set[TP]) -> None:
    """Raises TopicMismatch where a partition lies beyond what is declared: no task would read it."""
    declared = {topic: unit.partitions for unit in plan.units.values() for topic in unit.topics}
    found: dict[str, tuple[int, int]] = {}
    for topic, partition in sorted(partitions):
        if topic in declared and partition >= declared[topic]:
            found[topic] = declared[topic], partition + 1
    if found:
        raise TopicMismatch(found)


class Membership:
    """Follows the group. `fenced`: whether a writer shuts earlier owners out; then what stays needs no new take-over.

    `joined`: whether the group has assigned something, or nothing.
    """

    def __init__(self, plan: Plan, holdings: Holdings, regaining: Regaining, refusing: Refusing, *, fenced: bool):
        self._plan, self._holdings, self._fenced = plan, holdings, fenced
        self._regaining, self._refusing = regaining, refusing
        self.joined = False

    def assign(self, partitions: set[TP]) -> None:
        """Starts what is new and drops what is gone; returns at once, since no heartbeat is sent until it does.

        Without transactions everything is new each time.
        """
        self.joined = True
        try:
            check_declared(self._plan, partitions)
        except TopicMismatch as error:
            self._refusing.refuse(error)
        holdings, now = self._holdings, asyncio.get_running_loop().time()
        wanted = {owned.name: owned for owned in possible_tasks(self._plan, partitions)}
        # Where nothing shuts an earlier owner out, only the log tells whether somebody else had a task meanwhile.
        kept = wanted.keys() if self._fenced else set()
        for owned in holdings.drop(holdings.owned.keys() - kept):
            self._regaining.let_go(owned)
        for owned in holdings.owned.values():
            owned.keep(now)
        new = [owned for name, owned in wanted.items() if name not in holdings.owned]
        holdings.put(new)
        self._regaining.take_over(new)

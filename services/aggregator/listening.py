"""Whether a worker is listening. Silence of a partition counts only as long as somebody would have heard a record."""

from faust.types import TP

from kpi.tasks.task import Task
from services.aggregator.flow import Flow
from services.aggregator.idleness import advance_idle
from services.aggregator.owned import Holdings, OwnedTask

LISTEN_SECONDS = 1.0
DEAF_SECONDS = 5.0
"""A broker answers each fetch within `FETCH_WAIT_MS`, also where there is nothing."""


class Listening:
    """Begins silence anew wherever the process stood still, or a partition's leader has not answered for a while."""

    def __init__(self, holdings: Holdings, flow: Flow) -> None:
        self._holdings, self._flow = holdings, flow
        self._checked = float("-inf")
        self._answers: dict[TP, tuple[int | None, float]] = {}
        """By partition, the last answer, and when it was first seen."""

    def check(self, now: float) -> None:
        """To be called each `LISTEN_SECONDS`. `now`: seconds of the clock that `OwnedTask.heard` is kept in."""
        stood_still, here = not self.listens(now), self._flow.here()
        self._checked = now
        for owned in self._holdings.owned.values():
            for tp in owned.partitions:
                answer = self._flow.answered(tp) if tp in here else None
                last, since = self._answers.get(tp, (None, now))
                if stood_still or answer != last:
                    since = now
                self._answers[tp] = answer, since
                if stood_still or answer is None or now - since > DEAF_SECONDS:
                    owned.heard[tp.topic] = now

    def advance(self, owned: OwnedTask, task: Task, now: float, clock: int) -> None:
        """See `advance_idle`; nothing where this process stood still and has not been checked since."""
        if self.listens(now):
            advance_idle(owned, task, self._flow, now, clock)

    def listens(self, now: float) -> bool:
        """Whether it was checked a short while ago: if not, this process stood still."""
        return now - self._checked <= DEAF_SECONDS

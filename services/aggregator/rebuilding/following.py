"""All tasks of a unit, built anew and read up to where the workers stand."""

from collections.abc import Mapping

from services.aggregator.rebuilding.panes_log import PanesLog
from services.aggregator.rebuilding.replaying import Replay
from services.aggregator.rebuilding.watching import Watcher
from services.runtime.clock import Clock

CLOSE_RECORDS = 2_000
"""So few records left to read are read while the workers are shut out."""
MOST_ROUNDS = 50


class Following:
    """The replays of a unit's tasks by name. `ids`: of topics, where the broker tells.

    `anew`: by task, topics whose former log, which was counted, is gone.
    """

    def __init__(self, panes: PanesLog, ids: Mapping[str, str | None], clock: Clock, watcher: Watcher) -> None:
        self.panes, self.ids, self._clock, self._watcher = panes, ids, clock, watcher
        self.replays: dict[str, Replay] = {}
        self.anew: dict[str, frozenset[str]] = {}

    async def add(self, name: str, replay: Replay) -> None:
        """Takes on a task."""
        progress = self.panes.tasks[name].progress
        known = {} if progress is None else progress.topics
        await replay.begin({topic: told.position for topic, told in known.items()})
        anew = frozenset(
            topic
            for topic, told in known.items()
            if told.position > replay.ends.get(topic, told.position) or self._is_another(topic, told.topic_id)
        )
        replay.built.keeps_leaving = bool(anew)
        self.replays[name], self.anew[name] = replay, anew

    def _is_another(self, topic: str, known: str | None) -> bool:
        found = self.ids.get(topic)
        return None not in (known, found) and known != found

    def stops(self, name: str) -> dict[str, int]:
        """Up to where each topic is to be read: where the workers stand; of topics made anew, their end."""
        progress, replay = self.panes.tasks[name].progress, self.replays[name]
        if progress is None:
            return {}
        stops = {topic: told.position for topic, told in progress.topics.items() if topic in replay.starts}
        return stops | {topic: replay.ends[topic] for topic in self.anew[name]}

    def remaining(self) -> int:
        """How many records are still to be read."""
        return sum(replay.remaining(self.stops(name)) for name, replay in self.replays.items())

    async def read(self) -> None:
        """Reads up to where the workers are known to stand."""
        for name, replay in self.replays.items():
            marks = self.panes.tasks[name].marks
            marks = {place: mark for place, mark in marks.items() if place[0] not in self.anew[name]}
            await replay.run(self.stops(name), marks, self._clock(), self._watcher.advance)

    async def come_close(self) -> None:
        """Reads until the workers are ahead by little, or by no less than before."""
        left = self.remaining()
        for _ in range(MOST_ROUNDS):
            await self.read()
            for replay in self.replays.values():
                replay.flush(self._clock())
            await self.panes.catch_up()
            before, left = left, self.remaining()
            if left <= CLOSE_RECORDS or left >= before:
                return
